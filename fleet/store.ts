import type { Mission } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';
import { openStore, type Store } from '#runtime/store.ts';
import type { Leg } from './adapters/adapter.ts';
import type { FleetFinding } from './dispatch/findings.ts';
import type { Changes, FleetMode } from './dispatch/world.ts';
import type { MissionRecord } from './domain/mission.ts';

const MIGRATIONS = [
  `CREATE TABLE mission (id TEXT PRIMARY KEY, request_key TEXT, is_closed INTEGER NOT NULL, is_told INTEGER NOT NULL DEFAULT 0,
     created_at REAL NOT NULL, record TEXT NOT NULL) STRICT;
   CREATE INDEX mission_by_age ON mission (created_at);
   CREATE INDEX mission_open ON mission (is_closed) WHERE is_closed = 0;
   CREATE TABLE transition (id INTEGER PRIMARY KEY, mission TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, phases TEXT NOT NULL, because TEXT) STRICT;
   CREATE INDEX transition_by_mission ON transition (mission);
   CREATE TABLE unit (robot TEXT PRIMARY KEY, node TEXT, passed INTEGER NOT NULL, leg TEXT) STRICT;
   CREATE TABLE fleet (id INTEGER PRIMARY KEY CHECK (id = 1), mode TEXT NOT NULL) STRICT;
   CREATE TABLE header (robot TEXT NOT NULL, topic TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (robot, topic)) STRICT;
   CREATE TABLE finding (key TEXT PRIMARY KEY, occurrence INTEGER NOT NULL, since REAL NOT NULL, present TEXT) STRICT;`,
];

/** Headers are numbered in blocks of this many, so that not every message needs a disk sync to keep its number unique. */
const HEADER_BLOCK = 1000;
const KEEP_CLOSED_MS = 180 * 86_400_000;

export interface KeptUnit {
  readonly node?: string;
  readonly passed: number;
  readonly leg?: Leg;
}

export interface KeptFinding {
  readonly occurrence: number;
  readonly since: Instant;
  readonly present?: FleetFinding;
}

/** What fleet must not lose: missions with every transition, orders as they were sent, the state of the fleet. */
export interface FleetStore extends AsyncDisposable {
  openMissions(): MissionRecord[];
  /** Closed missions whose end may not have been told yet. */
  untoldMissions(): MissionRecord[];
  missionByKey(key: string): MissionRecord | undefined;
  missionById(id: string): MissionRecord | undefined;
  latestMissions(limit: number): Mission[];
  units(): Map<string, KeptUnit>;
  mode(): FleetMode | undefined;
  findings(): Map<string, KeptFinding>;
  /** One durable transaction: on disk when it returns. */
  save(changes: Changes, mode?: FleetMode): void;
  saveFinding(key: string, finding: KeptFinding): void;
  markTold(mission: string): void;
  takeHeaderBlock(robot: string, topic: string): { from: number; until: number };
  forgetOld(now: Instant): void;
}

