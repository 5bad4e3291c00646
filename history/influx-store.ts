import type { InfluxDB as InfluxQl } from 'influx';
import { instant, milliseconds } from '#contracts/units.ts';
import { type Clock, sleep } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { HistoryStore } from './history-store.ts';
import type { InfluxWriter } from './influx-writers.ts';
import { lineOf } from './line-protocol.ts';
import { type Measurement, measurements } from './measurements.ts';
import { openSpool } from './spool.ts';
import { measurementOfTrend, thinning } from './trend.ts';

export interface InfluxStoreOptions {
  readonly writer: InfluxWriter;
  /** Reads are InfluxQL on every version of InfluxDB. */
  readonly reader: InfluxQl;
  readonly database: string;
  readonly spoolFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

const LINES_MAX = 5000;
const BACKOFF_MAX_MS = 10_000;

/** History in InfluxDB. Points are durable in the spool before they are acknowledged and leave it when the database has confirmed them. */
export function openInfluxStore({ writer, reader, database, spoolFile, clock, log }: InfluxStoreOptions): HistoryStore {
  const spool = openSpool(spoolFile, () => clock.now());
  const counts = new Map<string, number>();
  let trouble: string | undefined;
  let behindSince: number | undefined;
  let isClosed = false;
  let wake: () => void = () => undefined;

  const drain = async () => {
    let backoffMs = 100;
    while (!isClosed) {
      const chunk = spool.oldest(LINES_MAX);
      if (!chunk) {
        behindSince = undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      behindSince = chunk.since;
      try {
        const refusal = await writer.write(chunk.lines);
        if (refusal === undefined) spool.delivered(chunk.upTo, chunk.count);
        else {
          log.error({ refusal, lines: chunk.count }, 'database refuses points: set aside');
          spool.quarantine(chunk.upTo, refusal);
        }
        trouble = undefined;
        backoffMs = 100;
      } catch (thrown) {
        if (trouble === undefined) log.warn({ reason: asError(thrown).message }, 'database away: history waits in the spool');
        trouble = `database away: ${asError(thrown).message}`;
        await sleep(clock, milliseconds(backoffMs));
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      }
    }
  };
  const drained = drain();

  return {
    keep(points) {
      const lines: string[] = [];
      for (const point of points) {
        const line = lineOf(point);
        if (line === undefined) continue;
        lines.push(line);
        counts.set(point.measurement, (counts.get(point.measurement) ?? 0) + 1);
      }
      if (lines.length > 0) spool.append(lines);
      wake();
    },
    async trend(question) {
      const name = measurementOfTrend(question);
      const { tags }: Measurement = measurements[name];
      const where = tags.flatMap((tag) => {
        const value = question[tag as keyof typeof question];
        return value === undefined ? [] : [`"${tag}" = '${String(value).replaceAll("'", "\\'")}'`];
      });
      where.push(`time >= ${question.from}ms`, `time < ${question.until}ms`);
      const { field } = question;
      const rows = await reader.query<{ time: { getTime(): number }; mean: number | null; low: number; high: number }>(
        `SELECT mean("${field}") AS mean, min("${field}") AS low, max("${field}") AS high FROM "${name}" WHERE ${where.join(' AND ')} GROUP BY time(${thinning(question)}ms) fill(none)`,
        { database },
      );
      return {
        points: rows.flatMap((row) =>
          row.mean === null ? [] : [{ at: instant(row.time.getTime()), mean: row.mean, min: row.low, max: row.high }],
        ),
      };
    },
    counts: async () => ({
      counts: Object.fromEntries(counts),
      spooled: spool.depth,
      lagMs: behindSince === undefined ? 0 : clock.now() - behindSince,
    }),
    trouble: () =>
      trouble ?? (spool.quarantined > 0 ? `${spool.quarantined} chunks were refused by the database and set aside` : undefined),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      wake();
      await Promise.race([drained, sleep(clock, milliseconds(2000))]);
      await writer.close();
      await spool[Symbol.asyncDispose]();
    },
  };
}
