import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { priorities, recipients } from '#contracts/alarm-kinds.ts';
import type { Finding } from '#contracts/findings.ts';
import { type Instant, instant, type Milliseconds, milliseconds } from '#contracts/units.ts';
import { DECISION_MS, deadlineOf, type KeyState, reloadedAt, shiftDeadlines } from './episode.ts';
import { type Decision, rankOf, rulesOf } from './rules.ts';
import { type LedgerEvent, type Step, step } from './step.ts';

/** Random histories of one key against what must always hold. `WARDLINE_HISTORIES` sets how many. */
const HISTORIES = Number(process.env.WARDLINE_HISTORIES ?? 3000);
const kinds = ['occlusion', 'empty', 'free_flow', 'near_empty', 'rate_low', 'robot_fault'] as const;
const ruleOf = rulesOf({ wards: [] });

type Action =
  | { do: 'appear' | 'vanish' | 'lose' | 'repeat' | 'old' | 'withdraw' | 'crash' }
  | { do: 'decide'; decision: Decision; isOld: boolean }
  | { do: 'answer'; person: string; isOld: boolean }
  | { do: 'wait'; ms: number; isTimerLate: boolean }
  | { do: 'setClock'; ms: number };

const decision: fc.Arbitrary<Decision> = fc
  .record(
    {
      priority: fc.constantFrom(...priorities),
      route: fc.uniqueArray(fc.constantFrom(...recipients), { minLength: 1, maxLength: 7 }),
      onDelayMs: fc.nat(60_000).map(milliseconds),
    },
    { requiredKeys: [] },
  )
  .map((some) => ({ ...some }) as Decision);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom('appear' as const, 'vanish' as const, 'repeat' as const, 'old' as const) }),
  fc.record({ do: fc.constantFrom('withdraw' as const, 'crash' as const, 'lose' as const) }),
  fc.record({ do: fc.constant('decide' as const), decision, isOld: fc.boolean() }),
  fc.record({ do: fc.constant('answer' as const), person: fc.constantFrom('li', 'wang'), isOld: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.nat(3000), fc.nat(90_000)), isTimerLate: fc.boolean() }),
  fc.record({ do: fc.constant('setClock' as const), ms: fc.integer({ min: -7_200_000, max: 7_200_000 }) }),
);

class History {
  state: KeyState = {};
  now: Instant = instant(1_800_000_000_000);
  readonly kind: (typeof kinds)[number];
  /** The watcher's side, kept apart from the ledger's. */
  occurrence = 0;
  since: Instant = this.now;
  isPresent = false;
  /** For how long the ledger has been told nothing but present (or absent). */
  heldMs = 0;
  lastOccurrence = 0;
  lastRevision = 0;
  named = 0;

  constructor(kind: (typeof kinds)[number]) {
    this.kind = kind;
  }

  get rule() {
    return ruleOf('7e', this.kind);
  }

  finding(isPresent: boolean, occurrence = this.occurrence, since = this.since): LedgerEvent {
    const { kind, now } = this;
    const finding: Finding = {
      schema: 'finding.v1',
      ward: '7e',
      kind,
      subject: '12.1',
      isPresent,
      occurrence,
      since,
      at: now,
      evidence: [],
    };
    return { type: 'finding', finding };
  }

  send(event: LedgerEvent): Step {
    const done = step(this.state, event, { rule: this.rule, name: () => `a${++this.named}` }, this.now);
    const again = step(done.state, event, { rule: this.rule, name: () => 'never' }, this.now);
    assert.deepEqual(again.transitions, [], 'the same event twice moves nothing');
    for (const { what, message } of done.transitions) this.look(what, message, event);
    this.state = done.state;
    return done;
  }

  look(what: string, message: Step['transitions'][number]['message'], event: LedgerEvent): void {
    if (what === 'closed') {
      // One that never held for its delay may be taken back at once.
      const isTakenBack = event.type === 'withdrawn' && this.state.episode?.condition.state === 'pending';
      assert.ok(!this.isPresent || isTakenBack, 'no alarm closes while its condition is so');
      assert.ok(message?.isClosed);
      if (this.rule.isLatching) assert.ok(message.acknowledgedBy, 'a latching alarm closes only when answered');
      this.lastOccurrence = this.lastRevision = 0;
      return;
    }
    if (event.type === 'acknowledge' && what === 'acknowledged')
      assert.equal(message?.condition, shown(this.state.episode?.condition.state), 'an answer never ends a condition');
    if (!message) return;
    assert.equal(message.revision, this.lastRevision + 1, 'every published transition counts up by one');
    assert.ok(message.occurrence >= this.lastOccurrence + (what === 'recurred' ? 1 : 0));
    this.lastRevision = message.revision;
    this.lastOccurrence = message.occurrence;
  }

