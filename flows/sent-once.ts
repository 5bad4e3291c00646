import type { Instant } from '#contracts/units.ts';
import { openStore } from '#runtime/store.ts';

/** Which robots have been sent for what: a retained finding that is seen again after a restart sends no second one. */
export interface SentOnce extends Disposable {
  missionFor(key: string): string | undefined;
  remember(key: string, mission: string, at: Instant): void;
  /** The mission has failed: the next word on it may send another. */
  forget(mission: string): void;
}

const KEPT = 20_000;

export function openSentOnce(file: string): SentOnce {
  const { raw, commit } = openStore(file, [
    'CREATE TABLE sent (key TEXT PRIMARY KEY, mission TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID; CREATE INDEX sent_mission ON sent (mission); CREATE INDEX sent_at ON sent (at);',
  ]);
  const find = raw.prepare('SELECT mission FROM sent WHERE key = ?');
  const add = raw.prepare('INSERT INTO sent VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET mission = excluded.mission, at = excluded.at');
  const trim = raw.prepare('DELETE FROM sent WHERE at < (SELECT at FROM sent ORDER BY at DESC LIMIT 1 OFFSET ?)');
  const remove = raw.prepare('DELETE FROM sent WHERE mission = ?');
  return {
    missionFor: (key) => (find.get(key) as { mission: string } | undefined)?.mission,
    remember: (key, mission, at) =>
      commit(() => {
        add.run(key, mission, at);
        trim.run(KEPT);
      }),
    forget: (mission) => void remove.run(mission),
    [Symbol.dispose]: () => raw.close(),
  };
}
