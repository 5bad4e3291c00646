import { DatabaseSync } from 'node:sqlite';

export interface Gap {
  readonly stream: string;
  readonly after: number;
  readonly next: number;
}

const KINDS = ['weight', 'drip', 'pump', 'level', 'tag', 'presence', 'fault'] as const;

/**
 * Audits the sequence numbers of every device and stream in the embedded history. The edge gives each reading the next number of its stream when it puts it
 * into the outbox: a number that is missing between two that are there is a reading that was lost.
 */
export function auditRanges(historyFile: string): { streams: number; readings: number; gaps: Gap[] } {
  using database = new DatabaseSync(historyFile, { readOnly: true });
  const gaps: Gap[] = [];
  let streams = 0;
  let readings = 0;
  for (const kind of KINDS) {
    const rows = database
      .prepare(
        `SELECT s.device AS device, p.sequence AS sequence FROM "${kind}" p JOIN "series_${kind}" s ON s.id = p.series ORDER BY s.device, p.sequence`,
      )
      .all() as { device: string; sequence: number }[];
    let device: string | undefined;
    let last = 0;
    for (const row of rows) {
      readings++;
      if (row.device !== device) {
        streams++;
        device = row.device;
      } else if (row.sequence > last + 1) gaps.push({ stream: `${kind} of ${device}`, after: last, next: row.sequence });
      last = row.sequence;
    }
  }
  return { streams, readings, gaps };
}

/** Transitions of the ledger that were published, as `alarm revision`, and those that history has. */
export function auditAlarms(ledgerFile: string, historyFile: string): { published: Set<string>; recorded: Set<string>; skipped: string[] } {
  using ledger = new DatabaseSync(ledgerFile, { readOnly: true });
  using history = new DatabaseSync(historyFile, { readOnly: true });
  const messages = ledger.prepare('SELECT message FROM transition WHERE message IS NOT NULL').all() as { message: string }[];
  const published = new Set(
    messages
      .map(({ message }) => JSON.parse(message) as { alarm: string; revision: number })
      .map(({ alarm, revision }) => `${alarm} ${revision}`),
  );
  const rows = history.prepare('SELECT alarm, revision FROM alarm').all() as { alarm: string; revision: number }[];
  const recorded = new Set(rows.map(({ alarm, revision }) => `${alarm} ${revision}`));
  const highest = new Map<string, number>();
  for (const key of published) {
    const [alarm, revision] = key.split(' ') as [string, string];
    highest.set(alarm, Math.max(highest.get(alarm) ?? 0, Number(revision)));
  }
  const skipped = [...highest].flatMap(([alarm, top]) =>
    Array.from({ length: top }, (_, i) => `${alarm} ${i + 1}`).filter((key) => !published.has(key)),
  );
  return { published, recorded, skipped };
}