  check(): void {
    const { episode } = this.state;
    if (this.isPresent && this.heldMs > Math.max(this.rule.onDelayMs, DECISION_MS)) {
      assert.equal(episode?.condition.state, 'present', 'what holds is raised, decided or not');
      assert.match(episode.annunciation.state, /^(on|acknowledged)$/);
    }
    if (!this.isPresent && this.heldMs > this.rule.offDelayMs)
      assert.ok(!episode || episode.annunciation.state === 'latched', 'what is over ends, or is latched');
    if (!episode) return;
    const { rule, annunciation } = episode;
    assert.ok(annunciation.escalation < rule.route.length);
    assert.ok(rule.onDelayMs <= this.rule.onDelayMs, 'no flow delays beyond the ward rule');
    if (this.rule.category === 'patient') {
      assert.ok(this.rule.priority !== 'high' || rankOf(rule.priority) === 0, 'no flow lowers a high patient alarm');
      for (const who of this.rule.route) assert.ok(rule.route.includes(who), 'no flow cuts anybody off');
    }
    const isUnanswered = annunciation.state === 'on' || annunciation.state === 'latched';
    if (isUnanswered && annunciation.escalation + 1 < rule.route.length) {
      assert.ok(annunciation.escalatesAt !== undefined, 'somebody further is on the way to be asked');
      assert.ok(annunciation.escalatesAt <= this.now + rule.escalateAfterMs);
    }
    if (annunciation.state === 'on')
      assert.ok(
        episode.delivery.some(({ state }) => state === 'queued'),
        'an alarm that is on is told to somebody',
      );
  }

  wait(ms: number, isTimerLate: boolean): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.state.episode && deadlineOf(this.state.episode);
      if (isTimerLate || due === undefined || due > end) break;
      this.heldMs += Math.max(0, due - this.now);
      this.now = instant(Math.max(due, this.now));
      this.send({ type: 'time' });
    }
    this.heldMs += end - this.now;
    this.now = instant(end);
    this.send({ type: 'time' });
  }

  run(one: Action): void {
    const { episode } = this.state;
    switch (one.do) {
      case 'appear':
        if (this.isPresent) return;
        Object.assign(this, { isPresent: true, occurrence: this.occurrence + 1, since: this.now, heldMs: 0 });
        this.send(this.finding(true));
        return;
      case 'vanish':
        if (!this.isPresent) return;
        Object.assign(this, { isPresent: false, heldMs: 0 });
        this.send(this.finding(false));
        return;
      // It ended and came again, and the word of the end was lost.
      case 'lose':
        if (!this.isPresent) return;
        Object.assign(this, { occurrence: this.occurrence + 1, since: this.now, heldMs: 0 });
        this.send(this.finding(true));
        return;
      case 'repeat':
        if (this.occurrence === 0) return;
        assert.deepEqual(this.send(this.finding(this.isPresent)).transitions, [], 'a repeated finding moves nothing');
        return;
      case 'old':
        if (this.occurrence > 0 && !this.isPresent) assert.deepEqual(this.send(this.finding(true)).transitions, []);
        if (this.occurrence < 2) return;
        for (const isPresent of [true, false])
          assert.deepEqual(this.send(this.finding(isPresent, this.occurrence - 1, instant(this.since - 1))).transitions, []);
        return;
      case 'withdraw':
        this.send({ type: 'withdrawn' });
        // The owner still stands for it: it says so again, and is believed.
        if (this.isPresent) {
          this.send(this.finding(true));
          if (episode?.condition.state !== 'present') this.heldMs = 0;
        }
        return;
      case 'crash': {
        const kept = JSON.parse(JSON.stringify(this.state)) as KeyState;
        assert.deepEqual(kept, this.state);
        this.state = kept.episode ? { ...kept, episode: reloadedAt(kept.episode, this.now) } : kept;
        assert.deepEqual(this.state, kept, 'a restart in good time changes nothing');
        return;
      }
      case 'setClock':
        this.now = instant(this.now + one.ms);
        if (episode) this.state = { ...this.state, episode: shiftDeadlines(episode, milliseconds(one.ms) as Milliseconds) };
        return;
      case 'decide':
        this.send({ type: 'decision', occurrence: this.occurrence - (one.isOld ? 1 : 0), decision: one.decision });
        return;
      case 'answer': {
        const occurrence = (episode?.annunciation.occurrence ?? 0) - (one.isOld ? 1 : 0);
        const { no } = this.send({ type: 'acknowledge', alarm: episode?.alarm ?? 'a0', occurrence, person: one.person });
        if (one.isOld) assert.ok(no, 'an answer to an older occurrence is refused');
        return;
      }
      case 'wait':
        this.wait(one.ms, one.isTimerLate);
    }
  }
}

const shown = (condition: string | undefined) => (condition === 'pending' ? 'absent' : condition);

it('holds its promises over random histories', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.array(action, { maxLength: 60, size: 'max' }), (kind, actions) => {
      const history = new History(kind);
      for (const one of actions) {
        history.run(one);
        history.check();
      }
    }),
    { numRuns: HISTORIES },
  );
});
