import { randomBytes } from 'node:crypto';
import type { AlarmKindName } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';
import { type Instant, instant } from '#contracts/units.ts';
import { type Migration, openStore, type Store } from '#runtime/store.ts';
import type { KeyState } from './domain/episode.ts';
import type { Transition } from './domain/step.ts';

const migrations: readonly Migration[] = [
  `CREATE TABLE key_state (key TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE transition (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     alarm TEXT NOT NULL, ward TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
     what TEXT NOT NULL, at INTEGER NOT NULL, person TEXT, message TEXT
   );
   CREATE INDEX transition_by_ward ON transition (ward, sequence);
   CREATE INDEX transition_by_alarm ON transition (alarm);
   CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE identity (prefix TEXT NOT NULL);`,
];

export interface KeyWrite {
  readonly key: string;
  readonly state: KeyState;
  readonly about: { readonly ward: string; readonly kind: string; readonly subject: string };
  readonly transitions: readonly Transition[];
}

export interface Announcement {
  readonly sequence: number;
  readonly message: Alarm;
}

export interface LoggedTransition {
  readonly alarm: string;
  readonly ward: string;
  readonly kind: AlarmKindName;
  readonly subject: string;
  readonly what: string;
  readonly at: Instant;
  readonly person?: string;
}

export interface LedgerStore extends AsyncDisposable {
  /** Tells this ledger's alarm names from those of one before it whose store was lost. */
  readonly prefix: string;
  /** Highest number that an alarm was named with. */
  readonly named: number;
  /** Transitions up to this number were with the broker. */
  readonly announcedUpTo: number;
  load(): { readonly states: ReadonlyMap<string, KeyState>; readonly unannounced: readonly Announcement[] };
  /** One durable commit; gives what is to be published, in the order given. Throws OperationalError DISK_FULL. */
  write(writes: readonly KeyWrite[], announcedUpTo: number, named: number): Announcement[];
  log(ward: string | undefined, limit: number): LoggedTransition[];
  /** The last published form of an alarm that is closed. */
  lastOf(alarm: string): Alarm | undefined;
  /** Forgets some of the transitions older than `before`; call now and then. */
  prune(before: Instant): void;
}

type TransitionRow = Omit<LoggedTransition, 'person'> & { person: string | null };

type LedgerFile = Store<Record<string, never>>;
export const openLedgerFile = (file: string): LedgerFile => openStore(file, migrations);

export function ledgerStoreIn(store: LedgerFile): LedgerStore {
  const { raw } = store;
  const saveState = raw.prepare('INSERT INTO key_state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET state = excluded.state');
  const addTransition = raw.prepare(
    'INSERT INTO transition (alarm, ward, kind, subject, what, at, person, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const setMark = raw.prepare('INSERT INTO mark VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const getMark = raw.prepare('SELECT value FROM mark WHERE name = ?');
  const columns = 'alarm, ward, kind, subject, what, at, person';
  const newest = raw.prepare(`SELECT ${columns} FROM transition ORDER BY sequence DESC LIMIT ?`);
  const newestOfWard = raw.prepare(`SELECT ${columns} FROM transition WHERE ward = ? ORDER BY sequence DESC LIMIT ?`);
  const markOf = (name: string) => (getMark.get(name) as { value: number } | undefined)?.value ?? 0;
  const known = raw.prepare('SELECT prefix FROM identity').get() as { prefix: string } | undefined;
  const prefix = known?.prefix ?? randomBytes(3).toString('hex');
  if (!known) raw.prepare('INSERT INTO identity VALUES (?)').run(prefix);

  return {
    prefix,
    named: markOf('named'),
    announcedUpTo: markOf('announced'),
    load() {
      const rows = raw.prepare('SELECT key, state FROM key_state').all() as { key: string; state: string }[];
      const unannounced = raw
        .prepare('SELECT sequence, message FROM transition WHERE sequence > ? AND message IS NOT NULL ORDER BY sequence')
        .all(markOf('announced')) as { sequence: number; message: string }[];
      return {
        states: new Map(rows.map(({ key, state }) => [key, JSON.parse(state) as KeyState])),
        unannounced: unannounced.map(({ sequence, message }) => ({ sequence, message: JSON.parse(message) as Alarm })),
      };
    },
    write: (writes, announcedUpTo, named) =>
      store.commit(() => {
        const announcements: Announcement[] = [];
        for (const { key, state, about, transitions } of writes) {
          saveState.run(key, JSON.stringify(state));
          for (const { what, at, alarm, person, message } of transitions) {
            const { ward, kind, subject } = about;
            const text = message ? JSON.stringify(message) : null;
            const { lastInsertRowid } = addTransition.run(alarm, ward, kind, subject, what, at, person ?? null, text);
            if (message) announcements.push({ sequence: Number(lastInsertRowid), message });
          }
        }
        setMark.run('announced', announcedUpTo);
        setMark.run('named', named);
        return announcements;
      }),
    log(ward, limit) {
      const rows = (ward === undefined ? newest.all(limit) : newestOfWard.all(ward, limit)) as unknown as TransitionRow[];
      return rows.map(({ person, at, ...rest }) => ({ ...rest, at: instant(at), ...(person === null ? {} : { person }) }));
    },
    lastOf(alarm) {
      const row = raw
        .prepare('SELECT message FROM transition WHERE alarm = ? AND message IS NOT NULL ORDER BY sequence DESC LIMIT 1')
        .get(alarm) as { message: string } | undefined;
      return row && (JSON.parse(row.message) as Alarm);
    },
    prune: (before) =>
      void store.commit(() =>
        raw
          .prepare('DELETE FROM transition WHERE at < ? AND sequence IN (SELECT sequence FROM transition ORDER BY sequence LIMIT 5000)')
          .run(before),
      ),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      if (raw.isOpen) raw.close();
    },
  };
}
