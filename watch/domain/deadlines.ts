import type { Instant } from '#contracts/units.ts';

/** Something that wants to be woken. `scheduledAt` belongs to the structure: the entry that counts, or Infinity. */
export interface Sleeper {
  scheduledAt: number;
  /** Woken at `now`: says when it wants to be woken next, if at all. */
  wake(now: Instant): number | undefined;
}

export interface Deadlines {
  /** Wakes `sleeper` at `at` or before: a sleeper that is put off asks again when woken, so a reading in time costs nothing here. */
  ensure(sleeper: Sleeper, at: number): void;
  /** Wakes everything due. Costs nothing when nothing is. */
  run(now: Instant): void;
  readonly size: number;
}

interface Entry {
  readonly at: number;
  readonly sleeper: Sleeper;
}

/** A binary heap of deadlines; entries that no longer count are dropped when they come up. */
export function createDeadlines(): Deadlines {
  const heap: Entry[] = [];

  function push(entry: Entry): void {
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.at <= entry.at) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  function pop(): Entry {
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= last.at) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }

  const ensure = (sleeper: Sleeper, at: number) => {
    if (sleeper.scheduledAt <= at) return;
    sleeper.scheduledAt = at;
    push({ at, sleeper });
  };

  return {
    ensure,
    run(now) {
      while (heap.length > 0 && heap[0]!.at <= now) {
        const { at, sleeper } = pop();
        if (sleeper.scheduledAt !== at) continue;
        sleeper.scheduledAt = Number.POSITIVE_INFINITY;
        const next = sleeper.wake(now);
        // A sleeper that wants the past would be woken for ever.
        if (next !== undefined) ensure(sleeper, Math.max(next, now + 1));
      }
    },
    get size() {
      return heap.length;
    },
  };
}
