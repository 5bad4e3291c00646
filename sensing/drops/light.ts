/**
 * What the detector's steady light says: sun on it hides the drops; a stream or an object in the beam takes most of the light away.
 * Levels are shares of full scale: 0.3 to 0.7 is usual, near 1 is saturated.
 */
const SUN = 0.8;
/** The light comes back unevenly; so long after the last bright second drops are still missed. */
const SUN_CLEARS_S = 2;
const DARK_SHARE = 0.62;
/** Darkness must last this long to be more than a drop or a touch. */
const DARK_AFTER_S = 4;
/** The usual light follows slow changes of the room within minutes. */
const USUAL_GAIN = 0.02;

export type Sight = 'clear' | 'sun' | 'dark';

export interface Light {
  step(level: number, at: number): void;
  /** What can be seen at `at` s. */
  sight(at: number): Sight;
  /** Since when it has been dark, s; undefined while it is not. */
  darkSince(): number | undefined;
}

export function createLight(): Light {
  let usual: number | undefined;
  let brightAt = Number.NEGATIVE_INFINITY;
  let darkFrom: number | undefined;
  return {
    step(level, at) {
      if (!(level >= 0 && level <= 2)) return;
      if (level > SUN) {
        brightAt = at;
        darkFrom = undefined;
        return;
      }
      if (usual !== undefined && level < DARK_SHARE * usual) {
        darkFrom ??= at;
        return;
      }
      darkFrom = undefined;
      usual = usual === undefined ? level : usual + USUAL_GAIN * (level - usual);
    },
    sight(at) {
      if (at - brightAt <= SUN_CLEARS_S) return 'sun';
      return darkFrom !== undefined && at - darkFrom >= DARK_AFTER_S ? 'dark' : 'clear';
    },
    darkSince: () => darkFrom,
  };
}
