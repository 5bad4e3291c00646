import type { DripState } from '#contracts/readings.ts';
import type { DropsPerMillilitre, DropsPerMinute, Instant, Millilitres, MillilitresPerHour } from '#contracts/units.ts';

export interface DropRateOptions {
  /** Drops per millilitre of the set, nominal or calibrated (ISO 8536-4: nominal ± 10 %). */
  readonly dropFactor: DropsPerMillilitre;
  /** Volume left in the container at the start, where known. */
  readonly remainingMl?: Millilitres;
}

export type DropEventKind = 'rate_high' | 'rate_low' | 'stopped' | 'free_flow' | 'finished';

export interface DropEvent {
  readonly kind: DropEventKind;
  readonly at: Instant;
}

export interface DropEstimate {
  /** Every drop signal taken since the start, repeats of one timestamp excluded. */
  readonly dropCount: number;
  readonly dropsPerMinute?: DropsPerMinute;
  readonly flowMlPerHour?: MillilitresPerHour;
  /** Half-width of the 95 % bound. */
  readonly flowBoundMlPerHour?: MillilitresPerHour;
  readonly remainingMl?: Millilitres;
  readonly state: DripState;
  /** Events of this step only; findings are made by `watch`. */
  readonly events: readonly DropEvent[];
}

export interface DropRate {
  /** The ordered rate from now on; undefined where no order is in force. */
  order(rate: MillilitresPerHour | undefined, at: Instant): void;
  /** A new container with this much in it, or undefined where that is not known. */
  refill(remainingMl: Millilitres | undefined, at: Instant): void;
  /** One drop signal of the detector. */
  drop(at: Instant): void;
  /** The detector's steady light as a share of full scale: near 1 blinded by sun, near 0 blocked or a stream. */
  ambient(level: number, at: Instant): void;
  /** The estimate at `at`, called about once a second whether drops fall or not. */
  tick(at: Instant): DropEstimate;
}
