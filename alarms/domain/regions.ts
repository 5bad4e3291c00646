import type { Instant } from '#contracts/units.ts';
import {
  type AnnunciationRegion,
  after,
  asksNext,
  type ConditionRegion,
  DECISION_MS,
  type DeliveryRegion,
  type FindingMark,
} from './episode.ts';
import type { Rule } from './rules.ts';

/** The three regions of an alarm episode, each by itself (ward.md §1). None looks into another; `step.ts` joins them. */

const without = <T extends object, K extends keyof T>(region: T, ...keys: K[]): Omit<T, K> => {
  const rest = { ...region };
  for (const key of keys) delete rest[key];
  return rest;
};

export const beginCondition = (finding: FindingMark, now: Instant): ConditionRegion => ({
  state: 'pending',
  finding,
  startedAt: finding.since < now ? finding.since : now,
  decideBy: after(now, DECISION_MS),
});
export const makePresent = (region: ConditionRegion, finding = region.finding): ConditionRegion => ({
  ...without(region, 'clearsAt'),
  state: 'present',
  finding,
});
export const beginClearing = (region: ConditionRegion, rule: Rule, now: Instant): ConditionRegion => ({
  ...region,
  state: 'clearing',
  clearsAt: after(now, rule.offDelayMs),
});
export const makeAbsent = (region: ConditionRegion): ConditionRegion => ({ ...without(region, 'clearsAt'), state: 'absent' });

export const silent: AnnunciationRegion = { state: 'off', occurrence: 0, escalation: 0 };
/** Sounds from the first in the route on, as a new occurrence: older answers are not for this one. */
export const annunciate = (region: AnnunciationRegion, rule: Rule, now: Instant): AnnunciationRegion => ({
  state: 'on',
  occurrence: region.occurrence + 1,
  escalation: 0,
  ...(asksNext(0, rule.route) ? { escalatesAt: after(now, rule.escalateAfterMs) } : {}),
});
export const acknowledge = (region: AnnunciationRegion, person: string, now: Instant): AnnunciationRegion => ({
  ...without(region, 'escalatesAt'),
  state: 'acknowledged',
  acknowledgedBy: person,
  acknowledgedAt: now,
});
export const latch = (region: AnnunciationRegion): AnnunciationRegion => ({ ...region, state: 'latched' });
export const silence = (region: AnnunciationRegion): AnnunciationRegion => ({ ...without(region, 'escalatesAt'), state: 'off' });
/** Asks the next in the route, one step however long it was due: an outage must not run through the whole route at once. */
export const escalate = (region: AnnunciationRegion, rule: Rule, now: Instant): AnnunciationRegion => {
  const escalation = region.escalation + 1;
  return {
    ...without(region, 'escalatesAt'),
    escalation,
    ...(asksNext(escalation, rule.route) ? { escalatesAt: after(now, rule.escalateAfterMs) } : {}),
  };
};
/** The route has changed while somebody is being asked. */
export const rerouted = (region: AnnunciationRegion, rule: Rule, now: Instant): AnnunciationRegion => {
  const escalation = Math.min(region.escalation, rule.route.length - 1);
  const isAsking = region.state === 'on' || region.state === 'latched';
  const rest = { ...without(region, 'escalatesAt'), escalation };
  if (!isAsking || !asksNext(escalation, rule.route)) return rest;
  return { ...rest, escalatesAt: region.escalatesAt ?? after(now, rule.escalateAfterMs) };
};

const DELIVERIES_MAX = 32;
/** Everybody asked so far has a delivery. */
export const queueDeliveries = (region: DeliveryRegion, rule: Rule, escalation: number, now: Instant): DeliveryRegion => {
  const open = new Set(region.filter(({ state }) => state === 'queued' || state === 'delivered').map(({ recipient }) => recipient));
  const asked = rule.route.slice(0, escalation + 1).filter((recipient) => !open.has(recipient));
  return [...region, ...asked.map((recipient) => ({ recipient, state: 'queued' as const, at: now }))].slice(-DELIVERIES_MAX);
};
/** One has accepted: the last who was asked; nobody else needs to be told any more. */
export const settleDeliveries = (region: DeliveryRegion, end: 'accepted' | 'cancelled', now: Instant): DeliveryRegion => {
  const open = (state: string) => state === 'queued' || state === 'delivered';
  const last = region.findLastIndex(({ state }) => open(state));
  return region.map((one, i) =>
    open(one.state) ? { ...one, state: i === last && end === 'accepted' ? ('accepted' as const) : ('cancelled' as const), at: now } : one,
  );
};
