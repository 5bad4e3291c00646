import type { DoorRequest, LiftRequest } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';
import { RENEW_AFTER_MS } from '../domain/lift.ts';
import { type NavGraph, nodeOf } from '../map/nav-graph.ts';
import { nodeAt, readiness, type Unit, type World } from './world.ts';

export type LiftWish = Pick<LiftRequest, 'lift' | 'session' | 'verb' | 'floor'>;
export type DoorWish = Pick<DoorRequest, 'door' | 'session' | 'verb'>;

/** Robots that want a lift, and the floor that they want it on. Only who has reserved the cabin calls it, so nobody boards a lift held for another. */
export function wantedLifts(world: World): LiftWish[] {
  if (world.fleet.state === 'fire') return [];
  const wishes: LiftWish[] = [];
  for (const unit of world.units.values()) {
    if (readiness(unit) !== undefined && nodeAt(unit) === undefined) continue;
    const stop = cabinAhead(world.graph, unit);
    if (stop) wishes.push({ ...stop, session: unit.id, verb: 'call' });
  }
  return wishes;
}

/** The floor on which the lift must stand next for this robot: where it boards, where it rides to, or where it leaves. */
function cabinAhead(graph: NavGraph, unit: Unit): { lift: string; floor: string } | undefined {
  const at = nodeAt(unit);
  const here = graph.nodes.get(at ?? '');
  const ahead = unit.leg ? unit.leg.steps.slice(unit.passed + 1, unit.leg.released).map((step) => step.node) : [];
  if (here?.lift !== undefined) {
    const next = nodeOf(graph, ahead[0] ?? unit.plan[0]?.to ?? here.id);
    return { lift: here.lift, floor: next.lift === here.lift ? next.floor : here.floor };
  }
  for (const id of [...ahead, ...unit.plan.slice(0, unit.reserved).map((edge) => edge.to)]) {
    const node = graph.nodes.get(id);
    if (node?.lift !== undefined) return { lift: node.lift, floor: node.floor };
  }
  return undefined;
}

/** Doors that robots are about to drive through, and doors that a disinfection keeps closed. */
export function wantedDoors(world: World, locked: ReadonlyMap<string, string>): DoorWish[] {
  const wishes: DoorWish[] = [];
  for (const unit of world.units.values()) {
    const edges = (unit.leg?.steps.slice(unit.passed + 1, unit.leg.released) ?? []).map((step) => world.graph.edges.get(step.edge ?? ''));
    const doors = new Set([...edges, ...unit.plan.slice(0, unit.reserved)].flatMap((edge) => edge?.doors ?? []));
    for (const door of doors)
      if (!locked.has(door) || locked.get(door) === unit.mission) wishes.push({ door, session: unit.id, verb: 'open' });
  }
  for (const [door, session] of locked) wishes.push({ door, session, verb: 'close' });
  return wishes;
}

/** Turns what is wanted now into requests: at once when it changes, again before the lift or door would forget it, and a release when it ends. */
export class FacilityRequests {
  readonly #lifts = new Map<string, { wish: LiftWish; askedAt: number }>();
  readonly #doors = new Map<string, { wish: DoorWish; askedAt: number }>();

  lifts(wanted: readonly LiftWish[], now: Instant): LiftWish[] {
    const send: LiftWish[] = [];
    const keys = new Set<string>();
    for (const wish of wanted) {
      const key = `${wish.lift} ${wish.session}`;
      keys.add(key);
      const asked = this.#lifts.get(key);
      if (asked && asked.wish.floor === wish.floor && now - asked.askedAt < RENEW_AFTER_MS) continue;
      this.#lifts.set(key, { wish, askedAt: now });
      send.push(wish);
    }
    for (const [key, { wish }] of this.#lifts) {
      if (keys.has(key)) continue;
      this.#lifts.delete(key);
      send.push({ lift: wish.lift, session: wish.session, verb: 'release' });
    }
    return send;
  }

  doors(wanted: readonly DoorWish[], now: Instant): DoorWish[] {
    const send: DoorWish[] = [];
    const keys = new Set<string>();
    const stillOpened = new Set<string>();
    for (const wish of wanted) {
      const key = `${wish.door} ${wish.session} ${wish.verb}`;
      keys.add(key);
      if (wish.verb === 'open') stillOpened.add(wish.door);
      const asked = this.#doors.get(key);
      if (asked && now - asked.askedAt < RENEW_AFTER_MS) continue;
      this.#doors.set(key, { wish, askedAt: now });
      send.push(wish);
    }
    for (const [key, { wish }] of this.#doors) {
      if (keys.has(key)) continue;
      this.#doors.delete(key);
      // A door that another robot still wants open is not let go under it.
      if (wish.verb === 'close' || !stillOpened.has(wish.door)) send.push({ door: wish.door, session: wish.session, verb: 'release' });
    }
    return send;
  }
}
