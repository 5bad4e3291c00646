import type { Alarm } from '#contracts/alarms.ts';
import type { Finding } from '#contracts/findings.ts';
import type { Instant } from '#contracts/units.ts';
import { alarmOf } from './alarm-message.ts';
import { deadlineOf, type Episode, type FindingMark, isBefore, isNotAfter, type KeyState, raisesAt } from './episode.ts';
import * as regions from './regions.ts';
import { type Decision, inForce, isSameDecision, type Rule, rankOf } from './rules.ts';

export type LedgerEvent =
  | { readonly type: 'finding'; readonly finding: Finding }
  /** The retained finding was taken back without a last word: its owner no longer stands for it. */
  | { readonly type: 'withdrawn' }
  | { readonly type: 'decision'; readonly occurrence: number; readonly decision: Decision }
  | { readonly type: 'acknowledge'; readonly alarm: string; readonly occurrence: number; readonly person: string }
  | { readonly type: 'time' };

export const transitionNames = [
  'pending',
  'passed',
  'raised',
  'recurred',
  'decided',
  'clearing',
  'returned',
  'latched',
  'escalated',
  'acknowledged',
  'closed',
] as const;
export type TransitionName = (typeof transitionNames)[number];

export interface Transition {
  readonly what: TransitionName;
  readonly at: Instant;
  readonly alarm: string;
  readonly person?: string;
  /** As published; absent while the alarm has not been raised. */
  readonly message?: Alarm;
}

export interface No {
  readonly code: 'unknown' | 'refused';
  readonly because: string;
}

export interface Step {
  readonly state: KeyState;
  readonly transitions: readonly Transition[];
  /** Why the event was not taken; time that had passed is taken all the same. */
  readonly no?: No;
}

export interface Terms {
  /** The ward's rule for a new episode. */
  readonly rule: Rule;
  /** Names a new episode. */
  name(): string;
}

/**
 * The ledger's state machine for one key. Duplicates, late and unknown events change nothing. Acknowledging never ends a condition;
 * only its absence over the whole off-delay does.
 */
export function step(state: KeyState, event: LedgerEvent, terms: Terms, now: Instant): Step {
  const course = new Course(state, now);
  course.letTimePass();
  const no = course.take(event, terms);
  course.letTimePass();
  return {
    state: {
      ...(course.episode ? { episode: course.episode } : {}),
      ...(course.lastEnded ? { lastEnded: course.lastEnded } : {}),
    },
    transitions: course.transitions,
    ...(no ? { no } : {}),
  };
}

/** One step's work in progress. */
class Course {
  episode: Episode | undefined;
  lastEnded: FindingMark | undefined;
  readonly transitions: Transition[] = [];
  readonly now: Instant;

  constructor({ episode, lastEnded }: KeyState, now: Instant) {
    this.episode = episode;
    this.lastEnded = lastEnded;
    this.now = now;
  }

  take(event: LedgerEvent, terms: Terms): No | undefined {
    switch (event.type) {
      case 'finding':
        return event.finding.isPresent ? this.appear(event.finding, terms) : this.vanish(event.finding);
      case 'withdrawn':
        return this.endCondition();
      case 'decision':
        return this.decide(event.occurrence, event.decision);
      case 'acknowledge':
        return this.acknowledge(event);
      case 'time':
        return undefined;
    }
  }

  /** Everything that has fallen due, earliest first. */
  letTimePass(): void {
    for (;;) {
      const { episode } = this;
      const due = episode && deadlineOf(episode);
      if (!episode || due === undefined || due > this.now) return;
      const { state, clearsAt } = episode.condition;
      if (state === 'pending' && raisesAt(episode) <= due) this.raise(episode);
      else if (state === 'clearing' && clearsAt !== undefined && clearsAt <= due) this.clear(episode);
      else this.escalate(episode);
    }
  }

  private appear(finding: Finding, { rule, name }: Terms): undefined {
    const mark: FindingMark = { occurrence: finding.occurrence, since: finding.since };
    const { episode, now } = this;
    if (this.lastEnded && isNotAfter(mark, this.lastEnded)) return;
    const { value, limit, unit, evidence } = finding;
    const figures = {
      evidence,
      ...(value === undefined ? {} : { value }),
      ...(limit === undefined ? {} : { limit }),
      ...(unit === undefined ? {} : { unit }),
    };
    if (!episode) {
      const { ward, kind, subject, bed, line } = finding;
      const begun: Episode = {
        alarm: name(),
        ward,
        kind,
        subject,
        ...(bed === undefined ? {} : { bed }),
        ...(line === undefined ? {} : { line }),
        wardRule: rule,
        rule,
        condition: regions.beginCondition(mark, now),
        annunciation: regions.silent,
        delivery: [],
        revision: 0,
        figures,
      };
      return this.become('pending', begun);
    }
    const { condition } = episode;
    if (isBefore(mark, condition.finding)) return;
    const isSame = mark.occurrence === condition.finding.occurrence;
    switch (condition.state) {
      case 'pending': {
        if (isSame) return;
        // The hold begins anew; the time to decide does not, lest a flickering finding put the default off for ever.
        const again = { ...regions.beginCondition(mark, now), decideBy: condition.decideBy };
        return this.become('pending', { ...episode, condition: again, figures });
      }
      case 'present':
        if (isSame) return;
        return this.sound('recurred', { ...episode, condition: regions.makePresent(condition, mark), figures });
      case 'clearing':
        return this.become('returned', { ...episode, condition: regions.makePresent(condition, mark), figures });
      case 'absent':
        return this.become('pending', { ...episode, condition: regions.beginCondition(mark, now), figures });
    }
  }

