import type { WeighingSample } from './weighing-estimate.ts';

/** Samples of one second put together, with what the housing felt. */
export interface Second {
  /** End of the second, s. */
  readonly at: number;
  /** Median mass, g. */
  readonly mass: number;
  /** Largest less smallest mass, g. */
  readonly range: number;
  /** A hand or a person is near, or the housing is knocked or turned. */
  readonly isHandled: boolean;
  /** The infrared sensor saw something near for most of it. */
  readonly isNear: boolean;
  /** The housing swings or is carried. */
  readonly isSwinging: boolean;
}

/** Turning rate of a housing at rest stays below 0.08 rad/s with its bias; a touch turns it by 0.2 and more, carrying by 1. */
const SWING_RAD_S = 0.35;
const KNOCK_RAD_S = 0.9;
/** Knocks and carrying change the specific force by this much, m/s². */
const KNOCK_M_S2 = 0.35;
const GRAVITY_GAIN = 0.01;
const SAMPLES_MAX = 64;

export interface SecondGatherer {
  /** Takes a sample; returns the second before it where a new one begins. */
  add(sample: WeighingSample): Second | undefined;
}

export function createSecondGatherer(): SecondGatherer {
  const masses: number[] = [];
  let second = Number.NEGATIVE_INFINITY;
  let near = 0;
  let turning = 0;
  let knock = 0;
  let gravity: number | undefined;

  function close(): Second | undefined {
    if (masses.length === 0) return undefined;
    masses.sort((a, b) => a - b);
    const n = masses.length;
    const mass = n % 2 === 1 ? masses[n >> 1]! : (masses[n / 2 - 1]! + masses[n / 2]!) / 2;
    return {
      at: second + 1,
      mass,
      range: masses[n - 1]! - masses[0]!,
      isHandled: near * 2 > n || (near > 0 && turning > 0.1) || turning > KNOCK_RAD_S || knock > KNOCK_M_S2,
      isNear: near * 2 > n,
      isSwinging: turning > SWING_RAD_S,
    };
  }

  return {
    add({ at, massGrams, acceleration, rotation, isNear }) {
      const now = Math.floor(at / 1000);
      let done: Second | undefined;
      if (now > second) {
        done = close();
        second = now;
        masses.length = 0;
        near = 0;
        turning = 0;
        knock = 0;
      }
      if (masses.length < SAMPLES_MAX) masses.push(massGrams);
      if (isNear) near += 1;
      if (rotation) {
        const rate = Math.hypot(rotation.x, rotation.y, rotation.z);
        if (rate > turning) turning = rate;
      }
      if (acceleration) {
        const force = Math.hypot(acceleration.x, acceleration.y, acceleration.z);
        if (Number.isFinite(force)) {
          gravity = gravity === undefined ? force : gravity + GRAVITY_GAIN * Math.max(-0.5, Math.min(0.5, force - gravity));
          knock = Math.max(knock, Math.abs(force - gravity));
        }
      }
      return done;
    },
  };
}