export function openFleetStore(file: string): FleetStore {
  const store: Store<unknown> = openStore(file, MIGRATIONS);
  const { raw } = store;
  const putMission = raw.prepare(
    `INSERT INTO mission (id, request_key, is_closed, created_at, record) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET is_closed = excluded.is_closed, record = excluded.record`,
  );
  const addTransition = raw.prepare('INSERT INTO transition (mission, at, state, phases, because) VALUES (?, ?, ?, ?, ?)');
  const putUnit = raw.prepare('INSERT OR REPLACE INTO unit (robot, node, passed, leg) VALUES (?, ?, ?, ?)');
  const putMode = raw.prepare('INSERT OR REPLACE INTO fleet (id, mode) VALUES (1, ?)');
  const putFinding = raw.prepare('INSERT OR REPLACE INTO finding (key, occurrence, since, present) VALUES (?, ?, ?, ?)');
  const records = (sql: string, ...args: (string | number)[]): MissionRecord[] =>
    (raw.prepare(sql).all(...args) as { record: string }[]).map(({ record }) => JSON.parse(record) as MissionRecord);

  return {
    openMissions: () => records('SELECT record FROM mission WHERE is_closed = 0 ORDER BY created_at'),
    untoldMissions: () => records('SELECT record FROM mission WHERE is_closed = 1 AND is_told = 0 ORDER BY created_at'),
    missionByKey: (key) => records('SELECT record FROM mission WHERE request_key = ? AND is_closed = 0', key)[0],
    missionById: (id) => records('SELECT record FROM mission WHERE id = ?', id)[0],
    latestMissions: (limit) =>
      records('SELECT record FROM mission ORDER BY created_at DESC, rowid DESC LIMIT ?', limit).map((r) => r.mission),
    units: () =>
      new Map(
        (
          raw.prepare('SELECT robot, node, passed, leg FROM unit').all() as {
            robot: string;
            node: string | null;
            passed: number;
            leg: string | null;
          }[]
        ).map(({ robot, node, passed, leg }) => [
          robot,
          { passed, ...(node === null ? {} : { node }), ...(leg === null ? {} : { leg: JSON.parse(leg) as Leg }) },
        ]),
      ),
    mode() {
      const row = raw.prepare('SELECT mode FROM fleet').get() as { mode: string } | undefined;
      return row && (JSON.parse(row.mode) as FleetMode);
    },
    findings: () =>
      new Map(
        (
          raw.prepare('SELECT key, occurrence, since, present FROM finding').all() as {
            key: string;
            occurrence: number;
            since: Instant;
            present: string | null;
          }[]
        ).map(({ key, occurrence, since, present }) => [
          key,
          { occurrence, since, ...(present === null ? {} : { present: JSON.parse(present) as FleetFinding }) },
        ]),
      ),
    save(changes, mode) {
      store.commit(() => {
        for (const record of changes.missions.values()) {
          const { mission, key } = record;
          putMission.run(mission.mission, key ?? null, mission.isClosed ? 1 : 0, mission.createdAt, JSON.stringify(record));
          const phases = mission.phases.map((p) => `${p.kind} ${p.place} ${p.state}`).join('; ');
          addTransition.run(mission.mission, mission.at, mission.state, phases, mission.because ?? null);
        }
        for (const unit of changes.units) putUnit.run(unit.id, unit.node ?? null, unit.passed, unit.leg ? JSON.stringify(unit.leg) : null);
        if (mode) putMode.run(JSON.stringify(mode));
      });
    },
    saveFinding(key, { occurrence, since, present }) {
      store.commit(() => putFinding.run(key, occurrence, since, present ? JSON.stringify(present) : null));
    },
    markTold: (mission) => void raw.prepare('UPDATE mission SET is_told = 1 WHERE id = ?').run(mission),
    takeHeaderBlock(robot, topic) {
      return store.commit(() => {
        const row = raw.prepare('SELECT until FROM header WHERE robot = ? AND topic = ?').get(robot, topic) as
          | { until: number }
          | undefined;
        // uint32: VDA 5050 §6.4.
        const from = (row?.until ?? 0) + HEADER_BLOCK > 2 ** 32 - 1 ? 0 : (row?.until ?? 0);
        raw.prepare('INSERT OR REPLACE INTO header (robot, topic, until) VALUES (?, ?, ?)').run(robot, topic, from + HEADER_BLOCK);
        return { from, until: from + HEADER_BLOCK };
      });
    },
    forgetOld(now) {
      store.commit(() => {
        raw
          .prepare('DELETE FROM transition WHERE mission IN (SELECT id FROM mission WHERE is_closed = 1 AND created_at < ?)')
          .run(now - KEEP_CLOSED_MS);
        raw.prepare('DELETE FROM mission WHERE is_closed = 1 AND created_at < ?').run(now - KEEP_CLOSED_MS);
      });
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
