import type { DoorState, LiftState } from '#contracts/fleet.ts';
import type { Site } from '#contracts/site.ts';
import { type Instant, instant } from '#contracts/units.ts';
import type { Leg, LegProgress, RobotAdapter, RobotView } from '../adapters/adapter.ts';
import type { MissionRecord } from '../domain/mission.ts';
import { planMission } from '../domain/plan-mission.ts';
import { importLif } from '../map/import-lif.ts';
import { type NavGraph, type NavNode, nodeOf } from '../map/nav-graph.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DoorWish, LiftWish } from './facilities.ts';
import { type Changes, newUnit, type Unit, type World } from './world.ts';

/** A house in virtual time for tests: robots on paper, lifts and doors, and the real dispatcher. */

/** Small repeatable random numbers (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A robot on paper: drives its released steps, each in a time drawn by chance, and shows orders late now and then. */
export class PaperRobot implements RobotAdapter {
  readonly robot: string;
  readonly #graph: NavGraph;
  readonly #random: () => number;
  node: string;
  leg: Leg | undefined;
  passed = 0;
  loads = 0;
  isPaused = false;
  connection: RobotView['connection'] = 'online';
  fault: string | undefined;
  /** How often each action order has been carried out. */
  readonly acted = new Map<string, number>();
  #shown: { leg: Leg; at: number } | undefined;
  #arrivesAt: number | undefined;
  #actsUntil: number | undefined;
  #isCancelling = false;
  #hasEnded = false;
  #now: number;

  constructor(robot: string, graph: NavGraph, node: string, random: () => number, now: Instant) {
    this.robot = robot;
    this.#graph = graph;
    this.#random = random;
    this.node = node;
    this.#now = now;
  }

  /** The corridor that it is in just now, else the node. */
  get isDriving(): boolean {
    return this.#arrivesAt !== undefined;
  }

  get nextEdge(): string | undefined {
    return this.#arrivesAt === undefined ? undefined : this.leg?.steps[this.passed + 1]?.edge;
  }

