import type { DoorState, FleetState, LiftState } from '#contracts/fleet.ts';
import type { Robot as RobotOfSite, Site } from '#contracts/site.ts';
import type { Instant } from '#contracts/units.ts';
import type { Location, Occupancy, Presence } from '#contracts/ward-state.ts';
import type { Leg, RobotAdapter, RobotView } from '../adapters/adapter.ts';
import type { Candidate } from '../domain/allocation.ts';
import type { MissionRecord } from '../domain/mission.ts';
import { locate, NODE_TOLERANCE_METRES, type Place } from '../map/locate.ts';
import type { NavEdge, NavGraph } from '../map/nav-graph.ts';

/** One robot as the dispatcher works with it. */
export interface Unit {
  readonly id: string;
  readonly kind: RobotOfSite['kind'];
  readonly home: string;
  readonly batteryPercentMin: number;
  readonly adapter: RobotAdapter;
  view: RobotView;
  place: Place;
  /** Last node that was believed; on disk, so that a robot not heard of yet keeps its place. */
  node?: string;
  leg?: Leg;
  /** Index of the last step of the leg that was reached. */
  passed: number;
  mission?: string;
  goal?: string;
  /** From the end of what is released to the goal. */
  plan: readonly NavEdge[];
  /** How many edges of the plan are reserved, not released yet. */
  reserved: number;
  /** A node to make way to, before anything else. */
  detour?: string;
  /** Holding point in a fire. */
  shelter?: string;
  /** Why the action of the mission's phase does not begin yet. */
  actionWaits?: string;
  waitsFor?: string;
  waitingSince?: Instant;
  /** No new order until then. */
  rest?: { readonly until: Instant; readonly because: string };
  refusals: number;
  cancelledAt?: Instant;
  resumesUntil?: Instant;
  chargeAskedAt?: Instant;
  awaySince?: Instant;
  /** Not ready for orders since then. */
  downSince?: Instant;
  reroutedAt?: Instant;
}

export type FleetMode = Pick<FleetState, 'state' | 'since' | 'by'>;

/** Everything that a decision may rest on. */
export interface World {
  readonly graph: NavGraph;
  readonly site: Site;
  readonly units: ReadonlyMap<string, Unit>;
  /** Open missions. */
  readonly missions: Map<string, MissionRecord>;
  readonly lifts: Map<string, LiftState>;
  readonly doors: Map<string, DoorState>;
  readonly tags: Map<string, Location>;
  readonly beds: Map<string, Occupancy>;
  readonly presence: Map<string, Presence>;
  fleet: FleetMode;
  readonly newId: () => string;
}

/** What a step changed: written to disk in one transaction, then carried out. */
export interface Changes {
  readonly missions: Map<string, MissionRecord>;
  readonly units: Set<Unit>;
  readonly effects: (() => void)[];
}

export const noChanges = (): Changes => ({ missions: new Map(), units: new Set(), effects: [] });

export const BATTERY_PERCENT_MIN = 20;

export function newUnit(robot: RobotOfSite, adapter: RobotAdapter, now: Instant): Unit {
  return {
    id: robot.id,
    kind: robot.kind,
    home: robot.home,
    batteryPercentMin: robot.minBatteryPercent ?? BATTERY_PERCENT_MIN,
    adapter,
    view: adapter.view(now),
    place: { kind: 'unknown', because: 'it has not spoken yet' },
    passed: 0,
    plan: [],
    reserved: 0,
    refusals: 0,
  };
}

/** Keeps a mission's new state; a closed one leaves the open ones. */
export function keep(world: World, changes: Changes, record: MissionRecord): void {
  const { mission } = record;
  if (mission.isClosed) world.missions.delete(mission.mission);
  else world.missions.set(mission.mission, record);
  changes.missions.set(mission.mission, record);
}

