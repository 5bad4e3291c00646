import type { Random } from '#simulators/random.ts';

/** Turns a flow into single drops, as they fall into the chamber. */
export interface DropFormer {
  /** Adds what has flowed within `dtMs` and calls `onDrop` with the milliseconds after the start of the interval at which each drop falls. */
  flow(volumeMl: number, dtMs: number, onDrop: (afterMs: number) => void): void;
}

/** The set's mean drop differs from its nominal one by up to 1.2 %, single drops scatter by 1 %. */
export function dropFormer(dropsPerMl: number, r: Random): DropFormer {
  const meanMl = (1 + r.between(-0.012, 0.012)) / dropsPerMl;
  let hanging = meanMl * r.next();
  let nextMl = meanMl;
  return {
    flow(volumeMl, dtMs, onDrop) {
      if (volumeMl <= 0) return;
      let used = 0;
      while (hanging + volumeMl - used >= nextMl) {
        used += nextMl - hanging;
        hanging = 0;
        nextMl = meanMl * (1 + r.normal(0.01));
        onDrop((used / volumeMl) * dtMs);
      }
      hanging += volumeMl - used;
    },
  };
}