  follow(leg: Leg): void {
    if (this.#shown && this.#shown.leg.order === leg.order && this.#shown.leg.update === leg.update) return;
    this.#shown = { leg, at: this.#now + 50 + this.#random() * 800 };
  }
  cancel(): void {
    this.#isCancelling = true;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  relocate(node: NavNode): void {
    this.node = node.id;
  }
  charge(): void {
    this.#shown = undefined;
  }

  tick(now: Instant): void {
    this.#now = now;
    if (this.#shown && now >= this.#shown.at) this.#take(this.#shown.leg);
    if (this.isPaused || this.connection !== 'online' || this.fault !== undefined) {
      if (this.#arrivesAt !== undefined) this.#arrivesAt += 100;
      return;
    }
    const leg = this.leg;
    if (!leg || this.#hasEnded) return;
    if (this.#arrivesAt !== undefined && now >= this.#arrivesAt) this.#arrive(leg);
    if (this.#isCancelling && this.#arrivesAt === undefined) {
      this.#hasEnded = true;
      return;
    }
    if (this.#arrivesAt === undefined && this.passed + 1 < leg.released) this.#depart(leg, now);
    else if (this.passed === leg.steps.length - 1) this.#act(leg, now);
  }

  view(now: Instant): RobotView {
    const { x, y, floor } = nodeOf(this.#graph, this.node);
    return {
      connection: this.connection,
      mode: 'automatic',
      pose: { x, y, theta: 0, floor },
      lastNode: this.node,
      batteryPercent: 90,
      isCharging: false,
      isDriving: this.isDriving,
      isPaused: this.isPaused,
      loads: this.loads,
      faults: this.fault === undefined ? [] : [{ type: 'fault', level: 'fatal', text: this.fault }],
      isStopped: false,
      seenAt: now,
      ...(this.leg ? { progress: this.#progress(this.leg) } : {}),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leg = undefined;
  }

  #progress(leg: Leg): LegProgress {
    const isDone = this.passed === leg.steps.length - 1 && this.#arrivesAt === undefined;
    const acted = leg.action ? this.acted.has(leg.action.id) : true;
    const status = this.#hasEnded || (isDone && acted) ? 'ended' : this.#isCancelling ? 'cancelling' : 'accepted';
    return {
      order: leg.order,
      update: leg.update,
      status,
      passed: this.passed,
      ...(leg.action ? { action: acted ? ('finished' as const) : ('running' as const) } : {}),
    };
  }

  #take(leg: Leg): void {
    if (this.leg?.order !== leg.order) {
      this.passed = 0;
      this.#arrivesAt = undefined;
      this.#actsUntil = undefined;
      this.#isCancelling = false;
      this.#hasEnded = false;
    }
    this.leg = leg;
    this.#shown = this.#shown?.leg === leg ? undefined : this.#shown;
  }

  #depart(leg: Leg, now: Instant): void {
    const edge = this.#graph.edges.get(leg.steps[this.passed + 1]!.edge!)!;
    const dawdle = this.#random() < 0.05 ? 8000 : 0;
    this.#arrivesAt = now + Math.max(200, edge.metres * 1000 * (0.7 + this.#random())) + dawdle;
  }

  #arrive(leg: Leg): void {
    this.#arrivesAt = undefined;
    this.passed++;
    this.node = leg.steps[this.passed]!.node;
  }

  #act(leg: Leg, now: Instant): void {
    const { action } = leg;
    if (!action || this.acted.has(action.id)) return;
    this.#actsUntil ??= now + 500 + this.#random() * 3000;
    if (now < this.#actsUntil) return;
    this.acted.set(action.id, (this.acted.get(action.id) ?? 0) + 1);
    if (action.kind === 'load') this.loads++;
    if (action.kind === 'unload') this.loads--;
  }
}

export interface HouseOnPaper {
  readonly world: World;
  readonly dispatcher: Dispatcher;
  readonly robots: ReadonlyMap<string, PaperRobot>;
  readonly closed: MissionRecord[];
  /** Every save, newest last: what would be on disk. */
  readonly saves: Changes[];
  now(): Instant;
  send(wish: Parameters<typeof planMission>[0], key?: string): MissionRecord;
  /** Runs for `seconds` in steps of 100 ms; `look` sees every step. */
  run(seconds: number, look?: () => void): void;
}

type Layout = Parameters<typeof importLif>[0];

/** Opens a house whose lifts take 3 s a move and whose doors take 1 s, with a paper robot for each robot of the site, at home. */
export function houseOnPaper(site: Site, layout: Layout, seed: number): HouseOnPaper {
  const { graph } = importLif(layout, site);
  const random = seeded(seed);
  let now = instant(1_800_000_000_000);
  let ids = 0;
  const robots = new Map((site.robots ?? []).map((r) => [r.id, new PaperRobot(r.id, graph, r.home, random, now)]));
  const units = new Map<string, Unit>((site.robots ?? []).map((r) => [r.id, newUnit(r, robots.get(r.id)!, now)]));
  const world: World = {
    graph,
    site,
    units,
    missions: new Map(),
    lifts: new Map((site.lifts ?? []).map((l) => [l.id, liftState(l.id, l.stops[0]!.floor, now)])),
    doors: new Map((site.doors ?? []).map((d) => [d.id, doorState(d.id, now)])),
    tags: new Map(),
    beds: new Map(),
    presence: new Map(),
    fleet: { state: 'moving', since: now },
    newId: () => `id-${ids++}`,
  };
  const later: { at: number; run: () => void }[] = [];
  const saves: Changes[] = [];
  const closed: MissionRecord[] = [];
  const askLift = (wish: LiftWish) => {
    const state = world.lifts.get(wish.lift)!;
    if (wish.verb === 'release') {
      if (state.session === wish.session) world.lifts.set(wish.lift, liftState(wish.lift, state.floor, now));
      return;
    }
    if (state.session !== undefined && state.session !== wish.session) return;
    const floor = wish.floor ?? state.floor;
    world.lifts.set(wish.lift, { ...liftState(wish.lift, state.floor, now), session: wish.session });
    later.push({
      at: now + 3000,
      run: () => world.lifts.set(wish.lift, { ...liftState(wish.lift, floor, now), doors: 'open', session: wish.session }),
    });
  };
  const askDoor = (wish: DoorWish) => {
    const state = wish.verb === 'open' ? 'open' : 'closed';
    later.push({ at: now + 1000, run: () => world.doors.set(wish.door, { ...doorState(wish.door, now), state }) });
  };
  const dispatcher = new Dispatcher({ world, save: (changes) => void saves.push(changes), askLift, askDoor });
  return {
    world,
    dispatcher,
    robots,
    closed,
    saves,
    now: () => now,
    send(wish, key) {
      const planned = planMission(wish, site, graph);
      if (!planned.ok) throw new Error(planned.because);
      const mission = `m-${ids++}`;
      const record: MissionRecord = {
        nodes: [],
        ...(key === undefined ? {} : { key }),
        mission: {
          schema: 'mission.v1',
          mission,
          kind: wish.kind,
          state: 'waiting',
          phases: planned.phases,
          ...(planned.zone === undefined ? {} : { zone: planned.zone }),
          isUrgent: false,
          requestedBy: 'test',
          createdAt: now,
          revision: 1,
          at: now,
          isClosed: false,
        },
      };
      dispatcher.put(record);
      return record;
    },
    run(seconds, look) {
      for (const end = now + seconds * 1000; now < end; ) {
        now = instant(now + 100);
        for (const robot of robots.values()) robot.tick(now);
        for (const due of later.filter((l) => l.at <= now)) {
          later.splice(later.indexOf(due), 1);
          due.run();
        }
        for (const record of dispatcher.step(now).missions) if (record.mission.isClosed) closed.push(record);
        look?.();
      }
    },
  };
}

const liftState = (lift: string, floor: string, at: Instant): LiftState => ({
  schema: 'lift-state.v1',
  lift,
  floor,
  doors: 'closed',
  mode: 'automatic',
  at,
});
const doorState = (door: string, at: Instant): DoorState => ({ schema: 'door-state.v1', door, state: 'closed', at });
