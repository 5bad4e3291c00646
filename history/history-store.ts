import type { ArgsOf, ResultOf } from '#runtime/commands.ts';
import type { Point } from './measurements.ts';

export type Trend = ResultOf<'query'>;
export type TrendQuestion = ArgsOf<'query'>;

/** Where history is kept. `keep` makes points durable (in the store, or in its spool on the way there) before it returns. */
export interface HistoryStore extends AsyncDisposable {
  /** Throws OperationalError DISK_FULL; then nothing of the group is kept. */
  keep(points: readonly Point[]): void;
  trend(question: TrendQuestion): Promise<Trend>;
  counts(): Promise<{ counts: Record<string, number>; spooled: number; lagMs: number }>;
  /** Why the store is behind, or undefined when all is well. */
  trouble(): string | undefined;
}
