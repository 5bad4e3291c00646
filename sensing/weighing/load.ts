/**
 * Follows the mass on the hook through disturbances.
 *
 * While a hand is near, the housing swings or the mass leaps, the mass is not believed: it goes on falling at the flow known so far. When it has come to rest elsewhere than expected, the difference is a jump, for
 * the caller to explain: a tube hung differently, an injection, another container. A slow departure without a leap is flow.
 */
import type { Second } from './second.ts';

/** Departure from the expected mass that is still noise, drift or flow, g. */
const GATE_G = 1.5;
/** Difference between two seconds that is a leap, g: free flow makes at most half of it. */
const LEAP_G = 0.9;
const RANGE_MAX_G = 2.4;
/** A swinging mass pulls by its weight. */
const RANGE_SHARE = 0.0012;
/** Seconds of rest before a jump is believed: a pull at the tube without a hand at the scale can last 20 s. */
const REST_BACK_S = 4;
const REST_AFTER_HAND_S = 8;
const REST_AFTER_PULL_S = 24;
const GAIN = 0.08;
const GAIN_RAMP = 0.4;

export interface Jump {
  /** Mass after less mass expected, g. */
  readonly grams: number;
  /** From the first disturbed to the last disturbed second, s. */
  readonly duration: number;
  /** Seconds of it with a hand near or the housing moved. */
  readonly handled: number;
}

export interface Load {
  /** Takes a second; `fall` is the flow in g/s. Returns a jump where one has been established. */
  step(second: Second, fall: number): Jump | undefined;
  /** Mass believed, g. */
  mass(): number;
  isCalm(): boolean;
  /** End of the last disturbance, s. */
  calmSince(): number;
  /** Sum of all jumps: mass less this is continuous but for flow. */
  shift(): number;
  /** Calm seconds that this step established: the present one, or with it those of a rest before it was trusted. */
  established(): readonly { readonly at: number; readonly mass: number }[];
  /** Starts at a mass known to be at rest. */
  restart(at: number, mass: number): void;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

export function createLoad(): Load {
  let mass = 0;
  let last = 0;
  let lastResidual = 0;
  let shift = 0;
  let isCalm = true;
  let calmSince = 0;
  let disturbedFrom = 0;
  let disturbedTo = 0;
  let handled = 0;
  const rest: number[] = [];
  const restSeconds: { at: number; mass: number }[] = [];
  let established: { at: number; mass: number }[] = [];

  function resume(at: number): void {
    isCalm = true;
    calmSince = at - rest.length;
    rest.length = 0;
    established = restSeconds.splice(0);
  }

  return {
    step(second, fall) {
      const { at } = second;
      established = [];
      mass -= fall * Math.max(0, at - last);
      last = at;
      const residual = second.mass - mass;
      const isDisturbed = second.isHandled || second.isSwinging || second.range > RANGE_MAX_G + RANGE_SHARE * Math.abs(second.mass);
      const isLeap = Math.abs(residual - lastResidual) > LEAP_G;
      lastResidual = residual;
      if (isCalm && !isDisturbed && (Math.abs(residual) < GATE_G || !isLeap)) {
        mass += (Math.abs(residual) < GATE_G ? GAIN : GAIN_RAMP) * residual;
        lastResidual = second.mass - mass;
        established = [{ at, mass: second.mass }];
        return undefined;
      }
      if (isCalm) {
        isCalm = false;
        disturbedFrom = at;
        disturbedTo = at;
        handled = 0;
        rest.length = 0;
        restSeconds.length = 0;
      }
      if (second.isHandled) handled += 1;
      if (isDisturbed || (rest.length > 0 && isLeap)) {
        disturbedTo = at;
        rest.length = 0;
        restSeconds.length = 0;
        if (isDisturbed) return undefined;
      }
      rest.push(residual);
      restSeconds.push({ at, mass: second.mass });
      const isBack = rest.length >= REST_BACK_S && rest.slice(-REST_BACK_S).every((each) => Math.abs(each) < GATE_G);
      if (!isBack && rest.length < (handled > 0 ? REST_AFTER_HAND_S : REST_AFTER_PULL_S)) return undefined;
      // A train of residuals that still slopes is flow that began during the disturbance; only where it began is a jump.
      const grams = median(rest.slice(0, 4));
      const now = median(rest.slice(-4));
      mass += now;
      shift += grams;
      const jump = { grams, duration: disturbedTo - disturbedFrom + 1, handled };
      resume(at);
      lastResidual = 0;
      return jump;
    },
    mass: () => mass,
    isCalm: () => isCalm,
    calmSince: () => calmSince,
    shift: () => shift,
    established: () => established,
    restart(at, to) {
      mass = to;
      last = at;
      lastResidual = 0;
      isCalm = true;
      calmSince = at;
      rest.length = 0;
    },
  };
}
