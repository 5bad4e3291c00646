/**
 * Sees a closed line in the pump's pressure long before the pump's own limit.
 *
 * Model: behind a closed line the volume pumped stretches the tube, so the pressure rises evenly by rate / compliance. Tubing between pump and patient yields
 * some 0.0006 to 0.003 ml per mmHg. A cough, an arm or a change of height jumps and stays flat, or sinks back within some 15 s; a slow drift is far below rate / compliance.
 */
const COMPLIANCE_MAX_ML_PER_MMHG = 0.003;
const COMPLIANCE_MIN_ML_PER_MMHG = 0.0005;
/** A window is cut into this many parts, each of which must have risen above the one before. */
const PARTS = 4;
const WINDOW_MIN_S = 20;
const WINDOW_MAX_S = 240;
/** Rise over a window that stands clear of pulsation and noise (some 2 to 6 mmHg). */
const RISE_MIN_MMHG = 16;
const PART_RISE_MIN_MMHG = 2.5;
/** Rows kept: a window at 2 rows a second. */
const ROWS_MAX = 512;
/** The line is open again when the pressure has lost this share of its rise. */
const OPEN_SHARE = 0.4;

export interface OcclusionWatch {
  /** Takes the pressure of an infusing pump at `at` s; returns whether the line is believed closed. */
  step(at: number, pressureMmHg: number, rateMlPerHour: number): boolean;
  /** Forgets the past: the pump halted, its rate was changed or rows were missing. */
  reset(): void;
}

export function createOcclusionWatch(): OcclusionWatch {
  const times = new Float64Array(ROWS_MAX);
  const pressures = new Float64Array(ROWS_MAX);
  const sorted: number[] = [];
  let head = 0;
  let count = 0;
  let rate = 0;
  let isClosed = false;
  let before = 0;
  let peak = 0;

  /** Median pressure of the rows between two times; NaN where there are fewer than two. */
  function median(from: number, to: number): number {
    sorted.length = 0;
    for (let back = 1; back <= count; back += 1) {
      const slot = (head - back + ROWS_MAX) % ROWS_MAX;
      const at = times[slot]!;
      if (at <= from) break;
      if (at <= to) sorted.push(pressures[slot]!);
    }
    if (sorted.length < 2) return Number.NaN;
    sorted.sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  }

  function isRamp(now: number): boolean {
    const slowest = rate / 3600 / COMPLIANCE_MAX_ML_PER_MMHG;
    const fastest = rate / 3600 / COMPLIANCE_MIN_ML_PER_MMHG;
    const window = Math.min(WINDOW_MAX_S, Math.max(WINDOW_MIN_S, (1.5 * RISE_MIN_MMHG) / slowest));
    const part = window / PARTS;
    const least = Math.max(PART_RISE_MIN_MMHG, 0.75 * slowest * part);
    const most = 1.5 * fastest * part + 2 * PART_RISE_MIN_MMHG;
    let previous = median(now - window, now - window + part);
    const first = previous;
    let smallest = Number.POSITIVE_INFINITY;
    let largest = 0;
    for (let index = 1; index < PARTS; index += 1) {
      const current = median(now - window + index * part, now - window + (index + 1) * part);
      const rise = current - previous;
      if (!(rise >= least && rise <= most)) return false;
      smallest = Math.min(smallest, rise);
      largest = Math.max(largest, rise);
      previous = current;
    }
    if (largest > 3 * smallest + PART_RISE_MIN_MMHG || !(previous - first >= RISE_MIN_MMHG)) return false;
    before = first;
    return true;
  }

  return {
    step(at, pressureMmHg, rateMlPerHour) {
      if (Math.abs(rateMlPerHour - rate) > 0.05 * rate + 0.05) {
        count = 0;
        rate = rateMlPerHour;
      }
      times[head] = at;
      pressures[head] = pressureMmHg;
      head = (head + 1) % ROWS_MAX;
      count = Math.min(count + 1, ROWS_MAX);
      if (isClosed) {
        peak = Math.max(peak, pressureMmHg);
        if (pressureMmHg < peak - OPEN_SHARE * (peak - before)) {
          isClosed = false;
          count = 0;
        }
      } else if (rate > 0 && isRamp(at)) {
        isClosed = true;
        peak = pressureMmHg;
      }
      return isClosed;
    },
    reset() {
      count = 0;
      isClosed = false;
    },
  };
}
