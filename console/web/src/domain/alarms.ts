import type { Priority } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';

const WEIGHT: Record<Priority, number> = { high: 3, medium: 2, low: 1 };

/** Somebody has taken it on. */
export const isAnswered = (alarm: Alarm): boolean => alarm.annunciation === 'acknowledged' || alarm.annunciation === 'off';
/** Its condition has gone, but nobody has answered yet. */
export const isLatched = (alarm: Alarm): boolean => alarm.annunciation === 'latched';
/** The ledger keeps pending and closed alarms too; they are nobody's business on a screen. */
export const isShown = (alarm: Alarm): boolean => !alarm.isClosed && alarm.condition !== 'pending';

/** Unanswered before answered, then by priority, then the longest waiting first. */
export const byUrgency = (a: Alarm, b: Alarm): number =>
  Number(isAnswered(a)) - Number(isAnswered(b)) || WEIGHT[b.priority] - WEIGHT[a.priority] || a.presentSince - b.presentSince;

export type Counts = Record<Priority, number>;
/** Unanswered alarms by priority. */
export function countUnanswered(alarms: Iterable<Alarm>): Counts {
  const counts: Counts = { high: 0, medium: 0, low: 0 };
  for (const alarm of alarms) if (!isAnswered(alarm)) counts[alarm.priority]++;
  return counts;
}

/** Who is asked now. */
export const askedNow = (alarm: Alarm) => alarm.route[Math.min(alarm.escalation, alarm.route.length - 1)] ?? 'ward';
