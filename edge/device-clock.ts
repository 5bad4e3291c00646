import { type Instant, instant } from '#contracts/units.ts';

/** Delay between a device's word and its arrival that is still believed; beyond it the device's clock has been set or reset. */
const DELAY_MAX_MS = 2000;
/** The offset is the least delay within the last one to two of these: the counter's drift (some 100 ppm) is followed. */
const WINDOW_MS = 60_000;

/** Brings a device's own millisecond counter to the edge's timeline, which runs `factor` times as fast. Bytes may be late but never early, so the least delay seen tells the offset. */
export function createDeviceClock(factor = 1): (deviceMs: number, arrivedAt: Instant) => Instant {
  let older = Number.POSITIVE_INFINITY;
  let newer = Number.POSITIVE_INFINITY;
  let windowFrom = Number.NEGATIVE_INFINITY;
  return (deviceMs, arrived) => {
    const arrivedAt = arrived / factor;
    const offset = arrivedAt - deviceMs;
    const believed = Math.min(older, newer);
    if (offset - believed > DELAY_MAX_MS || believed - offset > DELAY_MAX_MS) {
      older = Number.POSITIVE_INFINITY;
      newer = offset;
      windowFrom = arrivedAt;
    } else if (arrivedAt - windowFrom > WINDOW_MS) {
      older = newer;
      newer = offset;
      windowFrom = arrivedAt;
    } else newer = Math.min(newer, offset);
    return instant(Math.min(arrivedAt, deviceMs + Math.min(older, newer)) * factor);
  };
}
