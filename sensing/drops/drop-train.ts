/**
 * The rate of a train of drops, found by counting.
 *
 * Model: drops leave a chamber nearly evenly; each is seen some percent of an interval early or late without moving the next (so the error of a rate from n drops
 * falls with n^1.5, by regression of the count over time), a few are missed, counted twice or come with splashes. A signal well before the next drop is due is no drop;
 * an interval near a multiple of the period holds missed ones. When intervals stay short or long together, the rate has really changed and the train starts anew.
 */
const POINTS_MAX = 128;
/** The count is fitted over so long, where so many drops fell in it. */
const WINDOW_S = 60;
const POINTS_MIN = 12;
/** Newest drops that show first that the rate has changed. */
const SHORT_POINTS = 8;
/** Beyond this difference of short and long fit the older drops are forgotten: some 4 deviations at the largest scatter seen (8 %). */
const CHANGE_SHARE = 0.04;
const EARLY_SHARE = 0.6;
const LATE_SHARE = 1.6;
/** Signals looked at together before the period is believed to have become much shorter; splashes of a touch are over within some 3 s. */
const RAW_KEPT = 24;
const FASTER_SPAN_S = 4.5;
const FASTER_SIGNALS = 7;
/** Share of intervals that a missed or doubled drop may spoil in an even train. */
const ODD_SHARE = 0.1;
const SLOWER_INTERVALS = 3;

export interface DropTrain {
  /** Takes a drop signal at `at` s, later than any before. */
  drop(at: number): void;
  /** Drops per second now, or undefined before three drops of one train. */
  rate(): number | undefined;
  /** Relative 68 % uncertainty of the rate. */
  uncertainty(): number;
  /** Usual time between drops, s. */
  period(): number | undefined;
  /** The last drop that counted, s. */
  lastAt(): number | undefined;
  /** Drops of the present train. */
  points(): number;
  /** Starts a new train: the beam was blind for a while or the flow had stopped. */
  restart(): void;
}

interface Fit {
  rate: number;
  uncertainty: number;
}

export function createDropTrain(): DropTrain {
  let times: number[] = [];
  let counts: number[] = [];
  let raw: number[] = [];
  let period: number | undefined;
  let fitted: Fit | undefined;

  /** Regression of the count over time from point `from` on. */
  function fit(from: number): Fit {
    const n = times.length - from;
    const t0 = times[from]!;
    const c0 = counts[from]!;
    let st = 0;
    let sc = 0;
    for (let index = from; index < times.length; index += 1) {
      st += times[index]! - t0;
      sc += counts[index]! - c0;
    }
    const mt = st / n;
    const mc = sc / n;
    let stt = 0;
    let stc = 0;
    let scc = 0;
    for (let index = from; index < times.length; index += 1) {
      const dt = times[index]! - t0 - mt;
      const dc = counts[index]! - c0 - mc;
      stt += dt * dt;
      stc += dt * dc;
      scc += dc * dc;
    }
    const rate = stc / stt;
    const residual = Math.max(0, scc - rate * stc) / Math.max(1, n - 2);
    // A floor of 3 % of an interval keeps a lucky run of a few drops from looking exact.
    return { rate, uncertainty: Math.sqrt(Math.max(residual, 0.03 ** 2) / stt) / rate };
  }

  function refit(): void {
    if (times.length < 3) {
      fitted = undefined;
      return;
    }
    const newest = times[times.length - 1]!;
    let from = 0;
    while (times.length - from > POINTS_MIN && newest - times[from]! > WINDOW_S) from += 1;
    const short = Math.max(from, times.length - SHORT_POINTS);
    const shortFit = fit(short);
    fitted = short > from ? fit(from) : shortFit;
    if (short > from + 2 && Math.abs(shortFit.rate / fitted.rate - 1) > CHANGE_SHARE) {
      from = short;
      fitted = shortFit;
    }
    times = times.slice(from);
    counts = counts.slice(from);
    period = 1 / shortFit.rate;
  }

  function begin(points: readonly number[], usual: number): void {
    times = [...points];
    counts = [0];
    for (let index = 1; index < points.length; index += 1) {
      counts.push(counts[index - 1]! + Math.max(1, Math.round((points[index]! - points[index - 1]!) / usual)));
    }
    period = usual;
    refit();
  }

  const intervals = (points: readonly number[]) => points.slice(1).map((at, index) => at - points[index]!);
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

  /** Where the last signals show that the period is quite another, begins anew with them. */
  function hasLeapt(): boolean {
    if (period === undefined) return false;
    let from = raw.length - FASTER_SIGNALS;
    const now = raw[raw.length - 1]!;
    while (from > 0 && now - raw[from]! < FASTER_SPAN_S) from -= 1;
    if (from >= 0 && now - raw[from]! >= FASTER_SPAN_S) {
      const signals = raw.slice(from);
      const recent = intervals(signals).sort((a, b) => a - b);
      const usual = recent[recent.length >> 1]!;
      const odd = Math.floor(recent.length * ODD_SHARE);
      const isEven = recent[recent.length - 1 - odd]! < 1.6 * usual && recent[odd]! > 0.4 * usual;
      if (isEven && usual < EARLY_SHARE * period) {
        begin(signals, usual);
        return true;
      }
    }
    const slow = raw.slice(-SLOWER_INTERVALS - 1);
    if (slow.length > SLOWER_INTERVALS && intervals(slow).every((interval) => interval > LATE_SHARE * period!)) {
      begin(slow, median(intervals(slow)));
      return true;
    }
    return false;
  }

  return {
    drop(at) {
      raw.push(at);
      if (raw.length > RAW_KEPT) raw.shift();
      if (period === undefined) {
        if (raw.length >= 4) begin(raw, median(intervals(raw)));
        return;
      }
      if (times.length > 0 && hasLeapt()) return;
      const last = times[times.length - 1];
      if (last === undefined) {
        times.push(at);
        counts.push(0);
        return;
      }
      const share = (at - last) / period;
      if (share < EARLY_SHARE) return;
      times.push(at);
      counts.push(counts[counts.length - 1]! + Math.max(1, Math.round(share)));
      if (times.length > POINTS_MAX) {
        times.shift();
        counts.shift();
      }
      refit();
    },
    rate: () => fitted?.rate,
    uncertainty: () => fitted?.uncertainty ?? 1,
    period: () => period,
    lastAt: () => times[times.length - 1] ?? raw[raw.length - 1],
    points: () => times.length,
    restart() {
      times = [];
      counts = [];
      raw = [];
      fitted = undefined;
    },
  };
}
