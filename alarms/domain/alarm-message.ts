import type { Alarm } from '#contracts/alarms.ts';
import type { Instant } from '#contracts/units.ts';
import type { Episode } from './episode.ts';

/** The episode as the bus shows it; undefined while it was never raised. A raised alarm whose condition is pending once more is shown as absent until it holds. */
export function alarmOf(episode: Episode, at: Instant, isClosed: boolean): Alarm | undefined {
  const { condition, annunciation, raisedAt, rule } = episode;
  if (raisedAt === undefined) return undefined;
  return {
    schema: 'alarm.v1',
    alarm: episode.alarm,
    ward: episode.ward,
    kind: episode.kind,
    subject: episode.subject,
    ...(episode.bed === undefined ? {} : { bed: episode.bed }),
    ...(episode.line === undefined ? {} : { line: episode.line }),
    priority: rule.priority,
    condition: condition.state === 'pending' ? 'absent' : condition.state,
    annunciation: annunciation.state,
    occurrence: annunciation.occurrence,
    revision: episode.revision,
    presentSince: condition.startedAt,
    raisedAt,
    at,
    decidedBy: episode.decision ? 'flow' : 'default',
    route: [...rule.route],
    escalation: annunciation.escalation,
    deliveries: [...episode.delivery],
    ...(annunciation.acknowledgedBy === undefined ? {} : { acknowledgedBy: annunciation.acknowledgedBy }),
    ...(annunciation.acknowledgedAt === undefined ? {} : { acknowledgedAt: annunciation.acknowledgedAt }),
    ...episode.figures,
    isClosed,
  };
}
