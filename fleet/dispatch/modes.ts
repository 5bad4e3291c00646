import { type Instant, instant } from '#contracts/units.ts';
import { costsTo } from '../map/shortest-path.ts';
import { baseEnd, type Changes, readiness, type Unit, type World } from './world.ts';

/** After a stop robots are told to go on this long; a robot that was paused by hand meanwhile stays paused. */
const RESUME_MS = 15_000;

/** Stops, resumes and shelters robots, as the state of the fleet demands. Called in every step: a robot that comes back is stopped too. */
export function enforceMode(world: World, changes: Changes, now: Instant): void {
  for (const unit of world.units.values()) {
    if (unit.view.connection !== 'online') continue;
    if (world.fleet.state === 'stopped') {
      if (!unit.view.isPaused) changes.effects.push(() => unit.adapter.pause());
    } else if (unit.resumesUntil !== undefined) {
      if (!unit.view.isPaused || now > unit.resumesUntil) delete unit.resumesUntil;
      else changes.effects.push(() => unit.adapter.resume());
    }
  }
  if (world.fleet.state === 'fire') shelter(world);
}

export function setMode(world: World, state: World['fleet']['state'], by: string | undefined, now: Instant): void {
  const wasStopped = world.fleet.state === 'stopped';
  world.fleet = { state, since: now, ...(by === undefined ? {} : { by: by.slice(0, 64) }) };
  for (const unit of world.units.values()) {
    if (state !== 'fire') delete unit.shelter;
    if (state === 'stopped') delete unit.resumesUntil;
    else if (wasStopped) unit.resumesUntil = instant(now + RESUME_MS);
    delete unit.detour;
  }
}

/** Each robot gets the nearest holding point of its own floor that no other has; without one it stays where it is. */
function shelter(world: World): void {
  const taken = new Set([...world.units.values()].flatMap((unit) => (unit.shelter === undefined ? [] : [unit.shelter])));
  const isOnFoot = (edge: { ride?: string }) => edge.ride === undefined;
  for (const unit of world.units.values()) {
    const at = baseEnd(unit);
    const floor = world.graph.nodes.get(at ?? '')?.floor;
    if (unit.shelter !== undefined || at === undefined || floor === undefined) continue;
    let nearest: { node: string; cost: number } | undefined;
    for (const node of world.site.holdingPoints ?? []) {
      if (taken.has(node) || world.graph.nodes.get(node)?.floor !== floor) continue;
      const cost = costsTo(world.graph, node, { isBlocked: (edge) => !isOnFoot(edge) }).get(at);
      if (cost !== undefined && (!nearest || cost < nearest.cost)) nearest = { node, cost };
    }
    unit.shelter = nearest?.node ?? at;
    taken.add(unit.shelter);
  }
}

/** An idle robot at home is charged below this, and asked again after a while if it does not begin. */
const CHARGE_BELOW_PERCENT = 85;
const CHARGE_AGAIN_MS = 60_000;

/** Uses idle time at the charger. The adapter takes a robot off it before the next order. */
export function chargeIdle(world: World, changes: Changes, now: Instant): void {
  if (world.fleet.state !== 'moving') return;
  for (const unit of world.units.values()) {
    const { view, place } = unit;
    const isIdle =
      unit.mission === undefined && !unit.leg && place.kind === 'node' && place.node === unit.home && readiness(unit) === undefined;
    const isCharger = world.site.chargers === undefined || world.site.chargers.includes(unit.home);
    if (!isIdle || !isCharger || view.isCharging || view.batteryPercent === undefined || view.batteryPercent >= CHARGE_BELOW_PERCENT)
      continue;
    if (unit.chargeAskedAt !== undefined && now - unit.chargeAskedAt < CHARGE_AGAIN_MS) continue;
    unit.chargeAskedAt = now;
    changes.effects.push(() => unit.adapter.charge());
  }
}

/** Robots that have not confirmed the stop. */
export const notReached = (units: Iterable<Unit>): string[] =>
  [...units].filter((unit) => unit.view.connection !== 'online' || !unit.view.isPaused).map((unit) => unit.id);
