import {
  type AlarmCategory,
  type AlarmKindName,
  alarmKinds,
  type Priority,
  priorities,
  type Recipient,
  recipients,
} from '#contracts/alarm-kinds.ts';
import type { AlarmRule, Site } from '#contracts/site.ts';
import { type Milliseconds, milliseconds } from '#contracts/units.ts';

/** How one kind of alarm is treated in one ward: the ward's rule over the site's over the default of `alarm-kinds.ts`. */
export interface Rule {
  readonly category: AlarmCategory;
  readonly priority: Priority;
  readonly onDelayMs: Milliseconds;
  /** Never shorter than the on-delay (ward.md §1). */
  readonly offDelayMs: Milliseconds;
  readonly escalateAfterMs: Milliseconds;
  readonly route: readonly Recipient[];
  /** Stays until somebody answers, even when the condition has gone. */
  readonly isLatching: boolean;
}

/** A flow's word on a finding. Absent fields leave the ward's rule. */
export interface Decision {
  readonly priority?: Priority;
  readonly route?: readonly Recipient[];
  readonly onDelayMs?: Milliseconds;
}

/** Conditions that are over before anybody sees them, yet must be looked at (ward.md §1). */
const latching: ReadonlySet<AlarmKindName> = new Set(['free_flow', 'empty', 'bag_removed']);

const ROUTE_MAX = 8;
const isRecipient = (word: string): word is Recipient => (recipients as readonly string[]).includes(word);
/** 0 is the most urgent. */
export const rankOf = (priority: Priority): number => priorities.indexOf(priority);

export type RuleOf = (ward: string, kind: AlarmKindName) => Rule;

/** Looks rules up; each is worked out once. A ward that the site file does not know (the house itself) has the site's rules. */
export function rulesOf(site: Pick<Site, 'wards' | 'alarmRules'>): RuleOf {
  const wards = new Map(site.wards.map((ward) => [ward.id, ward.alarmRules]));
  const known = new Map<string, Rule>();
  return (ward, kind) => {
    const key = wards.has(ward) ? `${ward}/${kind}` : kind;
    let rule = known.get(key);
    if (!rule) {
      rule = ruleFrom(kind, { ...site.alarmRules?.[kind], ...wards.get(ward)?.[kind] });
      known.set(key, rule);
    }
    return rule;
  };
}

function ruleFrom(kind: AlarmKindName, own: AlarmRule): Rule {
  const fallback = alarmKinds[kind];
  const onDelayMs = own.onDelayMs ?? milliseconds(fallback.onDelayMs);
  return {
    category: fallback.category,
    priority: own.priority ?? fallback.priority,
    onDelayMs,
    offDelayMs: milliseconds(Math.max(own.offDelayMs ?? fallback.offDelayMs, onDelayMs)),
    escalateAfterMs: own.escalateAfterMs ?? milliseconds(fallback.escalateAfterMs),
    route: own.route?.filter(isRecipient) ?? fallback.route,
    isLatching: latching.has(kind),
  };
}

/** Mistakes in the site's alarm rules that the schema does not see: a route that names nobody known. */
export function problemsOfRules(site: Pick<Site, 'wards' | 'alarmRules'>): string[] {
  const problems: string[] = [];
  const look = (path: string, rules: Site['alarmRules']) => {
    for (const [kind, rule] of Object.entries(rules ?? {}))
      for (const [i, word] of (rule?.route ?? []).entries())
        if (!isRecipient(word)) problems.push(`${path}.${kind}.route.${i}: "${word}": must be one of ${recipients.join(', ')}`);
  };
  look('alarmRules', site.alarmRules);
  for (const [i, ward] of site.wards.entries()) look(`wards.${i}.alarmRules`, ward.alarmRules);
  return problems;
}

/**
 * The rule of an alarm that a flow has decided. The flow's word goes before the ward's rule within the limits of the insurance:
 * it may shorten the delay, never lengthen it; it may not lower a patient alarm that the ward's rule calls high; it may ask others
 * first in a patient alarm, but whom the ward's rule asks stays behind them, so that nobody is cut off. What a hospital wants
 * beyond that, it writes into its site file, where it is checked and has a history.
 */
export function inForce(rule: Rule, decision: Decision): Rule {
  const asked = decision.priority ?? rule.priority;
  const isInsured = rule.category === 'patient';
  const route = decision.route ? [...new Set([...decision.route, ...(isInsured ? rule.route : [])])].slice(0, ROUTE_MAX) : rule.route;
  return {
    ...rule,
    priority: isInsured && rule.priority === 'high' ? 'high' : asked,
    onDelayMs: milliseconds(Math.min(decision.onDelayMs ?? rule.onDelayMs, rule.onDelayMs)),
    route,
  };
}

export const isSameDecision = (a: Decision | undefined, b: Decision): boolean =>
  a !== undefined && a.priority === b.priority && a.onDelayMs === b.onDelayMs && a.route?.join() === b.route?.join();
