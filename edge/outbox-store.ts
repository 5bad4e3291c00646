import type { Reading } from '#contracts/readings.ts';
import { type Instant, instant } from '#contracts/units.ts';
import { openStore } from '#runtime/store.ts';
import { migrations } from './outbox-schema.ts';

export interface StoredBatch {
  readonly batch: number;
  readonly committedAt: Instant;
  readonly readings: readonly Reading[];
}

/** What the disk knew when the outbox was opened. */
export interface Recovered {
  /** Next sequence number by `device/stream`. */
  readonly sequences: Map<string, number>;
  /** Size of every stored batch. */
  readonly sizes: Map<number, number>;
  readonly nextBatch: number;
  readonly lostReadings: number;
}

export interface BatchRow {
  readonly batch: number;
  readonly committed_at: number;
  readonly readings: number;
}

export const streamOf = (device: string, kind: string): string => `${device}/${kind}`;

/** The outbox's statements; `commit` makes them durable together. */
export function openOutboxStore(file: string) {
  const store = openStore(file, migrations);
  const { raw } = store;
  const insert = raw.prepare('INSERT INTO batch (batch, committed_at, readings, payload) VALUES (?, ?, ?, ?)');
  const strike = raw.prepare('DELETE FROM batch WHERE batch = ?');
  const next = raw.prepare('SELECT batch, committed_at, payload FROM batch WHERE batch > ? AND batch <= ? ORDER BY batch LIMIT 1');
  const oldest = raw.prepare('SELECT batch, committed_at, readings FROM batch ORDER BY batch LIMIT 256');
  const setSequence = raw.prepare(
    'INSERT INTO sequence (stream, next) VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET next = excluded.next',
  );
  const setState = raw.prepare('UPDATE state SET next_batch = ?, counted_to = ?, lost_readings = ?');

  return {
    commit: store.commit,
    insert: (batch: number, at: Instant, readings: number, payload: string) => insert.run(batch, at, readings, payload),
    strike: (batch: number) => strike.run(batch),
    /** Keeps the counters themselves: from here on the batches up to `nextBatch` are no longer needed to know the numbers used. */
    keepCounters(sequences: Iterable<readonly [string, number]>, nextBatch: number, lostReadings: number) {
      for (const [stream, number] of sequences) setSequence.run(stream, number);
      setState.run(nextBatch, nextBatch - 1, lostReadings);
    },
    oldest: () => oldest.all() as unknown as BatchRow[],
    next(after: number, until: number): StoredBatch | undefined {
      const row = next.get(after, until) as { batch: number; committed_at: number; payload: string } | undefined;
      return row && { batch: row.batch, committedAt: instant(row.committed_at), readings: JSON.parse(row.payload) as Reading[] };
    },
    recover(): Recovered {
      const sequences = new Map<string, number>();
      for (const row of raw.prepare('SELECT stream, next FROM sequence').iterate() as Iterable<{ stream: string; next: number }>)
        sequences.set(row.stream, row.next);
      const state = raw.prepare('SELECT * FROM state').get() as { next_batch: number; counted_to: number; lost_readings: number };
      const sizes = new Map<number, number>();
      let nextBatch = state.next_batch;
      for (const row of raw.prepare('SELECT batch, length(payload) AS size FROM batch').iterate() as Iterable<{
        batch: number;
        size: number;
      }>) {
        sizes.set(row.batch, row.size);
        nextBatch = Math.max(nextBatch, row.batch + 1);
      }
      const uncounted = raw.prepare('SELECT payload FROM batch WHERE batch > ?').iterate(state.counted_to) as Iterable<{ payload: string }>;
      for (const { payload } of uncounted) {
        for (const { device, value, sequence } of JSON.parse(payload) as Reading[]) {
          const stream = streamOf(device, value.kind);
          sequences.set(stream, Math.max(sequences.get(stream) ?? 0, sequence + 1));
        }
      }
      return { sequences, sizes, nextBatch, lostReadings: state.lost_readings };
    },
    close: () => store[Symbol.asyncDispose](),
  };
}
