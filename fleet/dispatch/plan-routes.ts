import type { Instant } from '#contracts/units.ts';
import { phaseIndex } from '../domain/mission.ts';
import { findBackOff } from '../domain/traffic/back-off.ts';
import { Traffic } from '../domain/traffic/traffic.ts';
import { type NavEdge, nodeOf } from '../map/nav-graph.ts';
import { aheadOf, claimOf, type Routes, stopsAfter } from './routing.ts';
import { baseEnd, readiness, type Unit, type World, wait } from './world.ts';

/** Another way is looked for when a robot has stood this long, and not again before as long. */
const REROUTE_AFTER_MS = 5000;
const BACK_OFF_AFTER_MS = 3000;
/** So far ahead a robot looks for what is in its way. */
const REROUTE_EDGES = 12;
/** A detour may cost this much more than the way that is taken up. */
const DETOUR_FACTOR = 2;
const DETOUR_SECONDS = 40;

/** Where the robot should go now. */
export function goalOf(world: World, unit: Unit): string {
  if (world.fleet.state === 'fire') return unit.shelter ?? baseEnd(unit) ?? unit.home;
  if (unit.detour !== undefined) return unit.detour;
  const record = unit.mission === undefined ? undefined : world.missions.get(unit.mission);
  return (record ? record.nodes[phaseIndex(record)] : undefined) ?? unit.home;
}

/** Keeps the robot's plan leading to its goal. A plan that holds is not touched, so that what is reserved stays reserved. */
export function planRoute(world: World, routes: Routes, unit: Unit, closed: ReadonlySet<string>, now: Instant): void {
  const goal = goalOf(world, unit);
  const from = baseEnd(unit);
  if (unit.leg?.action || unit.leg?.isCancelled) {
    setPlan(unit, goal, []);
    return;
  }
  if (unit.goal === goal && isGood(unit, from, goal, closed)) return;
  const plan = from === undefined ? wayFromCorridor(world, routes, unit, goal) : from === goal ? [] : routes.between(from, goal);
  setPlan(unit, goal, plan ?? []);
  if (!plan && readiness(unit) === undefined) wait(unit, `there is no way from ${from ?? 'here'} to ${goal}`, now);
}

function isGood(unit: Unit, from: string | undefined, goal: string, closed: ReadonlySet<string>): boolean {
  const first = unit.plan[0];
  if (from === goal) return first === undefined;
  if (first === undefined || unit.plan.at(-1)!.to !== goal) return false;
  if (from !== undefined && first.from !== from) return false;
  if (from === undefined && (unit.place.kind !== 'corridor' || first.resource !== unit.place.edge.resource)) return false;
  return !unit.plan.some((edge) => closed.has(edge.id));
}

export function setPlan(unit: Unit, goal: string, plan: readonly NavEdge[]): void {
  unit.goal = goal;
  unit.plan = plan;
  unit.reserved = 0;
}

/** Between two nodes a robot can go on to the end of its corridor, or back where an edge leads back. */
function wayFromCorridor(world: World, routes: Routes, unit: Unit, goal: string): readonly NavEdge[] | undefined {
  if (unit.place.kind !== 'corridor') return undefined;
  const { edge } = unit.place;
  const starts = [edge, ...[...world.graph.edges.values()].filter((e) => e.from === edge.to && e.to === edge.from)];
  const ways = starts.flatMap((start) => {
    const rest = start.to === goal ? [] : routes.between(start.to, goal);
    return rest ? [[start, ...rest]] : [];
  });
  const seconds = (way: readonly NavEdge[]) => way.reduce((sum, e) => sum + e.costSeconds, 0);
  return ways.sort((a, b) => seconds(a) - seconds(b))[0];
}

export const trafficOf = (world: World, routes: Routes, now: Instant): Traffic =>
  new Traffic(
    [...world.units.values()].map((unit) => claimOf(world, routes, unit, now)),
    routes.finishing,
  );

