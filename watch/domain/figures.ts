import type { PumpState } from '#contracts/readings.ts';
import type { Instant, Millilitres, MillilitresPerHour } from '#contracts/units.ts';
import type { Infusion } from '#contracts/ward-state.ts';

export type InfusionState = Infusion['state'];
export type Quality = Infusion['quality'];

/** What is believed of a line, and whose word it is. An absent figure is not known. */
export interface Figures {
  readonly state: InfusionState;
  readonly quality: Quality;
  readonly remainingMl?: Millilitres;
  readonly remainingBoundMl?: Millilitres;
  readonly flowMlPerHour?: MillilitresPerHour;
  readonly flowBoundMlPerHour?: MillilitresPerHour;
  /** Of the newest reading that the figures rest on. */
  readonly measuredAt?: Instant;
  readonly remainingBy?: string;
  readonly flowBy?: string;
  readonly stateBy?: string;
  /** The pump's own word, which counts beside the state of the container. */
  readonly pump?: PumpState;
  /** Drops ended because the container ran out: the drip counter's way to say empty. */
  readonly isRunOut: boolean;
}

export const NO_FIGURES: Figures = { state: 'unknown', quality: 'unknown', isRunOut: false };
