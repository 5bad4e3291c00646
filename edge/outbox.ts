import { type Reading, Reading as ReadingSchema, type ReadingValue } from '#contracts/readings.ts';
import { type Instant, type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import { openOutboxStore, type StoredBatch, streamOf } from './outbox-store.ts';

/** Readings gathered for one batch: at most so long, at most so many (well under the contract's 1000). */
const GATHER = milliseconds(50);
const READINGS_MAX = 500;
/** Acknowledged batches are struck out with the next commit after this time, or once there are so many. */
const STRIKE = milliseconds(1000);
const STRUCK_MAX = 1000;
/** Batches after which the counters are kept, so that a start after a long outage need not read them all. */
const COUNTED_EVERY = 256;

export interface OutboxLimits {
  /** Older batches are given up. */
  readonly ageMax: Milliseconds;
  /** Beyond this the oldest batches are given up. */
  readonly bytesMax: number;
}

export interface Outbox extends AsyncDisposable {
  /** Takes a reading; it has a sequence number and is on the disk at the latest 50 ms later. */
  put(device: string, measuredAt: Instant, value: ReadingValue): void;
  /** Commits what has been gathered now. */
  flush(): void;
  /** Called after every commit with the batch that it made. */
  onCommit(listener: (batch: StoredBatch) => void): void;
  /** The lowest stored batch above `after` and up to `until`. */
  next(after: number, until: number): StoredBatch | undefined;
  /** The broker has this batch. */
  settle(batch: number): void;
  /** Number of the newest batch, 0 where there was none. */
  readonly lastBatch: number;
  /** Batches that the broker does not have yet. */
  readonly depth: number;
  readonly bytes: number;
  /** Readings given up by age, size or a full disk since the outbox was made. */
  readonly lostReadings: number;
  /** Readings that did not keep to their contract: a bug of a driver or a core, never sent. */
  readonly refusedReadings: number;
}

const readingParser = parser(ReadingSchema);

/** The durable store-and-forward outbox of one edge: every sequence number that leaves is on the disk first. */
export function openOutbox(file: string, limits: OutboxLimits, clock: Clock, log: Log): Outbox {
  const store = openOutboxStore(file);
  const recovered = store.recover();
  const { sequences, sizes } = recovered;
  /** Streams whose counter on the disk lags behind; the batches that used the numbers are still there. */
  const changed = new Set<string>();
  const settled = new Set<number>();
  const listeners: ((batch: StoredBatch) => void)[] = [];
  let gathered: Omit<Reading, 'sequence'>[] = [];
  let nextBatch = recovered.nextBatch;
  let lost = recovered.lostReadings;
  let refused = 0;
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let cancelGather: (() => void) | undefined;
  let isFull = false;

  const forget = (batch: number) => {
    bytes -= sizes.get(batch) ?? 0;
    sizes.delete(batch);
    settled.delete(batch);
  };
  const keepCounters = () => {
    store.keepCounters(
      [...changed].map((stream) => [stream, sequences.get(stream)!] as const),
      nextBatch,
      lost,
    );
  };

  /** Runs a transaction; false where the disk is full. */
  function durably(work: () => void): boolean {
    try {
      store.commit(work);
      isFull = false;
      return true;
    } catch (thrown) {
      const error = asError(thrown);
      if (!(error instanceof OperationalError)) throw error;
      if (!isFull) log.error({ reason: error.message }, 'the disk takes no more: readings are lost');
      isFull = true;
      return false;
    }
  }

  function numbered(): Reading[] {
    return gathered.map(({ device, measuredAt, value }) => {
      const stream = streamOf(device, value.kind);
      const sequence = sequences.get(stream) ?? 0;
      sequences.set(stream, sequence + 1);
      changed.add(stream);
      return { device, sequence, measuredAt, value };
    });
  }

  function commit(): void {
    cancelGather?.();
    cancelGather = undefined;
    const committedAt = clock.now();
    const readings = numbered();
    gathered = [];
    const payload = readings.length > 0 ? JSON.stringify(readings) : undefined;
    const batch = nextBatch;
    if (payload !== undefined) nextBatch += 1;
    const struck = [...settled];
    // Struck batches take the proof of their numbers with them: the counters go to the disk in the same transaction.
    const isCounting = struck.length > 0 || batch % COUNTED_EVERY === 0;
    const isKept = durably(() => {
      if (payload !== undefined) store.insert(batch, committedAt, readings.length, payload);
      for (const old of struck) store.strike(old);
      if (isCounting) keepCounters();
    });
    if (!isKept) {
      // The numbers stay used: the gap in history shows what was not kept.
      lost += readings.length;
      return;
    }
    for (const old of struck) forget(old);
    if (isCounting) changed.clear();
    if (payload === undefined) return;
    sizes.set(batch, payload.length);
    bytes += payload.length;
    giveUpOldest(committedAt);
    for (const listener of listeners) listener({ batch, committedAt, readings });
  }

  /** Oldest first, and never the batch just made. */
  function giveUpOldest(now: Instant): void {
    if (sizes.size < 2) return;
    const given: number[] = [];
    let readings = 0;
    let left = bytes;
    for (const old of store.oldest()) {
      const isTooOld = now - old.committed_at > limits.ageMax;
      if ((left <= limits.bytesMax && !isTooOld) || old.batch === nextBatch - 1) break;
      given.push(old.batch);
      left -= sizes.get(old.batch) ?? 0;
      if (!settled.has(old.batch)) readings += old.readings;
    }
    if (given.length === 0) return;
    const isGiven = durably(() => {
      for (const batch of given) store.strike(batch);
      lost += readings;
      keepCounters();
    });
    if (!isGiven) return;
    for (const batch of given) forget(batch);
    changed.clear();
    log.warn({ readings, lost, depth: sizes.size, bytes }, 'outbox full: the oldest readings are given up');
  }

  const stopStriking = clock.every(STRIKE, () => settled.size > 0 && commit());

  return {
    put(device, measuredAt, value) {
      const reading = { device, measuredAt, value };
      const candidate = { ...reading, sequence: 0 };
      if (!readingParser.check(candidate)) {
        refused += 1;
        const parsed = readingParser.parse(candidate);
        log.error({ device, because: parsed.ok ? '' : sayProblems(parsed.problems.slice(0, 3)) }, 'reading breaks its contract');
        return;
      }
      gathered.push(reading);
      if (gathered.length >= READINGS_MAX) commit();
      else cancelGather ??= clock.after(GATHER, commit);
    },
    flush: () => gathered.length > 0 && commit(),
    onCommit: (listener) => void listeners.push(listener),
    next: store.next,
    settle(batch) {
      if (sizes.has(batch)) settled.add(batch);
      if (settled.size >= STRUCK_MAX) commit();
    },
    get lastBatch() {
      return nextBatch - 1;
    },
    get depth() {
      return sizes.size - settled.size;
    },
    get bytes() {
      return bytes;
    },
    get lostReadings() {
      return lost;
    },
    get refusedReadings() {
      return refused;
    },
    async [Symbol.asyncDispose]() {
      stopStriking();
      if (gathered.length > 0 || settled.size > 0) commit();
      cancelGather?.();
      await store.close();
    },
  };
}