/** A robot that has waited takes another way that is free, where one exists that is safe and not much longer. */
export function reroute(world: World, routes: Routes, traffic: Traffic, unit: Unit, now: Instant): void {
  if (unit.plan.length === 0 || unit.waitingSince === undefined || now - unit.waitingSince < REROUTE_AFTER_MS) return;
  if (unit.reroutedAt !== undefined && now - unit.reroutedAt < REROUTE_AFTER_MS) return;
  const from = baseEnd(unit);
  if (from === undefined || readiness(unit) !== undefined || unit.leg?.action || unit.leg?.isCancelled) return;
  unit.reroutedAt = now;
  const goal = unit.goal!;
  // What is held far ahead will have changed by the time that the robot comes there.
  const near = unit.plan.slice(0, REROUTE_EDGES).flatMap((edge) => [edge.resource, nodeOf(world.graph, edge.to).resource]);
  const held = new Set(near.filter((resource) => traffic.holderOf(resource, unit.id) !== undefined));
  if (held.size === 0) return;
  const way = routes.avoiding(from, goal, (resource) => held.has(resource));
  const seconds = (edges: readonly NavEdge[]) => edges.reduce((sum, e) => sum + e.costSeconds, 0);
  if (!way || way[0]?.id === unit.plan[0]!.id || seconds(way) > seconds(unit.plan) * DETOUR_FACTOR + DETOUR_SECONDS) return;
  const before = { plan: unit.plan, reserved: unit.reserved };
  setPlan(unit, goal, way);
  const claim = claimOf(world, routes, unit, now);
  if (!traffic.enter(claim)) Object.assign(unit, before);
}

/**
 * Robots that wait for one another (after a fault, or placed so by hand) are taken apart: one of them, or one that stands idle in their way,
 * makes way to the nearest free node from which more of them can go on.
 */
export function backOff(world: World, routes: Routes, traffic: Traffic, now: Instant): void {
  const blocked = traffic.blocked().filter(({ id }) => {
    const { waitingSince, detour } = world.units.get(id)!;
    return detour === undefined && waitingSince !== undefined && now - waitingSince >= BACK_OFF_AFTER_MS;
  });
  if (blocked.length === 0) return;
  const wanted = new Set(blocked.flatMap((claim) => claim.ahead));
  const isInTheWay = (unit: Unit) => traffic.claimOf(unit.id)!.holds.some((resource) => wanted.has(resource));
  const standing = [...world.units.values()].filter((unit) => canMakeWay(unit) && isInTheWay(unit));
  // Who carries nothing for anybody goes first.
  standing.sort((a, b) => Number(a.mission !== undefined) - Number(b.mission !== undefined));
  for (const unit of standing) {
    const stops = [unit.goal!, ...stopsAfter(world, unit)];
    const found = findBackOff(world.graph, traffic, { id: unit.id, at: baseEnd(unit)! }, (node) =>
      aheadOf(world.graph, routes, [], node, stops),
    );
    if (!found) continue;
    unit.detour = found.node;
    setPlan(unit, found.node, found.edges);
    wait(unit, `makes way for ${found.frees.join(', ')} to ${found.node}`, now);
    return;
  }
}

const canMakeWay = (unit: Unit): boolean =>
  readiness(unit) === undefined &&
  unit.detour === undefined &&
  unit.goal !== undefined &&
  !unit.leg?.action &&
  !unit.leg?.isCancelled &&
  unit.reserved === 0 &&
  (!unit.leg || unit.passed === unit.leg.released - 1) &&
  baseEnd(unit) !== undefined;

/** A detour ends where it led, or where no way leads on to it any more. */
export function endDetour(unit: Unit): void {
  if (unit.detour === undefined) return;
  const at = baseEnd(unit);
  const isThere = at === unit.detour && !unit.leg;
  const isCutOff = at !== undefined && at !== unit.detour && unit.plan.length === 0;
  if (isThere || isCutOff) delete unit.detour;
}
