import type { Instant } from '#contracts/units.ts';
import { NOTHING, type Session } from './session.ts';

const REPEAT_MS = 10_000;

/** A room sensor: a change is said at once, the state again every 10 s as long as the sensor speaks. */
export function createPresenceSession(timeFactor = 1): Session<'presence'> {
  const repeatMs = REPEAT_MS * timeFactor;
  let isPresent: boolean | undefined;
  let saidAt: Instant | undefined;
  let isHeard = false;
  return {
    take(word, at) {
      isHeard = true;
      if (word.isPresent === isPresent) return NOTHING;
      isPresent = word.isPresent;
      saidAt = at;
      isHeard = false;
      return [{ at, value: { kind: 'presence', isPresent } }];
    },
    tick(at) {
      if (!isHeard || isPresent === undefined || saidAt === undefined || at - saidAt < repeatMs) return NOTHING;
      isHeard = false;
      saidAt = at;
      return [{ at, value: { kind: 'presence', isPresent } }];
    },
    assign: () => undefined,
  };
}
