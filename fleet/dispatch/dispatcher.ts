import type { Instant } from '#contracts/units.ts';
import type { MissionRecord } from '../domain/mission.ts';
import { type DoorWish, FacilityRequests, type LiftWish, wantedDoors, wantedLifts } from './facilities.ts';
import { STOPPED_FOR_MS, type StoppedDisinfection } from './findings.ts';
import { allocate, explainWait, proceed, STOPPED, settle } from './missions.ts';
import { chargeIdle, enforceMode } from './modes.ts';
import { observe } from './observe.ts';
import { backOff, endDetour, planRoute, reroute, trafficOf } from './plan-routes.ts';
import { advance } from './release.ts';
import { closedEdges, lockedDoors, Routes } from './routing.ts';
import { type Changes, keep, noChanges, type Unit, type World } from './world.ts';

export interface DispatcherOptions {
  readonly world: World;
  /** Makes a step's changes durable; only then is anything sent. */
  readonly save: (changes: Changes) => void;
  readonly askLift: (wish: LiftWish) => void;
  readonly askDoor: (wish: DoorWish) => void;
}

/** What one step did, for those who tell others. */
export interface StepResult {
  readonly missions: readonly MissionRecord[];
}

/**
 * The one place where robots are moved: looks at everything, decides, writes down, then sends. A step is quick and may run at any time; between
 * two steps nothing is promised to anybody.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #routes: Routes;
  readonly #facilities = new FacilityRequests();
  #pending: Changes = noChanges();
  #stopped: StoppedDisinfection[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#routes = new Routes(options.world.graph);
  }

  get world(): World {
    return this.#options.world;
  }

  /** Disinfections that were broken off a short while ago. */
  get stopped(): readonly StoppedDisinfection[] {
    return this.#stopped;
  }

  /** A change from outside (a new mission, a cancellation): durable when this returns. */
  put(record: MissionRecord): void {
    const changes = noChanges();
    keep(this.world, changes, record);
    this.#options.save(changes);
    for (const [id, kept] of changes.missions) this.#pending.missions.set(id, kept);
  }

  step(now: Instant): StepResult {
    const { world } = this;
    const changes = noChanges();
    const units = [...world.units.values()];
    for (const unit of units) {
      const outcome = observe(world, unit, changes, now);
      if (outcome) settle(world, unit, outcome, changes, now);
      endDetour(unit);
      proceed(world, unit, changes, now);
    }
    this.#dropCancelled(changes, now);
    enforceMode(world, changes, now);

    const locked = lockedDoors(world);
    const closed = closedEdges(world, locked, now);
    this.#routes.close(closed);
    for (const unit of units) planRoute(world, this.#routes, unit, closed, now);
    const traffic = trafficOf(world, this.#routes, now);
    allocate(world, this.#routes, traffic, closed, changes, now);
    for (const unit of this.#inOrder(units)) {
      advance(world, traffic, unit, locked, changes, now);
      reroute(world, this.#routes, traffic, unit, now);
      explainWait(world, unit, changes, now);
    }
    chargeIdle(world, changes, now);
    backOff(world, this.#routes, traffic, now);
    return this.#carryOut(changes, locked, now);
  }

  /** Missions that nobody has taken yet end at once. */
  #dropCancelled(changes: Changes, now: Instant): void {
    for (const record of [...this.world.missions.values()]) {
      if (record.cancel === undefined || record.mission.state !== 'waiting') continue;
      const { mission } = record;
      const phases = mission.phases.map((phase) => ({ ...phase, state: 'skipped' as const }));
      keep(this.world, changes, {
        ...record,
        mission: {
          ...mission,
          state: 'cancelled',
          phases,
          because: record.cancel,
          isClosed: true,
          revision: mission.revision + 1,
          at: now,
        },
      });
    }
  }

  /** Who is on an urgent or older mission passes first; who only goes home comes last. */
  #inOrder(units: readonly Unit[]): Unit[] {
    const rank = (unit: Unit): number => {
      const mission = unit.mission === undefined ? undefined : this.world.missions.get(unit.mission)?.mission;
      if (unit.detour !== undefined) return 0;
      return mission ? (mission.isUrgent ? 1 : 2) + mission.createdAt / 1e14 : 4;
    };
    return [...units].sort((a, b) => rank(a) - rank(b));
  }

  #carryOut(changes: Changes, locked: ReadonlyMap<string, string>, now: Instant): StepResult {
    const { save, askDoor, askLift } = this.#options;
    if (changes.missions.size > 0 || changes.units.size > 0) save(changes);
    for (const effect of changes.effects) effect();
    for (const wish of this.#facilities.lifts(wantedLifts(this.world), now)) askLift(wish);
    for (const wish of this.#facilities.doors(wantedDoors(this.world, locked), now)) askDoor(wish);
    const told = new Map([...this.#pending.missions, ...changes.missions]);
    this.#pending = noChanges();
    for (const record of changes.missions.values())
      if (record.mission.isClosed && record.mission.because?.startsWith(STOPPED)) this.#stopped.push({ record, at: now });
    this.#stopped = this.#stopped.filter(({ at }) => now - at < STOPPED_FOR_MS);
    return { missions: [...told.values()] };
  }
}
