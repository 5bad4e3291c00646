import type { DoorState, LiftState } from '#contracts/fleet.ts';
import type { Site } from '#contracts/site.ts';
import { type Instant, instant } from '#contracts/units.ts';
import { silentLog } from '#runtime/log.ts';
import type { MissionRecord } from '../domain/mission.ts';
import { type MissionWish, planMission } from '../domain/plan-mission.ts';
import { importLif } from '../map/import-lif.ts';
import { restore } from '../restore.ts';
import { openFleetStore } from '../store.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DoorWish, LiftWish } from './facilities.ts';
import { PaperRobot } from './paper-robot.ts';
import { newUnit, type World } from './world.ts';

/** A house in virtual time for tests: robots on paper, lifts and doors, and the real dispatcher with its store in memory. */

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

export interface HouseOnPaper {
  /** Of the running dispatcher: another one after a crash. */
  readonly world: World;
  readonly robots: ReadonlyMap<string, PaperRobot>;
  /** Closed missions in the order in which they ended. */
  readonly closed: ReadonlyMap<string, MissionRecord>;
  now(): Instant;
  send(wish: MissionWish): MissionRecord;
  cancel(mission: string): void;
  /** Runs for `seconds` in steps of 100 ms; `look` sees every step. */
  run(seconds: number, look?: () => void): void;
  /** The process dies at its next write, before it reaches the disk or just after, and another one starts from what is on disk. */
  crashAtNextWrite(when: 'before' | 'after'): void;
}

class Crash extends Error {}

type Layout = Parameters<typeof importLif>[0];

/** Opens a house whose lifts take 3 s a move and whose doors take 1 s, with a paper robot for each robot of the site, at home. */
export function houseOnPaper(site: Site, layout: Layout, seed: number): HouseOnPaper {
  const { graph } = importLif(layout, site);
  const random = seeded(seed);
  const store = openFleetStore(':memory:');
  let now = instant(1_800_000_000_000);
  let ids = 0;
  let crash: 'before' | 'after' | undefined;
  const robots = new Map((site.robots ?? []).map((r) => [r.id, new PaperRobot(r.id, graph, r.home, random, now)]));
  const lifts = new Map((site.lifts ?? []).map((l) => [l.id, liftState(l.id, l.stops[0]!.floor, now)]));
  const doors = new Map((site.doors ?? []).map((d) => [d.id, doorState(d.id, now)]));
  const closed = new Map<string, MissionRecord>();
  const later: { at: number; run: () => void }[] = [];
  const askLift = (wish: LiftWish) => {
    const state = lifts.get(wish.lift)!;
    if (wish.verb === 'release') {
      if (state.session === wish.session) lifts.set(wish.lift, liftState(wish.lift, state.floor, now));
      return;
    }
    if (state.mode !== 'automatic' || (state.session !== undefined && state.session !== wish.session)) return;
    const floor = wish.floor ?? state.floor;
    const isHere = state.floor === floor && state.doors === 'open';
    lifts.set(wish.lift, { ...liftState(wish.lift, state.floor, now), doors: isHere ? 'open' : 'closed', session: wish.session });
    const arrive = () => {
      const { mode, session } = lifts.get(wish.lift)!;
      if (mode === 'automatic' && session === wish.session)
        lifts.set(wish.lift, { ...liftState(wish.lift, floor, now), doors: 'open', session: wish.session });
    };
    later.push({ at: now + 3000, run: arrive });
  };
  const askDoor = (wish: DoorWish) => {
    const state = wish.verb === 'open' ? 'open' : 'closed';
    later.push({ at: now + 1000, run: () => doors.set(wish.door, { ...doorState(wish.door, now), state }) });
  };
  const start = (): { world: World; dispatcher: Dispatcher } => {
    const world: World = {
      graph,
      site,
      units: new Map((site.robots ?? []).map((r) => [r.id, newUnit(r, robots.get(r.id)!, now)])),
      missions: new Map(),
      lifts,
      doors,
      tags: new Map(),
      beds: new Map(),
      presence: new Map(),
      fleet: { state: 'moving', since: now },
      newId: () => `id-${ids++}`,
    };
    restore(world, store, now, silentLog());
    const dispatcher = new Dispatcher({
      world,
      save(changes) {
        if (crash === 'before') throw new Crash('before the write');
        store.save(changes);
        if (crash === 'after') throw new Crash('after the write');
      },
      askLift,
      askDoor,
    });
    return { world, dispatcher };
  };
  let process = start();

  const step = () => {
    try {
      process.dispatcher.step(now);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      crash = undefined;
      process = start();
      process.dispatcher.step(now);
    }
  };
  return {
    get world() {
      return process.world;
    },
    robots,
    closed,
    now: () => now,
    send(wish) {
      const planned = planMission(wish, site, graph);
      if (!planned.ok) throw new Error(planned.because);
      const mission = `m-${ids++}`;
      const record: MissionRecord = {
        nodes: [],
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
      crash = undefined;
      process.dispatcher.put(record);
      return record;
    },
    cancel(mission) {
      const record = process.world.missions.get(mission);
      if (record) process.dispatcher.put({ ...record, cancel: 'cancelled by test' });
    },
    run(seconds, look) {
      for (const end = now + seconds * 1000; now < end; ) {
        now = instant(now + 100);
        for (const robot of robots.values()) robot.tick(now);
        for (const due of later.filter((l) => l.at <= now)) {
          later.splice(later.indexOf(due), 1);
          due.run();
        }
        step();
        look?.();
      }
      for (const record of store.untoldMissions()) closed.set(record.mission.mission, record);
    },
    crashAtNextWrite(when) {
      crash = when;
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
