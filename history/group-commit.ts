import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';

export interface GroupCommit<T> {
  /** Resolves when the items are on disk. */
  add(items: readonly T[]): Promise<void>;
  /** Items that wait for their commit. */
  readonly waiting: number;
}

/** One disk sync (4 ms) for all that came within the gathering time. `ITEMS_MAX` bounds a transaction. */
const GATHER_MS = milliseconds(15);
const ITEMS_MAX = 4000;
const RETRY_MS = milliseconds(1000);

/**
 * Gathers items and commits them in groups, in order. `commit` throws when the disk takes no more: the group stays, nothing of it is confirmed, and it is tried
 * again each second; `onTrouble` is told, and told with undefined when it works again.
 */
export function groupCommit<T>(clock: Clock, commit: (items: readonly T[]) => void, onTrouble: (error: unknown) => void): GroupCommit<T> {
  let items: T[] = [];
  let confirm: (() => void)[] = [];
  let isScheduled = false;
  let isTroubled = false;
  const schedule = (delay = GATHER_MS) => {
    if (isScheduled) return;
    isScheduled = true;
    clock.after(delay, flush);
  };
  const flush = () => {
    isScheduled = false;
    if (items.length === 0) return;
    try {
      commit(items);
    } catch (error) {
      isTroubled = true;
      onTrouble(error);
      return schedule(RETRY_MS);
    }
    if (isTroubled) {
      isTroubled = false;
      onTrouble(undefined);
    }
    const done = confirm;
    items = [];
    confirm = [];
    for (const resolve of done) resolve();
  };
  return {
    get waiting() {
      return items.length;
    },
    add(more) {
      if (more.length === 0) return Promise.resolve();
      for (const item of more) items.push(item);
      const kept = new Promise<void>((resolve) => confirm.push(resolve));
      if (items.length >= ITEMS_MAX && !isTroubled) flush();
      else schedule();
      return kept;
    },
  };
}
