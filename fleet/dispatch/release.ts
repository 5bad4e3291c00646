import type { Instant } from '#contracts/units.ts';
import type { Leg, LegStep } from '../adapters/adapter.ts';
import { canPassDoor, canPassLiftDoor } from '../domain/lift.ts';
import type { Traffic } from '../domain/traffic/traffic.ts';
import { no, type Verdict, yes } from '../domain/verdict.ts';
import { type NavEdge, nodeOf } from '../map/nav-graph.ts';
import { START_PREFIX } from './observe.ts';
import { type Changes, nodeAt, readiness, setLeg, type Unit, type World, wait } from './world.ts';

/** A robot is released this far ahead, so that it need not brake at every node, and no farther: what is released cannot be taken back. */
const AHEAD_METRES = 8;
const AHEAD_EDGES_MIN = 2;
const AHEAD_EDGES_MAX = 8;
/** Planned steps shown to the robot behind the released ones. */
const HORIZON_MAX = 20;

/** Reserves the robot's way as far as it is free and safe, and releases what doors and lifts allow. */
export function advance(
  world: World,
  traffic: Traffic,
  unit: Unit,
  locked: ReadonlyMap<string, string>,
  changes: Changes,
  now: Instant,
): void {
  const obstacle = obstacleOf(world, unit, now);
  if (obstacle !== undefined) {
    wait(unit, obstacle, now);
    return;
  }
  const leg = unit.leg;
  if (leg?.action || (leg && !isSettled(unit, leg))) {
    wait(unit, undefined, now);
    return;
  }
  if (unit.plan.length === 0) {
    if (leg && leg.steps.length > leg.released) extend(world, unit, leg, [], changes);
    wait(unit, unit.actionWaits, now);
    return;
  }
  const taken = reserve(world, traffic, unit);
  const gate = release(world, unit, locked, changes, now);
  const stands = !unit.leg || unit.passed === unit.leg.released - 1;
  wait(unit, stands ? (gate ?? taken) : undefined, now);
}

function obstacleOf(world: World, unit: Unit, now: Instant): string | undefined {
  const notReady = readiness(unit);
  if (notReady !== undefined) return notReady;
  if (world.fleet.state === 'stopped') return 'all robots are stopped';
  if (unit.view.isPaused) return 'is paused';
  if (unit.leg?.isCancelled) return 'is being called back';
  if (unit.rest && unit.rest.until > now) return unit.rest.because;
  return undefined;
}

/** The robot has shown the last update; before that another one might never find its place. */
const isSettled = (unit: Unit, leg: Leg): boolean => {
  const progress = unit.view.progress;
  return progress?.order === leg.order && progress.update >= leg.update && progress.status === 'accepted';
};

function reserve(world: World, traffic: Traffic, unit: Unit): string | undefined {
  const { graph } = world;
  const ahead = unit.leg ? unit.leg.steps.slice(unit.passed, unit.leg.released) : [];
  let metres = 0;
  for (let i = 1; i < ahead.length; i++) metres += Math.hypot(ahead[i]!.x - ahead[i - 1]!.x, ahead[i]!.y - ahead[i - 1]!.y);
  let edges = Math.max(0, ahead.length - 1) + unit.reserved;
  for (const edge of unit.plan.slice(0, unit.reserved)) metres += edge.metres;
  while (unit.reserved < unit.plan.length && edges < AHEAD_EDGES_MAX && (edges < AHEAD_EDGES_MIN || metres < AHEAD_METRES)) {
    const last = unit.plan[unit.reserved - 1];
    // What lies behind a cabin is reserved from within the cabin, not from the lobby.
    if (last && nodeOf(graph, last.to).lift !== undefined) return undefined;
    const edge = unit.plan[unit.reserved]!;
    const verdict = traffic.take(unit.id, 2);
    if (!verdict.ok) return verdict.because;
    unit.reserved++;
    edges++;
    metres += edge.metres;
  }
  return undefined;
}

