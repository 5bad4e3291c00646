import { OperationalError } from '#runtime/errors.ts';
import { openStore } from '#runtime/store.ts';

export interface Spool extends AsyncDisposable {
  /** Durable when it returns. Throws DISK_FULL when the disk or the spool's own bound takes no more. */
  append(lines: readonly string[]): void;
  /** The oldest chunks, up to about `linesMax` lines. */
  oldest(linesMax: number): { upTo: number; lines: string; count: number; since: number } | undefined;
  /** Forgets what has been delivered. */
  delivered(upTo: number, count: number): void;
  /** Sets a chunk aside that the database will never take, so that it does not block the rest; the newest 1,000 are kept for the engineer. */
  quarantine(upTo: number, because: string): void;
  readonly depth: number;
  readonly quarantined: number;
}

const migrations = [
  `CREATE TABLE chunk (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, count INTEGER NOT NULL, lines TEXT NOT NULL);
CREATE TABLE quarantine (id INTEGER PRIMARY KEY, because TEXT NOT NULL, lines TEXT NOT NULL)`,
];

/** Bridges an outage of the database: about 10 hours of the reference hospital. */
const BYTES_MAX = 8 * 1024 ** 3;

export function openSpool(file: string, now: () => number): Spool {
  const store = openStore<Record<string, never>>(file, migrations);
  const { raw } = store;
  const insert = raw.prepare('INSERT INTO chunk (at, count, lines) VALUES (?, ?, ?)');
  const select = raw.prepare('SELECT id, at, count, lines FROM chunk ORDER BY id LIMIT 64');
  const remove = raw.prepare('DELETE FROM chunk WHERE id <= ?');
  const total = raw.prepare('SELECT coalesce(sum(count), 0) AS depth, coalesce(sum(length(lines)), 0) AS bytes FROM chunk').get() as {
    depth: number;
    bytes: number;
  };
  let { depth, bytes } = total;
  let quarantined = (raw.prepare('SELECT count(*) AS n FROM quarantine').get() as { n: number }).n;
  return {
    get depth() {
      return depth;
    },
    get quarantined() {
      return quarantined;
    },
    append(lines) {
      if (bytes > BYTES_MAX)
        throw new OperationalError(
          'DISK_FULL',
          `${file} holds ${Math.round(bytes / 1024 ** 2)} MiB for a database that is away: its bound`,
        );
      const text = lines.join('\n');
      store.commit(() => insert.run(now(), lines.length, text));
      depth += lines.length;
      bytes += text.length;
    },
    oldest(linesMax) {
      const rows = select.all() as { id: number; at: number; count: number; lines: string }[];
      if (rows.length === 0) return undefined;
      let count = 0;
      let taken = 0;
      while (taken < rows.length && (taken === 0 || count + rows[taken]!.count <= linesMax)) count += rows[taken++]!.count;
      const chosen = rows.slice(0, taken);
      return { upTo: chosen[taken - 1]!.id, lines: chosen.map((r) => r.lines).join('\n'), count, since: chosen[0]!.at };
    },
    delivered(upTo, count) {
      store.commit(() => remove.run(upTo));
      depth -= count;
      if (depth === 0) bytes = 0;
    },
    quarantine(upTo, because) {
      store.commit(() => {
        raw.prepare('INSERT INTO quarantine (because, lines) SELECT ?, lines FROM chunk WHERE id <= ?').run(because, upTo);
        raw.exec('DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - 1000');
        depth -= (raw.prepare('SELECT coalesce(sum(count), 0) AS n FROM chunk WHERE id <= ?').get(upTo) as { n: number }).n;
        remove.run(upTo);
      });
      quarantined++;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
