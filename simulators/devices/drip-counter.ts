import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Random } from '#simulators/random.ts';
import { audience, type Device } from './device.ts';

/**
 * A drip counter that speaks by itself: `D,<ms>` for every drop and `A,<ms>,<light>` once a second, CR LF. `<ms>` is its own clock since it was switched
 * on; `<light>` is the steady light on the detector in thousandths of full scale.
 */
export interface DripCounter extends Device {
  /** A drop has fallen, `agoMs` before now. */
  drop(agoMs: number): void;
}

/** Usual light on the detector. */
const LIGHT = [300, 700] as const;
/** One drop in a thousand is missed, one in two thousand counted twice. */
const MISSED = 1e-3;
const TWICE = 5e-4;

export function dripCounter(clock: Clock, r: Random): DripCounter {
  const { say, device } = audience();
  const startedAt = clock.elapsed() - Math.round(r.between(60_000, 86_400_000));
  const light = r.between(...LIGHT);
  const deviceMs = (agoMs = 0) => Math.round(clock.elapsed() - startedAt - agoMs);
  clock.every(milliseconds(1000), () => say(`A,${deviceMs()},${Math.round(light + r.normal(4))}\r\n`));
  return {
    ...device,
    drop(agoMs) {
      if (r.chance(MISSED)) return;
      say(`D,${deviceMs(agoMs)}\r\n`);
      if (r.chance(TWICE)) say(`D,${deviceMs(agoMs) + 12}\r\n`);
    },
  };
}
