import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '#contracts/findings.ts';
import { instant, milliseconds } from '#contracts/units.ts';
import { deadlineOf, type KeyState, reloadedAt, shiftDeadlines } from './episode.ts';
import { rulesOf } from './rules.ts';
import { type LedgerEvent, type No, step, type TransitionName } from './step.ts';

const START = instant(1_800_000_000_000);
const ruleOf = rulesOf({ wards: [] });

/** One key of the ledger under a clock of its own. */
function play(kind: Finding['kind']) {
  let state: KeyState = {};
  let now = START;
  let named = 0;
  const seen: TransitionName[] = [];
  const finding = (isPresent: boolean, occurrence = 1, since = now): Finding => ({
    schema: 'finding.v1',
    ward: '7e',
    kind,
    subject: '12.1',
    isPresent,
    occurrence,
    since,
    at: now,
    evidence: [],
  });
  const send = (event: LedgerEvent): No | undefined => {
    const done = step(state, event, { rule: ruleOf('7e', kind), name: () => `a${++named}` }, now);
    state = done.state;
    seen.push(...done.transitions.map(({ what }) => what));
    return done.no;
  };
  return {
    seen,
    present: (occurrence?: number, since?: typeof now) => send({ type: 'finding', finding: finding(true, occurrence, since) }),
    absent: (occurrence?: number, since?: typeof now) => send({ type: 'finding', finding: finding(false, occurrence, since) }),
    decide: (decision: object = {}, occurrence = 1) => send({ type: 'decision', occurrence, decision }),
    acknowledge: (occurrence = 1, person = 'li', alarm = 'a1') => send({ type: 'acknowledge', alarm, occurrence, person }),
    withdraw: () => send({ type: 'withdrawn' }),
    wait(seconds: number) {
      const end = now + seconds * 1000;
      for (let due = deadline(); due !== undefined && due <= end; due = deadline()) {
        now = instant(Math.max(due, now));
        send({ type: 'time' });
      }
      now = instant(end);
    },
    get episode() {
      return state.episode;
    },
    get now() {
      return now;
    },
  };
  function deadline() {
    return state.episode && deadlineOf(state.episode);
  }
}

describe('raising', () => {
  it('raises at once what a flow has decided and needs no delay', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.decide({ route: ['ward'] });
    assert.deepEqual(alarm.seen, ['pending', 'decided', 'raised']);
    assert.deepEqual(alarm.episode?.rule.route, ['ward', 'nurse', 'charge_nurse']);
  });

  it('raises the safe default after 2 s when nobody decides', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.wait(1.9);
    assert.deepEqual(alarm.seen, ['pending']);
    alarm.wait(0.2);
    assert.deepEqual(alarm.seen, ['pending', 'raised']);
    assert.equal(alarm.episode?.decision, undefined);
  });

  it('waits for the on-delay even when decided, and forgets what passes before it', () => {
    const alarm = play('rate_high');
    alarm.present();
    alarm.decide();
    alarm.wait(29);
    alarm.absent();
    assert.deepEqual(alarm.seen, ['pending', 'decided', 'passed']);
    assert.equal(alarm.episode, undefined);
  });

  it('counts the on-delay from when the finding began, not from when it was read', () => {
    const alarm = play('rate_high');
    alarm.present(1, instant(START - 60_000));
    alarm.decide();
    assert.deepEqual(alarm.seen, ['pending', 'decided', 'raised']);
  });

  it('holds a flow to the insurance: no longer delay, no lower priority of a high patient alarm, nobody cut off', () => {
    const alarm = play('bag_wrong_patient');
    alarm.present();
    alarm.decide({ priority: 'low', onDelayMs: milliseconds(600_000), route: ['engineer'] });
    assert.equal(alarm.episode?.rule.priority, 'high');
    assert.equal(alarm.episode?.rule.onDelayMs, 2000);
    assert.deepEqual(alarm.episode?.rule.route, ['engineer', 'nurse', 'charge_nurse', 'ward']);
  });

  it('takes a decision that comes after the default, and sounds again when it is more urgent', () => {
    const alarm = play('rate_low');
    alarm.present();
    alarm.wait(31);
    alarm.acknowledge();
    alarm.decide({ priority: 'high' });
    assert.deepEqual(alarm.seen, ['pending', 'raised', 'acknowledged', 'decided']);
    assert.equal(alarm.episode?.annunciation.state, 'on');
    assert.equal(alarm.episode?.annunciation.occurrence, 2);
  });

  it('refuses decisions on what is not known, has ended, or is older', () => {
    const alarm = play('stalled');
    assert.equal(alarm.decide()?.code, 'unknown');
    alarm.present(3);
    assert.equal(alarm.decide({}, 2)?.code, 'refused');
    assert.equal(alarm.decide({}, 4)?.code, 'unknown');
    alarm.absent(3);
    assert.equal(alarm.decide({}, 3)?.code, 'refused');
  });
});

