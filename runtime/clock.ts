import { type Instant, instant, type Milliseconds, milliseconds } from '#contracts/units.ts';

/** Time as the outside gives it. Domain code never holds a clock: it gets `now` as an argument. */
export interface Clock {
  /** Wall clock. */
  now(): Instant;
  /** Monotonic: only differences mean something. */
  elapsed(): Milliseconds;
  /** Calls once after `delay`; the returned function cancels. Does not keep the process alive by itself. */
  after(delay: Milliseconds, run: () => void): () => void;
  /** Calls again and again until cancelled. */
  every(period: Milliseconds, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => instant(Date.now()),
  elapsed: () => milliseconds(performance.now()),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(period, run) {
    const timer = setInterval(run, period);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** Resolves after `delay` by the clock. */
export const sleep = (clock: Clock, delay: Milliseconds): Promise<void> => new Promise((resolve) => clock.after(delay, resolve));

export interface VirtualClock extends Clock {
  /** Moves time on, running everything that falls due in order. */
  advance(by: Milliseconds): void;
}

/** A clock for tests and simulation: it stands still until advanced. */
export function virtualClock(start: Instant): VirtualClock {
  let now: number = start;
  let order = 0;
  const due = new Map<number, { at: number; order: number; run: () => void; period?: number }>();
  const add = (delay: number, run: () => void, period?: number) => {
    const id = ++order;
    due.set(id, { at: now + delay, order: id, run, ...(period === undefined ? {} : { period }) });
    return () => void due.delete(id);
  };
  return {
    now: () => instant(now),
    elapsed: () => milliseconds(now - start),
    after: (delay, run) => add(Math.max(0, delay), run),
    every: (period, run) => add(period, run, period),
    advance(by) {
      const end = now + by;
      for (;;) {
        let next: [number, { at: number; order: number; run: () => void; period?: number }] | undefined;
        for (const entry of due) {
          if (entry[1].at <= end && (!next || entry[1].at < next[1].at || (entry[1].at === next[1].at && entry[1].order < next[1].order)))
            next = entry;
        }
        if (!next) break;
        const [id, timer] = next;
        now = Math.max(now, timer.at);
        if (timer.period === undefined) due.delete(id);
        else timer.at += timer.period;
        timer.run();
      }
      now = end;
    },
  };
}