function release(world: World, unit: Unit, locked: ReadonlyMap<string, string>, changes: Changes, now: Instant): string | undefined {
  const free: NavEdge[] = [];
  let because: string | undefined;
  for (const edge of unit.plan.slice(0, unit.reserved)) {
    const verdict = canEnter(world, unit, edge, locked);
    if (!verdict.ok) {
      because = verdict.because;
      break;
    }
    free.push(edge);
  }
  if (free.length > 0) {
    if (unit.leg) extend(world, unit, unit.leg, free, changes);
    else begin(world, unit, free, changes, now);
  }
  return because;
}

/** Doors open and, between lobby and cabin, the lift here, open and held for this robot. */
function canEnter(world: World, unit: Unit, edge: NavEdge, locked: ReadonlyMap<string, string>): Verdict {
  for (const door of edge.doors) {
    const by = locked.get(door);
    const verdict = canPassDoor(door, world.doors.get(door), by === unit.mission ? undefined : by);
    if (!verdict.ok) return verdict;
  }
  const [from, to] = [nodeOf(world.graph, edge.from), nodeOf(world.graph, edge.to)];
  const lift = from.lift ?? to.lift;
  if (lift === undefined) return yes;
  const verdict = canPassLiftDoor(lift, world.lifts.get(lift), to.floor, unit.id);
  if (edge.ride === undefined) return verdict;
  // The ride is released in the cabin, when the lift has come to the other floor: then the vehicle changes its map and drives out.
  if (world.fleet.state === 'fire') return no(`stands in lift ${lift}, which is left alone in a fire`);
  if (nodeAt(unit) !== from.id) return no(`boards lift ${lift}`);
  return verdict.ok ? yes : no(verdict.because.replace('waits for lift', 'rides in lift'));
}

const horizonOf = (world: World, plan: readonly NavEdge[]): LegStep[] => plan.slice(0, HORIZON_MAX).map((edge) => stepOf(world, edge));

function stepOf(world: World, edge: NavEdge): LegStep {
  const { id, x, y, floor } = nodeOf(world.graph, edge.to);
  return { node: id, x, y, floor, edge: edge.id, ...(edge.speedMax === undefined ? {} : { speedMax: edge.speedMax }) };
}

function extend(world: World, unit: Unit, leg: Leg, free: readonly NavEdge[], changes: Changes): void {
  unit.plan = unit.plan.slice(free.length);
  unit.reserved -= free.length;
  const base = leg.steps.slice(0, leg.released);
  const added = [...free.map((edge) => stepOf(world, edge)), ...horizonOf(world, unit.plan)];
  const next: Leg = {
    ...leg,
    update: leg.update + 1,
    steps: [...base, ...added],
    released: leg.released + free.length,
    stitchedAt: leg.released - 1,
  };
  setLeg(unit, changes, next);
  changes.effects.push(() => unit.adapter.follow(next));
}

function begin(world: World, unit: Unit, free: readonly NavEdge[], changes: Changes, now: Instant): void {
  const start = startOf(world, unit);
  if (!start) return;
  if (unit.place.kind === 'node' && unit.view.pose && unit.view.pose.floor !== start.floor) {
    // It has ridden and still believes to be on the floor before: it would refuse an order that begins here.
    const node = nodeOf(world.graph, unit.place.node);
    changes.effects.push(() => unit.adapter.relocate(node));
    return;
  }
  unit.plan = unit.plan.slice(free.length);
  unit.reserved -= free.length;
  unit.passed = 0;
  const leg: Leg = {
    order: world.newId(),
    update: 0,
    steps: [start, ...free.map((edge) => stepOf(world, edge)), ...horizonOf(world, unit.plan)],
    released: 1 + free.length,
    stitchedAt: 0,
    isAccepted: false,
    isCancelled: false,
    startedAt: now,
  };
  setLeg(unit, changes, leg);
  changes.effects.push(() => unit.adapter.follow(leg));
}

/** An order begins where the robot stands: at a node, or between two at a node of its own (a vehicle refuses a first node that is elsewhere). */
export function startOf(world: World, unit: Unit): LegStep | undefined {
  const { place } = unit;
  if (place.kind === 'node') {
    const { id, x, y, floor } = nodeOf(world.graph, place.node);
    return { node: id, x, y, floor };
  }
  if (place.kind === 'corridor') {
    const { x, y, floor } = place.pose;
    return { node: `${START_PREFIX}${x.toFixed(2)},${y.toFixed(2)}`, x, y, floor };
  }
  return undefined;
}
