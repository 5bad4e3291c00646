/** Calm masses of the last minutes, one a second, from which slopes over any window follow in constant time by running sums. */

/** Noise of one second's median, g, and drift of zero and creep, g per square root of a second (1 g in some 2 hours). */
const NOISE_G = 0.22;
const DRIFT_G = 0.011;
const SECONDS_KEPT = 1024;

export interface Slope {
  /** Mass leaving, g/s. */
  readonly fall: number;
  /** Standard error of `fall`. */
  readonly error: number;
}

export interface MassHistory {
  /** Adds the calm mass of the second `at`, later than any before. */
  add(at: number, mass: number): void;
  /** Slope over the last `window` s before `now` but not before `since`; undefined where fewer than 60 % of these seconds were calm. */
  slope(now: number, window: number, since: number): Slope | undefined;
  clear(): void;
}

export function createMassHistory(): MassHistory {
  const at = new Float64Array(SECONDS_KEPT);
  const sumT = new Float64Array(SECONDS_KEPT);
  const sumTt = new Float64Array(SECONDS_KEPT);
  const sumM = new Float64Array(SECONDS_KEPT);
  const sumTm = new Float64Array(SECONDS_KEPT);
  let count = 0;
  let originT = 0;
  let originM = 0;

  /** Index of the first entry later than `time`, by bisection over the ring. */
  function firstAfter(time: number): number {
    let low = Math.max(0, count - SECONDS_KEPT + 1);
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at[middle % SECONDS_KEPT]! > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  return {
    add(time, mass) {
      if (count === 0) [originT, originM] = [time, mass];
      const slot = count % SECONDS_KEPT;
      const before = (count - 1 + SECONDS_KEPT) % SECONDS_KEPT;
      const t = time - originT;
      const m = mass - originM;
      const isFirst = count === 0;
      at[slot] = time;
      sumT[slot] = (isFirst ? 0 : sumT[before]!) + t;
      sumTt[slot] = (isFirst ? 0 : sumTt[before]!) + t * t;
      sumM[slot] = (isFirst ? 0 : sumM[before]!) + m;
      sumTm[slot] = (isFirst ? 0 : sumTm[before]!) + t * m;
      count += 1;
    },
    slope(now, window, since) {
      const first = firstAfter(Math.max(now - window, since));
      const n = count - first;
      if (n < 6 || n < 0.6 * window || first === 0) return undefined;
      const end = (count - 1) % SECONDS_KEPT;
      const start = (first - 1) % SECONDS_KEPT;
      const t = sumT[end]! - sumT[start]!;
      const m = sumM[end]! - sumM[start]!;
      const stt = sumTt[end]! - sumTt[start]! - (t * t) / n;
      const stm = sumTm[end]! - sumTm[start]! - (t * m) / n;
      if (!(stt > 0)) return undefined;
      return { fall: -stm / stt, error: Math.hypot(NOISE_G / Math.sqrt(stt), DRIFT_G / Math.sqrt(window)) };
    },
    clear() {
      count = 0;
    },
  };
}