  private vanish(finding: Finding): undefined {
    const mark: FindingMark = { occurrence: finding.occurrence, since: finding.since };
    if (!this.lastEnded || !isNotAfter(mark, this.lastEnded)) this.lastEnded = mark;
    if (this.episode && isBefore(mark, this.episode.condition.finding)) return;
    this.endCondition();
  }

  private endCondition(): undefined {
    const { episode, now } = this;
    if (!episode) return;
    if (episode.condition.state === 'present')
      return this.become('clearing', { ...episode, condition: regions.beginClearing(episode.condition, episode.rule, now) });
    if (episode.condition.state !== 'pending') return;
    const passed = { ...episode, condition: regions.makeAbsent(episode.condition) };
    if (episode.annunciation.state === 'latched') return this.become('passed', passed);
    this.close(passed, episode.raisedAt === undefined ? 'passed' : 'closed');
  }

  private decide(occurrence: number, decision: Decision): No | undefined {
    const { episode, lastEnded, now } = this;
    const current = episode?.condition.finding.occurrence;
    if (!episode || current === undefined || occurrence > current) {
      if (lastEnded && occurrence <= lastEnded.occurrence)
        return { code: 'refused', because: `occurrence ${occurrence} of the finding has ended` };
      return { code: 'unknown', because: `occurrence ${occurrence} of the finding is not known here` };
    }
    if (occurrence < current) return { code: 'refused', because: `the finding is at occurrence ${current}, not ${occurrence}` };
    if (isSameDecision(episode.decision, decision)) return undefined;
    const rule = inForce(episode.wardRule, decision);
    const decided = { ...episode, decision, rule };
    if (episode.annunciation.state === 'off') return void this.become('decided', decided);
    if (rankOf(rule.priority) < rankOf(episode.rule.priority) && episode.annunciation.state === 'acknowledged')
      return void this.sound('decided', decided);
    const annunciation = regions.rerouted(episode.annunciation, rule, now);
    const isAsking = annunciation.state !== 'acknowledged';
    const delivery = isAsking ? regions.queueDeliveries(episode.delivery, rule, annunciation.escalation, now) : episode.delivery;
    return void this.become('decided', { ...decided, annunciation, delivery });
  }

  private acknowledge({ alarm, occurrence, person }: Extract<LedgerEvent, { type: 'acknowledge' }>): No | undefined {
    const { episode, now } = this;
    if (!episode || episode.alarm !== alarm || episode.annunciation.state === 'off')
      return { code: 'unknown', because: `there is no open alarm ${alarm}` };
    const { annunciation } = episode;
    if (occurrence !== annunciation.occurrence)
      return {
        code: 'refused',
        because: `the answer is for occurrence ${occurrence}; the alarm is at occurrence ${annunciation.occurrence}`,
      };
    if (annunciation.state === 'acknowledged')
      return annunciation.acknowledgedBy === person
        ? undefined
        : { code: 'refused', because: `already taken on by ${annunciation.acknowledgedBy}` };
    const answered = {
      ...episode,
      annunciation: regions.acknowledge(annunciation, person, now),
      delivery: regions.settleDeliveries(episode.delivery, 'accepted', now),
    };
    this.become('acknowledged', answered, person);
    if (answered.condition.state === 'absent') this.close(this.episode ?? answered, 'closed');
    return undefined;
  }

  private raise(episode: Episode): void {
    const raisedAt = episode.raisedAt ?? this.now;
    const isAgain = episode.raisedAt !== undefined;
    this.sound(isAgain ? 'recurred' : 'raised', { ...episode, raisedAt, condition: regions.makePresent(episode.condition) });
  }

  /** Annunciates from the start of the route. */
  private sound(what: TransitionName, episode: Episode): undefined {
    const annunciation = regions.annunciate(episode.annunciation, episode.rule, this.now);
    return this.become(what, { ...episode, annunciation, delivery: regions.queueDeliveries(episode.delivery, episode.rule, 0, this.now) });
  }

  private escalate(episode: Episode): void {
    const annunciation = regions.escalate(episode.annunciation, episode.rule, this.now);
    const delivery = regions.queueDeliveries(episode.delivery, episode.rule, annunciation.escalation, this.now);
    this.become('escalated', { ...episode, annunciation, delivery });
  }

  private clear(episode: Episode): void {
    const cleared = { ...episode, condition: regions.makeAbsent(episode.condition) };
    if (episode.rule.isLatching && episode.annunciation.state !== 'acknowledged')
      this.become('latched', { ...cleared, annunciation: regions.latch(episode.annunciation) });
    else this.close(cleared, 'closed');
  }

  private close(episode: Episode, what: TransitionName): void {
    this.become(what, {
      ...episode,
      annunciation: regions.silence(episode.annunciation),
      delivery: regions.settleDeliveries(episode.delivery, 'cancelled', this.now),
    });
    this.episode = undefined;
  }

  private become(what: TransitionName, next: Episode, person?: string): undefined {
    const isClosed = what === 'closed';
    const episode = next.raisedAt === undefined ? next : { ...next, revision: next.revision + 1 };
    this.episode = episode;
    const message = alarmOf(episode, this.now, isClosed);
    this.transitions.push({
      what,
      at: this.now,
      alarm: episode.alarm,
      ...(person === undefined ? {} : { person }),
      ...(message ? { message } : {}),
    });
  }
}
