/** A counter that fell by more than this was cleared; less is rounding. */
const CLEARED_ML = 0.15;

/** Sums a pump's own counter across its resets. Takes rows in the order of the pump's clock. */
export interface Delivered {
  /** Returns true where the counter was cleared since the last row. */
  step(counterMl: number): boolean;
  /** Delivered since the first row, ml; undefined before it. */
  total(): number | undefined;
}

export function createDelivered(): Delivered {
  let total: number | undefined;
  let last = 0;
  return {
    step(counterMl) {
      if (total === undefined) {
        total = 0;
        last = counterMl;
        return false;
      }
      const isCleared = counterMl < last - CLEARED_ML;
      // What stands on a cleared counter has been pumped since; what ran between the last row and the clearing is lost to us.
      total += isCleared ? Math.max(0, counterMl) : Math.max(0, counterMl - last);
      last = isCleared ? counterMl : Math.max(last, counterMl);
      return isCleared;
    },
    total: () => total,
  };
}
