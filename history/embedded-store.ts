import type { StatementSync } from 'node:sqlite';
import { hours, instant } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { openStore } from '#runtime/store.ts';
import type { HistoryStore, TrendQuestion } from './history-store.ts';
import {
  type FieldValue,
  fieldNames,
  type Measurement,
  type MeasurementName,
  measurementNames,
  measurements,
  type Point,
} from './measurements.ts';
import { measurementOfTrend, thinning } from './trend.ts';

const sqlType = { REAL: 'REAL', INTEGER: 'INTEGER', TEXT: 'TEXT', BOOLEAN: 'INTEGER' } as const;

const tableOf = (name: MeasurementName): string => {
  const { tags, fields }: Measurement = measurements[name];
  const columns = Object.entries(fields).map(([field, type]) => `"${field}" ${sqlType[type]}`);
  return `CREATE TABLE "series_${name}" (id INTEGER PRIMARY KEY, ${tags.map((tag) => `"${tag}" TEXT NOT NULL`).join(', ')}${tags.length ? ', ' : ''}UNIQUE (${tags.length ? tags.map((t) => `"${t}"`).join(', ') : 'id'}));
CREATE TABLE "${name}" (series INTEGER NOT NULL, at INTEGER NOT NULL, ordinal INTEGER NOT NULL, ${columns.join(', ')}, PRIMARY KEY (series, at, ordinal)) WITHOUT ROWID`;
};

const migrations = [
  `${measurementNames.map(tableOf).join(';\n')};\nCREATE TABLE counter (measurement TEXT PRIMARY KEY, points INTEGER NOT NULL) WITHOUT ROWID`,
];

const PURGE_ROWS = 5000;

/** History in SQLite, for a house without a database server. Points older than the retention are removed in small steps. */
export function openEmbeddedStore(file: string, { clock, retentionDays = 365 }: { clock: Clock; retentionDays?: number }): HistoryStore {
  const store = openStore<Record<string, never>>(file, migrations);
  const { raw } = store;
  const series = new Map<string, number>();
  const inserts = new Map<MeasurementName, { point: StatementSync; series: StatementSync; find: StatementSync }>();
  const count = raw.prepare(
    'INSERT INTO counter (measurement, points) VALUES (?, ?) ON CONFLICT (measurement) DO UPDATE SET points = points + excluded.points',
  );

  const statementsOf = (name: MeasurementName) => {
    let found = inserts.get(name);
    if (!found) {
      const { tags }: Measurement = measurements[name];
      const fields = fieldNames[name];
      const marks = (n: number) => Array.from({ length: n }, () => '?').join(', ');
      const same = tags.map((tag) => `"${tag}" = ?`).join(' AND ') || '1';
      found = {
        point: raw.prepare(
          `INSERT OR IGNORE INTO "${name}" (series, at, ordinal, ${fields.map((f) => `"${f}"`).join(', ')}) VALUES (${marks(fields.length + 3)})`,
        ),
        series: raw.prepare(
          tags.length
            ? `INSERT INTO "series_${name}" (${tags.map((t) => `"${t}"`).join(', ')}) VALUES (${marks(tags.length)})`
            : `INSERT INTO "series_${name}" DEFAULT VALUES`,
        ),
        find: raw.prepare(`SELECT id FROM "series_${name}" WHERE ${same}`),
      };
      inserts.set(name, found);
    }
    return found;
  };

  const seriesOf = (point: Point): number => {
    const key = `${point.measurement}\0${point.tags.join('\0')}`;
    let id = series.get(key);
    if (id === undefined) {
      const statements = statementsOf(point.measurement);
      const found = statements.find.get(...point.tags) as { id: number } | undefined;
      id = found?.id ?? Number(statements.series.run(...point.tags).lastInsertRowid);
      series.set(key, id);
    }
    return id;
  };

  const purge = () => {
    const limit = clock.now() - retentionDays * 86_400_000;
    for (const name of measurementNames) {
      const old = raw.prepare(
        `DELETE FROM "${name}" WHERE (series, at, ordinal) IN (SELECT series, at, ordinal FROM "${name}" WHERE at < ? LIMIT ${PURGE_ROWS})`,
      );
      while (Number(old.run(limit).changes) === PURGE_ROWS);
    }
  };
  const stopPurging = clock.every(hours(1), purge);

  return {
    keep(points) {
      try {
        store.commit(() => {
          const counts = new Map<MeasurementName, number>();
          for (const point of points) {
            const { changes } = statementsOf(point.measurement).point.run(
              seriesOf(point),
              point.at,
              point.ordinal,
              ...point.fields.map(stored),
            );
            if (changes) counts.set(point.measurement, (counts.get(point.measurement) ?? 0) + 1);
          }
          for (const [name, n] of counts) count.run(name, n);
        });
      } catch (error) {
        series.clear(); // Series made in the transaction that failed do not exist.
        throw error;
      }
    },
    trend: async (question) => ({ points: trendOf(question) }),
    async counts() {
      const rows = raw.prepare('SELECT measurement, points FROM counter').all() as { measurement: string; points: number }[];
      return { counts: Object.fromEntries(rows.map((r) => [r.measurement, r.points])), spooled: 0, lagMs: 0 };
    },
    trouble: () => undefined,
    async [Symbol.asyncDispose]() {
      stopPurging();
      await store[Symbol.asyncDispose]();
    },
  };

  function trendOf(question: TrendQuestion) {
    const name = measurementOfTrend(question);
    const { tags }: Measurement = measurements[name];
    const asked = tags.filter((tag) => question[tag as keyof TrendQuestion] !== undefined);
    const step = thinning(question);
    const where = ['at >= ?', 'at < ?', `"${question.field}" IS NOT NULL`];
    if (asked.length > 0)
      where.push(`series IN (SELECT id FROM "series_${name}" WHERE ${asked.map((tag) => `"${tag}" = ?`).join(' AND ')})`);
    const rows = raw
      .prepare(
        `SELECT CAST((at - ?) / ? AS INTEGER) AS step, avg("${question.field}") AS mean, min("${question.field}") AS low, max("${question.field}") AS high FROM "${name}" WHERE ${where.join(' AND ')} GROUP BY step ORDER BY step`,
      )
      .all(question.from, step, question.from, question.until, ...asked.map((tag) => String(question[tag as keyof TrendQuestion]))) as {
      step: number;
      mean: number;
      low: number;
      high: number;
    }[];
    return rows.map((row) => ({ at: instant(question.from + row.step * step), mean: row.mean, min: row.low, max: row.high }));
  }
}

const stored = (value: FieldValue): number | string | null =>
  value === undefined ? null : typeof value === 'boolean' ? Number(value) : value;
