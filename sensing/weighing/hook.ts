/** Whether a container hangs on the hook, is being handled, or is about to start. */
import type { Second } from './second.ts';

/** Less than the lightest container with its set; zero drifts by a few grams. */
const ABSENT_G = 9;
const PRESENT_G = 15;
const ABSENT_AFTER_S = 5;
const PRESENT_AFTER_S = 2;
/** One hung within this time takes the place of the one before. */
const AWAY_BRIEFLY_S = 200;
/** After hanging it the nurse fills the set and opens the clamp: a touch, at the latest after this time. */
const START_AFTER_S = 110;
const START_TOUCH_AFTER_S = 9;
const REST_MIN = 3;
const REST_MAX = 9;
const RANGE_MAX_G = 4;
/** A swinging mass pulls by its weight. */
const RANGE_SHARE = 0.003;

export type HookChange = 'present' | 'removed' | 'hung' | 'started' | undefined;
export type HookPhase = 'unknown' | 'no_bag' | 'changing' | 'hanging';

export interface Hook {
  step(second: Second, isNextKnown: boolean): HookChange;
  phase(): HookPhase;
  /** Mass at rest before the start, g; undefined where it never was. */
  rest(): number | undefined;
  /** True where the container hung last followed another closely. */
  wasAwayBriefly(): boolean;
}

export function createHook(): Hook {
  let phase: HookPhase = 'unknown';
  let below = 0;
  let above = 0;
  let hungAt: number | undefined;
  let removedAt: number | undefined;
  let wasBrief = false;
  const rest: number[] = [];

  function settle({ isHandled, isSwinging, range, mass }: Second): void {
    if (isHandled || isSwinging || range > RANGE_MAX_G + RANGE_SHARE * Math.abs(mass)) return;
    rest.push(mass);
    if (rest.length > REST_MAX) rest.shift();
  }

  function awaitStart(second: Second): HookChange {
    const waited = second.at - hungAt!;
    const isTouched = waited > START_TOUCH_AFTER_S && second.isNear && second.range > RANGE_MAX_G && rest.length >= REST_MIN;
    if (isTouched || (waited > START_AFTER_S && rest.length >= REST_MIN)) {
      hungAt = undefined;
      phase = 'hanging';
      return 'started';
    }
    settle(second);
    return undefined;
  }

  function look(second: Second): HookChange {
    settle(second);
    if (below >= ABSENT_AFTER_S) phase = 'no_bag';
    else if (above >= PRESENT_AFTER_S && rest.length >= REST_MIN) {
      phase = 'hanging';
      return 'present';
    }
    return undefined;
  }

  return {
    step(second, isNextKnown) {
      // A hand that lifts the hook makes the mass negative; an empty hook shows zero.
      below = Math.abs(second.mass) < ABSENT_G ? below + 1 : 0;
      above = second.mass > PRESENT_G ? above + 1 : 0;
      if (phase === 'unknown') return look(second);
      if (phase === 'hanging' || hungAt !== undefined) {
        if (below >= ABSENT_AFTER_S) {
          removedAt = second.at;
          hungAt = undefined;
          // With the next order known a container taken off is being replaced.
          phase = isNextKnown ? 'changing' : 'no_bag';
          return 'removed';
        }
        return hungAt === undefined ? undefined : awaitStart(second);
      }
      if (above >= PRESENT_AFTER_S) {
        wasBrief = removedAt !== undefined && second.at - removedAt < AWAY_BRIEFLY_S;
        hungAt = second.at;
        rest.length = 0;
        phase = 'changing';
        return 'hung';
      }
      phase = phase === 'changing' && isNextKnown ? 'changing' : 'no_bag';
      return undefined;
    },
    phase: () => phase,
    rest: () => (rest.length === 0 ? undefined : [...rest].sort((a, b) => a - b)[rest.length >> 1]),
    wasAwayBriefly: () => wasBrief,
  };
}
