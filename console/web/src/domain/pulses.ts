import type { Priority } from '#contracts/alarm-kinds.ts';

/** Auditory signals in the manner of IEC 60601-1-8: high 10 pulses, medium 3, low 1. Times in seconds from the start of a burst. */
export interface Burst {
  readonly starts: readonly number[];
  readonly pulseS: number;
  /** From the start of one burst to the start of the next; undefined: it sounds once. */
  readonly repeatS: number | undefined;
}

const HIGH_PULSE_S = 0.15;
const HIGH_GAP_S = 0.1;
/** ●●● ●●, twice: the third gap is longer, and the halves stand apart. */
function highStarts(): number[] {
  const starts: number[] = [];
  let at = 0;
  for (let half = 0; half < 2; half++) {
    for (let pulse = 0; pulse < 5; pulse++) {
      starts.push(at);
      at += HIGH_PULSE_S + (pulse === 2 ? HIGH_GAP_S * 2 + HIGH_PULSE_S : HIGH_GAP_S);
    }
    at += 0.4;
  }
  return starts;
}

export const bursts: Record<Priority, Burst> = {
  high: { starts: highStarts(), pulseS: HIGH_PULSE_S, repeatS: 8 },
  medium: { starts: [0, 0.4, 0.8], pulseS: 0.2, repeatS: 20 },
  low: { starts: [0], pulseS: 0.2, repeatS: undefined },
};

/** The pulse's tone: a fundamental with harmonics of like strength, so that it is located and heard through a door. */
export const FUNDAMENTAL_HZ = 523;
export const HARMONICS: readonly number[] = [0, 1, 0.9, 0.8, 0.7, 0.5];
/** Rise and fall, so that nothing clicks. */
export const RAMP_S = 0.02;
