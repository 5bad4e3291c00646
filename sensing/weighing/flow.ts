/**
 * Flow from the mass history: the longest window over which the flow has not changed, drawn towards the ordered rate as far as the slope leaves it open.
 * Stalled and free flow are tests against the ordered rate over the shortest window that decides.
 */
import type { MassHistory, Slope } from './mass-history.ts';

const WINDOWS_S = [8, 12, 16, 22, 30, 45, 60, 90, 130, 190, 280, 420, 640, 900] as const;
/** A shorter window that differs by so many errors shows a changed flow. */
const CHANGE_SIGMAS = 4;
const CHANGE_SHARE = 0.12;
/** How well a pump and a roller clamp keep to the order. */
const PUMP_SHARE = 0.03;
const GRAVITY_SHARE = 0.12;
const PRIOR_SIGMAS = 3;
/** Mass that must be missing before a stop is believed: drift and touches of the tube make less. */
const MISSING_G = 1.1;
const STALL_SHARE = 0.22;
const STALL_SIGMAS = 4;
const FREE_SHARE = 2.2;
const FREE_SIGMAS = 4;
const FREE_FALL_G = 1;
const RESUMED_SHARE = 0.35;

export interface Flow {
  /** g/s */
  readonly fall: number;
  readonly error: number;
}

export type FlowVerdict = 'running' | 'stalled' | 'free_flow';

export interface FlowEstimator {
  /** The flow at `now` s; `ordered` is the ordered rate in g/s where known, `calmSince` the end of the last disturbance. */
  step(now: number, calmSince: number, ordered: number | undefined, isPumped: boolean): { flow: Flow | undefined; verdict: FlowVerdict };
  /** The flow may be quite another from now on: a container was hung, an order changed. */
  restart(now: number): void;
}

export function createFlowEstimator(history: MassHistory): FlowEstimator {
  let since = Number.NEGATIVE_INFINITY;
  let verdict: FlowVerdict = 'running';
  const slopes: (Slope | undefined)[] = WINDOWS_S.map(() => undefined);

  /** The longest window in which all shorter ones agree; moves `since` up where the flow has changed. */
  function measured(now: number): Slope | undefined {
    let best: Slope | undefined;
    for (let index = WINDOWS_S.length - 1; index >= 0; index -= 1) {
      const long = slopes[index];
      if (!long) continue;
      let isChanged = false;
      for (let shorter = 0; shorter < index; shorter += 1) {
        const short = slopes[shorter];
        if (!short) continue;
        const difference = Math.abs(short.fall - long.fall);
        if (difference > CHANGE_SIGMAS * Math.hypot(short.error, long.error) && difference > CHANGE_SHARE * Math.abs(long.fall)) {
          since = Math.max(since, now - WINDOWS_S[shorter]!);
          isChanged = true;
          break;
        }
      }
      if (!isChanged) {
        best = long;
        break;
      }
    }
    return best;
  }

  /** Runs again since `from`; what was before says nothing of it. */
  function resume(from: number): FlowVerdict {
    since = Math.max(since, from);
    return 'running';
  }

  function judge(now: number, calmSince: number, ordered: number): FlowVerdict {
    for (let index = 0; index < WINDOWS_S.length; index += 1) {
      const slope = slopes[index];
      const window = WINDOWS_S[index]!;
      if (!slope || now - window < calmSince - 2) continue;
      if (slope.fall * window > FREE_FALL_G && slope.fall - FREE_SIGMAS * slope.error > FREE_SHARE * ordered) return 'free_flow';
    }
    for (let index = 0; index < WINDOWS_S.length; index += 1) {
      const slope = slopes[index];
      const window = WINDOWS_S[index]!;
      if (!slope) continue;
      if (verdict === 'stalled') {
        if (slope.fall - 2.5 * slope.error > RESUMED_SHARE * ordered) return resume(now - window);
        continue;
      }
      if (verdict === 'free_flow' && window >= 12 && slope.fall + 2 * slope.error < 2 * ordered) return resume(now - window);
      // A mass that rises was touched: nothing can be said of the flow.
      const isRising = slope.fall < -Math.max(0.3 * ordered, 1.5 * slope.error);
      const isMissing = !isRising && (ordered - slope.fall) * window > MISSING_G;
      if (isMissing && slope.fall < STALL_SHARE * ordered && 0.6 * ordered - slope.fall > STALL_SIGMAS * slope.error) return 'stalled';
    }
    return verdict;
  }

  return {
    step(now, calmSince, ordered, isPumped) {
      for (let index = 0; index < WINDOWS_S.length; index += 1) slopes[index] = history.slope(now, WINDOWS_S[index]!, since);
      const slope = measured(now);
      if (ordered === undefined || ordered <= 0)
        return { flow: slope && { fall: Math.max(0, slope.fall), error: slope.error }, verdict: 'running' };
      verdict = judge(now, calmSince, ordered);
      if (verdict === 'stalled') return { flow: { fall: Math.max(0, slope?.fall ?? 0), error: slope?.error ?? ordered }, verdict };
      const spread = (isPumped ? PUMP_SHARE : GRAVITY_SHARE) * ordered;
      if (!slope) return { flow: { fall: ordered, error: 3 * spread }, verdict };
      if (Math.abs(slope.fall - ordered) > PRIOR_SIGMAS * Math.hypot(slope.error, spread)) {
        return { flow: { fall: Math.max(0, slope.fall), error: slope.error }, verdict };
      }
      const weight = 1 / slope.error ** 2 + 1 / spread ** 2;
      const fall = (slope.fall / slope.error ** 2 + ordered / spread ** 2) / weight;
      return { flow: { fall: Math.max(0, fall), error: Math.sqrt(1 / weight) }, verdict };
    },
    restart(now) {
      since = now;
      verdict = 'running';
    },
  };
}