describe('ending', () => {
  it('ends only after the whole off-delay, and takes a return as the same alarm', () => {
    const alarm = play('stalled');
    alarm.present();
    alarm.decide();
    alarm.wait(5);
    alarm.acknowledge();
    alarm.absent();
    alarm.wait(4);
    alarm.present(2);
    alarm.wait(60);
    assert.equal(alarm.episode?.annunciation.state, 'acknowledged');
    alarm.absent(2);
    alarm.wait(5);
    assert.deepEqual(alarm.seen, ['pending', 'decided', 'raised', 'acknowledged', 'clearing', 'returned', 'clearing', 'closed']);
  });

  it('keeps a latching alarm until it is answered, and sounds anew when it comes again', () => {
    const alarm = play('free_flow');
    alarm.present();
    alarm.decide();
    alarm.absent();
    alarm.wait(3);
    assert.equal(alarm.episode?.annunciation.state, 'latched');
    alarm.present(2);
    assert.equal(alarm.episode?.annunciation.occurrence, 2);
    assert.equal(alarm.acknowledge(1)?.because, 'the answer is for occurrence 1; the alarm is at occurrence 2');
    alarm.acknowledge(2);
    alarm.absent(2);
    alarm.wait(2);
    assert.equal(alarm.episode, undefined);
  });

  it('closes a latched alarm when it is answered', () => {
    const alarm = play('bag_removed');
    alarm.present();
    alarm.decide();
    alarm.wait(2);
    alarm.absent();
    alarm.wait(2);
    alarm.acknowledge();
    assert.deepEqual(alarm.seen.slice(-3), ['latched', 'acknowledged', 'closed']);
  });

  it('takes a finding back that its owner no longer stands for', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.decide();
    alarm.withdraw();
    alarm.wait(5);
    assert.equal(alarm.episode, undefined);
    alarm.present();
    assert.ok(alarm.episode, 'the same presence, said again, is believed');
  });
});

describe('asking', () => {
  it('asks the next in the route while unanswered, then stops at the last', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.decide();
    alarm.wait(3600);
    assert.deepEqual(alarm.seen, ['pending', 'decided', 'raised', 'escalated', 'escalated']);
    assert.deepEqual(
      alarm.episode?.delivery.map(({ recipient }) => recipient),
      ['nurse', 'charge_nurse', 'ward'],
    );
  });

  it('stops asking once answered; the condition goes on', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.decide();
    alarm.wait(31);
    alarm.acknowledge();
    alarm.wait(3600);
    assert.equal(alarm.seen.filter((what) => what === 'escalated').length, 1);
    assert.equal(alarm.episode?.condition.state, 'present');
    assert.deepEqual(
      alarm.episode?.delivery.map(({ state }) => state),
      ['cancelled', 'accepted'],
    );
    assert.equal(alarm.acknowledge(1, 'li'), undefined);
    assert.equal(alarm.acknowledge(1, 'wang')?.because, 'already taken on by li');
    assert.equal(alarm.acknowledge(1, 'li', 'a7')?.code, 'unknown');
  });

  it('takes one step, not the whole route, after an outage', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.decide();
    const { episode } = alarm;
    assert.ok(episode);
    const late = instant(START + 600_000);
    const terms = { rule: ruleOf('7e', 'occlusion'), name: () => 'a2' };
    const { transitions } = step({ episode: reloadedAt(episode, late) }, { type: 'time' }, terms, late);
    assert.deepEqual(
      transitions.map(({ what }) => what),
      ['escalated'],
    );
  });
});

describe('order on the bus', () => {
  it('is not moved by old and repeated messages', () => {
    const alarm = play('occlusion');
    const first = alarm.now;
    alarm.present(1, first);
    alarm.absent(1, first);
    alarm.wait(10);
    const second = alarm.now;
    alarm.present(2, second);
    alarm.decide({}, 2);
    const before = [...alarm.seen];
    alarm.present(1, first);
    alarm.absent(1, first);
    alarm.present(2, second);
    assert.deepEqual(alarm.seen, before);
    alarm.absent(2, second);
    alarm.wait(10);
    alarm.present(2, second);
    assert.equal(alarm.episode, undefined);
  });

  it('believes a writer that has lost its count', () => {
    const alarm = play('occlusion');
    alarm.present(9);
    alarm.absent(9);
    alarm.wait(10);
    alarm.present(1);
    assert.ok(alarm.episode);
  });
});

describe('clock', () => {
  it('keeps durations when the wall clock is set, and bounds them after a restart', () => {
    const alarm = play('occlusion');
    alarm.present();
    alarm.decide();
    const { episode } = alarm;
    assert.ok(episode);
    const due = deadlineOf(episode);
    assert.ok(due);
    assert.equal(deadlineOf(shiftDeadlines(episode, milliseconds(-3_600_000))), due - 3_600_000);
    const setBack = instant(START - 3_600_000);
    assert.equal(deadlineOf(reloadedAt(episode, setBack)), setBack + 30_000);
  });
});