export function setLeg(unit: Unit, changes: Changes, leg: Leg | undefined): void {
  if (leg) unit.leg = leg;
  else delete unit.leg;
  changes.units.add(unit);
}

/** Ready to take orders: connected, automatic, not stopped by a fault, its place believed. */
export function readiness(unit: Unit): string | undefined {
  const { view } = unit;
  if (view.connection !== 'online') return 'is not connected';
  if (view.mode !== 'automatic') return `is in ${view.mode} mode`;
  const fatal = view.faults.find((fault) => fault.level === 'fatal');
  if (fatal) return `has a fault: ${fatal.text ?? fatal.type}`;
  if (view.isStopped) return 'is stopped by its emergency stop or by somebody in its way';
  if (!unit.leg && unit.place.kind === 'unknown') return `is not routed: ${unit.place.because}`;
  return undefined;
}

/** Somebody in the way, a short loss of connection: nobody is led around a robot that stands for less than this. */
const DOWN_MS = 10_000;

/** Will not move by itself: an obstacle to be driven around, not somebody to wait for. */
export const isObstacle = (unit: Unit, now: Instant): boolean =>
  unit.downSince !== undefined && (unit.view.seenAt === undefined || now - unit.downSince >= DOWN_MS);

/** Where the next stretch begins: the end of what is released, or where the robot stands. Undefined between nodes and where its place is not known. */
export function baseEnd(unit: Unit): string | undefined {
  if (unit.leg) return unit.leg.steps[unit.leg.released - 1]!.node;
  return unit.place.kind === 'node' ? unit.place.node : undefined;
}

/** The node that the robot reached last. */
export function nodeAt(unit: Unit): string | undefined {
  if (unit.leg) return unit.leg.steps[unit.passed]!.node;
  return unit.place.kind === 'node' ? unit.place.node : undefined;
}

/** The robot's place by its own word, or the last one known. */
export function placeOf(graph: NavGraph, unit: Unit): Place {
  const { pose, lastNode } = unit.view;
  const reached = graph.nodes.get(unit.node ?? '');
  // A vehicle that does not change its map in a lift says the old floor; where it was last seen to arrive counts.
  if (pose && reached?.lift !== undefined && lastNode === reached.id && pose.floor !== reached.floor && isNear(reached, pose))
    return { kind: 'node', node: reached.id };
  const isKnown = lastNode !== undefined && graph.nodes.has(lastNode);
  if (unit.view.seenAt === undefined)
    return unit.node === undefined ? { kind: 'unknown', because: 'it has not spoken yet' } : { kind: 'node', node: unit.node };
  return locate(graph, pose, isKnown ? lastNode : pose ? undefined : unit.node);
}

const isNear = (a: { x: number; y: number }, b: { x: number; y: number }): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) <= NODE_TOLERANCE_METRES;

export function candidateOf(unit: Unit, now: Instant): Candidate {
  const { view, rest } = unit;
  const node = baseEnd(unit) ?? (unit.place.kind === 'corridor' ? unit.place.edge.to : undefined);
  return {
    id: unit.id,
    kind: unit.kind,
    connection: view.connection,
    mode: view.mode,
    batteryPercentMin: unit.batteryPercentMin,
    isFaulty: view.isStopped || view.faults.some((fault) => fault.level === 'fatal'),
    ...(view.batteryPercent === undefined ? {} : { batteryPercent: view.batteryPercent }),
    ...(node === undefined ? {} : { node }),
    ...(unit.mission === undefined ? {} : { mission: unit.mission }),
    ...(rest && rest.until > now ? { restsBecause: rest.because } : {}),
  };
}

/** Says why the unit does not go on; the clock of waiting runs while it waits for anything. */
export function wait(unit: Unit, because: string | undefined, now: Instant): void {
  if (because === undefined) {
    delete unit.waitsFor;
    delete unit.waitingSince;
    return;
  }
  unit.waitsFor = because.slice(0, 300);
  unit.waitingSince ??= now;
}
