import type { DripValue, LevelValue, PumpValue, Reading, WeightValue } from '#contracts/readings.ts';
import type { Instant } from '#contracts/units.ts';

export type SourceValue = WeightValue | DripValue | PumpValue | LevelValue;
export type SourceKind = SourceValue['kind'];

/** What one device last said about a line. */
export interface Source {
  readonly device: string;
  readonly kind: SourceKind;
  value: SourceValue;
  sequence: number;
  measuredAt: Instant;
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
