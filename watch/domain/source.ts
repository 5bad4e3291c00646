import type { DripValue, LevelValue, PumpValue, Reading, WeightValue } from '#contracts/readings.ts';
import type { Instant } from '#contracts/units.ts';

export type SourceValue = WeightValue | DripValue | PumpValue | LevelValue;
export type SourceKind = SourceValue['kind'];

/** What one device last said about a line. */
export interface Source {
  readonly device: string;
  readonly kind: SourceKind;
  value: SourceValue;
  measuredAt: Instant;
  /** Flows of the last readings, newest last; see `steadyFlow`. */
  readonly flows: number[];
  /** Readings in a row with the state of the newest. */
  inState: number;
}

/** Readings that a drop counter's flow rests on: one late or doubled drop makes a wrong reading, never two of three. */
const STEADY_READINGS = 3;
/** Readings in a row before a drop counter's free flow is believed: 2 s at 1 Hz, the longest that free flow may wait. */
export const FREE_FLOW_READINGS = 2;

export const createSource = (device: string, value: SourceValue, measuredAt: Instant): Source => {
  const source: Source = { device, kind: value.kind, value, measuredAt, flows: [], inState: 0 };
  renew(source, value, measuredAt);
  return source;
};

/** Puts a newer reading in the place of the last. */
export function renew(source: Source, value: SourceValue, measuredAt: Instant): void {
  // What ran freely says nothing of the rate that it runs at now.
  if (source.value.state === 'free_flow' && value.state !== 'free_flow' && source.inState >= FREE_FLOW_READINGS) source.flows.length = 0;
  source.inState = source.value.state === value.state ? source.inState + 1 : 1;
  source.value = value;
  source.measuredAt = measuredAt;
  if (value.kind !== 'drip') return;
  if (value.flowMlPerHour === undefined) source.flows.length = 0;
  else if (source.flows.push(value.flowMlPerHour) > STEADY_READINGS) source.flows.shift();
}

/** The flow that a source stands for: a drop counter's median of three, zero at once when it has stopped; undefined where it is not known (yet). */
export function steadyFlow({ value, flows }: Source): number | undefined {
  if (value.kind === 'pump') return value.flowMlPerHour ?? (value.state === 'infusing' ? value.rateMlPerHour : undefined);
  if (value.kind !== 'drip' || value.state === 'stopped' || value.state === 'finished') return value.flowMlPerHour;
  if (flows.length < STEADY_READINGS) return undefined;
  const [a, b, c] = flows as [number, number, number];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Where a stream stands: enough to know a repeated or late reading again. */
export interface StreamMark {
  sequence: number;
  measuredAt: number;
}

/**
 * Is the reading newer than all before? A message sent twice is not. A sequence that starts again (a new outbox) is told by its time, a device clock that was put
 * back by its sequence.
 */
export function isNews(mark: StreamMark | undefined, { sequence }: Pick<Reading, 'sequence'>, measuredAt: number): boolean {
  return mark === undefined || sequence > mark.sequence || measuredAt > mark.measuredAt;
}
