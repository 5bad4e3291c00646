import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Disk, Operation } from './disk.ts';

/**
 * The broker's way to the disk: one write at a time, each with everything that has come up meanwhile, so that order is kept and one disk sync
 * serves many messages. What is withdrawn before its write never reaches the disk.
 */
export interface Journal extends AsyncDisposable {
  put(key: string, value: Buffer): void;
  del(key: string): void;
  /** Deletes a key that is put only once in its life. */
  forget(key: string): void;
  /** Resolves when everything put until now is on the medium: true; or cannot be kept, because the disk takes no more: false. */
  kept(): Promise<boolean>;
  /** Number of the write that takes what is put now, and of the last one done. */
  readonly nextWrite: number;
  readonly lastWrite: number;
  /** Bytes that wait for the disk. */
  readonly waitingBytes: number;
  readonly isFailing: boolean;
  onState(listener: (isFailing: boolean, because?: string) => void): void;
}

/** A short wait gathers what belongs together; deletions alone are in no hurry. */
const GATHER = milliseconds(2);
const GATHER_DELETIONS = milliseconds(50);
const RETRY = milliseconds(2000);

type Waiting = Map<string, Buffer | null>;

/** All that one write takes, and those who wait for it. */
interface Generation {
  readonly kept: Promise<boolean>;
  isAwaited: boolean;
  settle(isKept: boolean): void;
}

function generation(): Generation {
  let settle: (isKept: boolean) => void = () => undefined;
  const kept = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return { kept, settle, isAwaited: false };
}

const sizeOf = (key: string, value: Buffer | null): number => key.length + (value?.length ?? 0);

export function openJournal(disk: Disk, clock: Clock, log: Log): Journal {
  let waiting: Waiting = new Map();
  let waitingBytes = 0;
  let waitingPuts = 0;
  let current = generation();
  let writing: Promise<void> | undefined;
  let isFailing = false;
  let isClosed = false;
  let nextWrite = 1;
  let lastWrite = 0;
  let cancelTimer: (() => void) | undefined;
  let isHurried = false;
  const listeners: ((isFailing: boolean, because?: string) => void)[] = [];

  const set = (key: string, value: Buffer | null) => {
    const old = waiting.get(key);
    if (old !== undefined) unset(key, old);
    waiting.set(key, value);
    waitingBytes += sizeOf(key, value);
    if (value) waitingPuts++;
    schedule(value !== null);
  };
  const unset = (key: string, old: Buffer | null) => {
    waiting.delete(key);
    waitingBytes -= sizeOf(key, old);
    if (old) waitingPuts--;
  };

  const schedule = (isHurry: boolean) => {
    if (writing || isFailing || (cancelTimer && (isHurried || !isHurry))) return;
    cancelTimer?.();
    isHurried = isHurry;
    cancelTimer = clock.after(isHurry ? GATHER : GATHER_DELETIONS, start);
  };

  function start(): void {
    cancelTimer = undefined;
    writing = write().finally(() => {
      writing = undefined;
      if (!isFailing && (waiting.size > 0 || current.isAwaited)) schedule(waitingPuts > 0 || current.isAwaited);
    });
  }

  async function write(): Promise<void> {
    const taken = waiting;
    const done = current;
    const hasPuts = waitingPuts > 0;
    waiting = new Map();
    waitingBytes = 0;
    waitingPuts = 0;
    current = generation();
    const number = nextWrite++;
    const operations: Operation[] = [];
    for (const [key, value] of taken) operations.push(value ? { type: 'put', key, value } : { type: 'del', key });
    try {
      if (operations.length > 0) await disk.write(operations, hasPuts);
      lastWrite = number;
      done.settle(true);
      if (isFailing) {
        isFailing = false;
        for (const listener of listeners) listener(false);
      }
    } catch (thrown) {
      fail(asError(thrown), taken);
      done.settle(false);
    }
  }

  /** Everything stays in memory, newer over older, and is written when the disk takes it again. */
  function fail(error: Error, taken: Waiting): void {
    const newer = waiting;
    waiting = taken;
    for (const [key, value] of newer) waiting.set(key, value);
    waitingBytes = 0;
    waitingPuts = 0;
    for (const [key, value] of waiting) {
      waitingBytes += sizeOf(key, value);
      if (value) waitingPuts++;
    }
    if (!isFailing) {
      isFailing = true;
      log.error({ reason: error.message }, 'the disk takes no more');
      for (const listener of listeners) listener(true, error.message);
    }
    current.settle(false);
    current = generation();
    if (!isClosed) cancelTimer = clock.after(RETRY, () => void retry());
  }

  async function retry(): Promise<void> {
    cancelTimer = undefined;
    try {
      await disk.reopen();
    } catch (thrown) {
      log.debug({ reason: asError(thrown).message }, 'the disk is still away');
      if (!isClosed) cancelTimer = clock.after(RETRY, () => void retry());
      return;
    }
    start();
  }

  return {
    put: (key, value) => set(key, value),
    del: (key) => set(key, null),
    forget(key) {
      const old = waiting.get(key);
      if (old) unset(key, old);
      else set(key, null);
    },
    kept() {
      if (isFailing) return Promise.resolve(false);
      if (waitingPuts === 0) return Promise.resolve(true);
      current.isAwaited = true;
      return current.kept;
    },
    get nextWrite() {
      return nextWrite;
    },
    get lastWrite() {
      return lastWrite;
    },
    get waitingBytes() {
      return waitingBytes;
    },
    get isFailing() {
      return isFailing;
    },
    onState: (listener) => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      cancelTimer?.();
      await writing;
      cancelTimer?.();
      if (waiting.size > 0 && !isFailing) await write();
      cancelTimer?.();
      current.settle(false);
    },
  };
}
