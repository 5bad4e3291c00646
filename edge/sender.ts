import type { ReadingBatch } from '#contracts/readings.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Outbox } from './outbox.ts';
import type { StoredBatch } from './outbox-store.ts';

/** Unacknowledged batches at once. */
const LIVE_MAX = 32;
const BACKLOG_MAX = 4;
/** Live batches held in memory beside the disk; beyond them the disk alone holds them. */
const REMEMBERED_MAX = 256;
const BACKLOG_EVERY = milliseconds(100);
/** A ward's devices speak once a second: the backlog waits so long after a reconnection that what is now is heard before what was. */
const BACKLOG_AFTER_S = 1.2;

export interface SenderOptions {
  readonly edge: string;
  readonly outbox: Outbox;
  /** Resolves when the broker has the batch; rejects when the connection breaks before. */
  readonly publish: (batch: ReadingBatch) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** So many batches of the backlog at most, that live ones and other edges are not held up. */
  readonly backlogPerSecond?: number;
}

export interface Sender {
  /** Everything committed before a connection stood is backlog for it. */
  connected(): void;
  disconnected(): void;
  close(): void;
}

/** Sends what the outbox holds: live batches first, then the backlog at a limited rate. */
export function openSender({ edge, outbox, publish, clock, log, backlogPerSecond = 10 }: SenderOptions): Sender {
  let isConnected = false;
  /** Batches up to this one are backlog. */
  let boundary = outbox.lastBatch;
  let cursor = 0;
  let live: StoredBatch[] = [];
  /** The disk holds live batches up to this one that are not in `live`. */
  let liveCursor = boundary;
  const inFlight = new Set<number>();
  let liveInFlight = 0;
  let backlogInFlight = 0;
  let tokens = 0;
  let epoch = 0;

  function send(stored: StoredBatch, isBacklog: boolean): void {
    const mine = epoch;
    inFlight.add(stored.batch);
    if (isBacklog) backlogInFlight += 1;
    else liveInFlight += 1;
    const batch: ReadingBatch = {
      schema: 'readings.v1',
      edge,
      batch: stored.batch,
      sentAt: clock.now(),
      isBacklog,
      readings: [...stored.readings],
    };
    publish(batch).then(
      () => {
        outbox.settle(stored.batch);
        if (mine === epoch) ended(stored.batch, isBacklog);
      },
      (thrown: unknown) => {
        const error = asError(thrown);
        if (!(error instanceof OperationalError)) throw error;
        if (mine !== epoch || !isConnected) return;
        // The broker takes no more for now: the batch comes again with the backlog, from the disk.
        log.warn({ batch: stored.batch, reason: error.message }, 'batch not taken');
        cursor = Math.min(cursor, stored.batch - 1);
        boundary = Math.max(boundary, stored.batch);
        ended(stored.batch, isBacklog);
      },
    );
  }
  function ended(batch: number, isBacklog: boolean): void {
    inFlight.delete(batch);
    if (isBacklog) backlogInFlight -= 1;
    else liveInFlight -= 1;
    sendOn();
  }

  function nextLive(): StoredBatch | undefined {
    const first = live.shift() ?? outbox.next(liveCursor, outbox.lastBatch);
    if (first) liveCursor = Math.max(liveCursor, first.batch);
    return first;
  }
  function nextBacklog(): StoredBatch | undefined {
    for (;;) {
      const found = outbox.next(cursor, boundary);
      if (!found) {
        cursor = boundary;
        return undefined;
      }
      cursor = found.batch;
      if (!inFlight.has(found.batch)) return found;
    }
  }
  function sendOn(): void {
    if (!isConnected) return;
    while (liveInFlight < LIVE_MAX && liveCursor < outbox.lastBatch) {
      const batch = nextLive();
      if (batch) send(batch, false);
      else liveCursor = outbox.lastBatch;
    }
    while (liveCursor >= outbox.lastBatch && tokens >= 1 && backlogInFlight < BACKLOG_MAX && cursor < boundary) {
      const batch = nextBacklog();
      if (!batch) break;
      tokens -= 1;
      send(batch, true);
    }
  }

  outbox.onCommit((batch) => {
    if (!isConnected) return;
    if (live.length < REMEMBERED_MAX && (live.at(-1)?.batch ?? liveCursor) === batch.batch - 1) live.push(batch);
    sendOn();
  });
  const stop = clock.every(BACKLOG_EVERY, () => {
    if (!isConnected || cursor >= boundary) return;
    tokens = Math.min(tokens + (backlogPerSecond * BACKLOG_EVERY) / 1000, Math.max(1, backlogPerSecond / 2));
    sendOn();
  });

  return {
    connected() {
      epoch += 1;
      isConnected = true;
      boundary = outbox.lastBatch;
      liveCursor = boundary;
      cursor = 0;
      tokens = -backlogPerSecond * BACKLOG_AFTER_S;
      live = [];
      inFlight.clear();
      liveInFlight = 0;
      backlogInFlight = 0;
    },
    disconnected() {
      isConnected = false;
    },
    close() {
      isConnected = false;
      stop();
    },
  };
}
