import type { AlarmKindName, Recipient } from '#contracts/alarm-kinds.ts';
import type { Alarm, annunciations, conditions } from '#contracts/alarms.ts';
import type { Finding } from '#contracts/findings.ts';
import { type Instant, instant, type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Decision, Rule } from './rules.ts';

/** No flow has decided within this time: the ledger raises the safe default by itself (design rule 6). */
export const DECISION_MS = milliseconds(2000);

/** Which presence of a finding is meant. `since` tells a writer that lost its count from a message that came twice. */
export interface FindingMark {
  readonly occurrence: number;
  readonly since: Instant;
}

/** Region 1: what is so. */
export interface ConditionRegion {
  readonly state: (typeof conditions)[number];
  readonly finding: FindingMark;
  /** From here the on-delay counts; never later than the finding came in. */
  readonly startedAt: Instant;
  /** Without a flow's decision the default is raised from here on. */
  readonly decideBy: Instant;
  /** Set while clearing. */
  readonly clearsAt?: Instant;
}

/** Region 2: what the alarm does to be noticed. */
export interface AnnunciationRegion {
  readonly state: (typeof annunciations)[number];
  /** 0 until first raised; an answer names the occurrence that it is for. */
  readonly occurrence: number;
  /** Index into the route of who is asked now. */
  readonly escalation: number;
  /** Absent when answered, or when there is nobody further to ask. */
  readonly escalatesAt?: Instant;
  readonly acknowledgedBy?: string;
  readonly acknowledgedAt?: Instant;
}

/** Region 3: what became of telling each recipient. */
export type DeliveryRegion = Alarm['deliveries'];

/** One alarm from its first finding until nothing of it is left to do. */
export interface Episode {
  readonly alarm: string;
  readonly ward: string;
  readonly kind: AlarmKindName;
  readonly subject: string;
  readonly bed?: string;
  readonly line?: string;
  /** The ward's rule when the episode began. */
  readonly wardRule: Rule;
  readonly decision?: Decision;
  /** The ward's rule with the flow's decision in it. */
  readonly rule: Rule;
  readonly condition: ConditionRegion;
  readonly annunciation: AnnunciationRegion;
  readonly delivery: DeliveryRegion;
  readonly raisedAt?: Instant;
  readonly revision: number;
  readonly figures: Pick<Finding, 'value' | 'limit' | 'unit' | 'evidence'>;
}

/** All that the ledger knows of one key (ward, kind, subject). */
export interface KeyState {
  readonly episode?: Episode;
  /** The last presence that is known to have ended: older messages about it change nothing. */
  readonly lastEnded?: FindingMark;
}

export const keyOf = (about: { ward: string; kind: string; subject: string }): string => `${about.ward}/${about.kind}/${about.subject}`;

/** Is a message about `a` older than, or the same as, what is known as `b`? A later `since` or a higher count makes it news. */
export const isNotAfter = (a: FindingMark, b: FindingMark): boolean => a.occurrence <= b.occurrence && a.since <= b.since;
export const isBefore = (a: FindingMark, b: FindingMark): boolean => isNotAfter(a, b) && a.occurrence !== b.occurrence;

export const after = (at: Instant, by: Milliseconds): Instant => instant(at + by);

/** When the alarm is due to be raised, while pending. */
export const raisesAt = ({ condition, rule, decision }: Episode): Instant => {
  const held = after(condition.startedAt, rule.onDelayMs);
  return decision || held > condition.decideBy ? held : condition.decideBy;
};

export const asksNext = (escalation: number, route: readonly Recipient[]): boolean => escalation + 1 < route.length;

/** The next moment at which time alone changes the episode. */
export function deadlineOf(episode: Episode): Instant | undefined {
  const { condition, annunciation } = episode;
  const own = condition.state === 'pending' ? raisesAt(episode) : condition.state === 'clearing' ? condition.clearsAt : undefined;
  const next = annunciation.escalatesAt;
  if (own === undefined) return next;
  return next === undefined || own <= next ? own : next;
}

/** After a step of the wall clock: what was to come in 8 s still comes in 8 s. */
export function shiftDeadlines(episode: Episode, by: Milliseconds): Episode {
  const { condition, annunciation } = episode;
  return {
    ...episode,
    condition: {
      ...condition,
      startedAt: after(condition.startedAt, by),
      decideBy: after(condition.decideBy, by),
      ...(condition.clearsAt === undefined ? {} : { clearsAt: after(condition.clearsAt, by) }),
    },
    annunciation: {
      ...annunciation,
      ...(annunciation.escalatesAt === undefined ? {} : { escalatesAt: after(annunciation.escalatesAt, by) }),
    },
  };
}

/**
 * The rule for restarts: time has passed while the ledger was away, so deadlines that fell into it are due at once. A clock that was set
 * back meanwhile must not stretch them: none may lie further off than its whole delay.
 */
export function reloadedAt(episode: Episode, now: Instant): Episode {
  const { condition, annunciation, rule } = episode;
  const soonest = (at: Instant, delay: Milliseconds) => instant(Math.min(at, now + delay));
  return {
    ...episode,
    condition: {
      ...condition,
      startedAt: soonest(condition.startedAt, milliseconds(0)),
      decideBy: soonest(condition.decideBy, DECISION_MS),
      ...(condition.clearsAt === undefined ? {} : { clearsAt: soonest(condition.clearsAt, rule.offDelayMs) }),
    },
    annunciation: {
      ...annunciation,
      ...(annunciation.escalatesAt === undefined ? {} : { escalatesAt: soonest(annunciation.escalatesAt, rule.escalateAfterMs) }),
    },
  };
}
