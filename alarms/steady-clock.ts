import { type Instant, instant, type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';

const STEP_MS = 500;

/**
 * Wall-clock time that runs on by the monotonic clock, so that an alarm's delay is a delay whatever is done to the system's clock. When the
 * wall clock is found to have been set, time follows it and `onStep` tells by how much: open deadlines are moved along.
 */
export function steadyClock(clock: Pick<Clock, 'now' | 'elapsed'>, onStep: (by: Milliseconds) => void): { now(): Instant } {
  let offset = clock.now() - clock.elapsed();
  return {
    now() {
      const elapsed = clock.elapsed();
      const stepped = clock.now() - elapsed - offset;
      if (Math.abs(stepped) > STEP_MS) {
        offset += stepped;
        onStep(milliseconds(Math.round(stepped)));
      }
      return instant(Math.round(elapsed + offset));
    },
  };
}
