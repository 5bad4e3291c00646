import { Finding } from '#contracts/findings.ts';
import { type Migration, openStore, type Store } from '#runtime/store.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import { keyOf } from './domain/episodes.ts';

interface Tables {
  finding: { key: string; body: string; is_said: number };
}

const migrations: readonly Migration[] = [
  `CREATE TABLE finding (key TEXT PRIMARY KEY, body TEXT NOT NULL, is_said INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX unsaid ON finding (is_said) WHERE is_said = 0;`,
];

export const keyOfFinding = ({ ward, kind, subject }: Finding): string => keyOf(ward, kind, subject);
export const paramsOfFinding = ({ ward, kind, subject }: Finding) => ({ ward, kind, subject });

/** The last finding of every key, present or absent: what cannot be derived again after a restart. */
export interface EpisodeStore extends AsyncDisposable {
  /** Everything kept, read once at start. */
  all(): Finding[];
  /** Those whose message the broker has not confirmed. */
  unsaid(): Finding[];
  /** Keeps a group of findings, and notes which ones the broker has confirmed. Throws OperationalError DISK_FULL. */
  keep(findings: readonly Finding[], said: readonly Finding[]): void;
}

/**
 * Commits do not wait for the disk (`synchronous=NORMAL`): a killed process loses nothing, and a group costs a tenth of a millisecond where 4 ms would
 * stop the readings of the house. A power failure may lose the last seconds; a number given twice then is told apart by its `since`, by which every
 * reader of findings orders them too.
 */
export function openEpisodeStore(file: string): EpisodeStore {
  const store: Store<Tables> = openStore<Tables>(file, migrations);
  store.raw.exec('PRAGMA synchronous=NORMAL');
  const findings = parser(Finding);
  const write = store.raw.prepare('INSERT INTO finding VALUES (?, ?, 0) ON CONFLICT (key) DO UPDATE SET body = excluded.body, is_said = 0');
  const mark = store.raw.prepare('UPDATE finding SET is_said = 1 WHERE key = ? AND body = ?');
  const read = (where: string): Finding[] =>
    (store.raw.prepare(`SELECT body FROM finding ${where}`).all() as { body: string }[]).map(({ body }) => {
      const parsed = findings.parse(JSON.parse(body));
      if (!parsed.ok) throw new Error(`a stored finding does not fit its schema: ${sayProblems(parsed.problems)}`);
      return parsed.value;
    });
  return {
    all: () => read(''),
    unsaid: () => read('WHERE is_said = 0'),
    keep(changed, said) {
      store.commit(() => {
        for (const finding of said) mark.run(keyOfFinding(finding), JSON.stringify(finding));
        for (const finding of changed) write.run(keyOfFinding(finding), JSON.stringify(finding));
      });
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
