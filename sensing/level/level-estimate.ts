import type { ContainerState } from '#contracts/readings.ts';
import type { Fraction, Instant, Millilitres, MillilitresPerHour } from '#contracts/units.ts';

/** A decoded picture: `channels` bytes per pixel, row by row from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly pixels: Uint8Array;
}

export interface LevelSample {
  readonly at: Instant;
  readonly picture: Picture;
  /** Nominal volume of the order in force, where known. */
  readonly orderedMl?: Millilitres;
  readonly rateMlPerHour?: MillilitresPerHour;
}

export interface LevelEstimate {
  /** Volume over nominal volume; absent where no container hangs or it cannot be seen. */
  readonly fraction?: Fraction;
  readonly remainingMl?: Millilitres;
  readonly remainingBoundMl?: Millilitres;
  readonly flowMlPerHour?: MillilitresPerHour;
  /** 0 to 1; from 0.5 on the figure is fit to be shown to a nurse. */
  readonly confidence: number;
  readonly state: ContainerState;
  readonly isContainerFound: boolean;
  /** Row of the liquid's surface in the picture, for the commissioning view. */
  readonly levelRow?: number;
}

/** One bed camera's estimator; its memory is what earlier pictures of the same bed taught. */
export interface Level {
  /** Takes the next picture in order of arrival; one not newer than the last changes nothing. */
  step(sample: LevelSample): LevelEstimate;
}
