import type { PumpState } from '#contracts/readings.ts';
import type { Instant, Millilitres, MillilitresPerHour, MillimetresOfMercury, Milliseconds } from '#contracts/units.ts';

/** What a pump says of itself. `alarm_occlusion` and `alarm_air` are the pump's own alarms. */
export const pumpStatuses = ['infusing', 'kvo', 'standby', 'stopped', 'alarm_occlusion', 'alarm_air', 'door_open'] as const;
export type PumpStatus = (typeof pumpStatuses)[number];

/** One row of telemetry as it arrived. Absent fields are not known. */
export interface PumpRow {
  /** Arrival at the edge, on the edge's reliable clock. */
  readonly receivedAt: Instant;
  /** The pump's own clock: offset, drift and steps are expected. */
  readonly deviceAt?: Instant;
  readonly status: PumpStatus;
  readonly isBatteryLow?: boolean;
  readonly rateMlPerHour?: MillilitresPerHour;
  /** Volume still to be infused. */
  readonly toInfuseMl?: Millilitres;
  /** The pump's own counter; it may start above zero and be cleared. */
  readonly infusedMl?: Millilitres;
  readonly pressureMmHg?: MillimetresOfMercury;
}

export interface PumpOptions {
  /** Silence after which the pump counts as lost; 60 s unless told. */
  readonly silenceLimit?: Milliseconds;
  /** The pump's own occlusion limit, where known. */
  readonly occlusionLimitMmHg?: MillimetresOfMercury;
}

export type PumpEventKind = 'occlusion' | 'air_in_line' | 'door_open' | 'battery_low' | 'infusion_complete' | 'comm_lost' | 'counter_reset';

export interface PumpEvent {
  readonly kind: PumpEventKind;
  readonly at: Instant;
}

export interface PumpEstimate {
  readonly state: PumpState;
  readonly isBatteryLow: boolean;
  readonly rateMlPerHour?: MillilitresPerHour;
  /** Delivered since the first row, across resets of the pump's counter. */
  readonly infusedMl?: Millilitres;
  readonly remainingMl?: Millilitres;
  /** Believed to reach the patient: zero while occluded or halted. */
  readonly flowMlPerHour?: MillilitresPerHour;
  readonly pressureMmHg?: MillimetresOfMercury;
  /** Pump clock minus edge clock. */
  readonly clockOffset?: Milliseconds;
  /** Events of this step only; findings are made by `watch`. */
  readonly events: readonly PumpEvent[];
}

export interface PumpTracker {
  /** Takes a row in order of arrival; duplicates and rows older than one already taken change nothing but the proof of life. */
  step(row: PumpRow): PumpEstimate;
  /** The estimate at `at`, called about once a second so that silence is noticed. */
  tick(at: Instant): PumpEstimate;
}
