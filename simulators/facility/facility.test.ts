import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DoorRequest, LiftRequest } from '#contracts/fleet.ts';
import { instant } from '#contracts/units.ts';
import { door } from './door.ts';
import { lift } from './lift.ts';

const start = Date.UTC(2026, 0, 1);
const spec = {
  id: 'L1',
  name: { 'zh-CN': '电梯', en: 'Lift' },
  stops: ['F1', 'F2', 'F3'].map((floor) => ({ floor, node: `${floor}.cabin` })),
};
const call = (session: string, floor: string): LiftRequest => ({
  schema: 'lift-request.v1',
  lift: 'L1',
  session,
  verb: 'call',
  floor,
  at: instant(start),
});
const release = (session: string): LiftRequest => ({ schema: 'lift-request.v1', lift: 'L1', session, verb: 'release', at: instant(start) });

function building() {
  let now = start;
  const cabin = lift(spec, instant(now));
  return {
    cabin,
    now: () => instant(now),
    run(seconds: number, each: () => void = () => undefined) {
      for (let i = 0; i < seconds * 4; i++) {
        now += 250;
        each();
        cabin.advance(instant(now));
      }
    },
  };
}

describe('lift', () => {
  it('comes, opens, carries and is let go', () => {
    const { cabin, run, now } = building();
    cabin.request(call('r1', 'F3'), now());
    run(1);
    assert.equal(cabin.state.session, 'r1');
    assert.equal(cabin.state.doors, 'closed');
    run(15);
    assert.deepEqual([cabin.state.floor, cabin.state.doors], ['F3', 'open']);
    cabin.request(call('r1', 'F1'), now());
    run(20);
    assert.deepEqual([cabin.state.floor, cabin.state.doors, cabin.state.session], ['F1', 'open', 'r1']);
    cabin.request(release('r1'), now());
    run(15);
    assert.deepEqual([cabin.state.doors, cabin.state.session], ['closed', undefined]);
  });

  it('serves one session at a time, in the order of the calls', () => {
    const { cabin, run, now } = building();
    cabin.request(call('r1', 'F2'), now());
    cabin.request(call('r2', 'F3'), now());
    run(10);
    assert.deepEqual([cabin.state.session, cabin.state.floor], ['r1', 'F2']);
    cabin.request(release('r1'), now());
    run(10);
    assert.deepEqual([cabin.state.session, cabin.state.floor], ['r2', 'F3']);
  });

  it('forgets a session that is not renewed for 30 s', () => {
    const { cabin, run, now } = building();
    cabin.request(call('r1', 'F2'), now());
    run(29);
    assert.equal(cabin.state.session, 'r1');
    cabin.request(call('r1', 'F2'), now());
    run(29);
    assert.equal(cabin.state.session, 'r1');
    run(2);
    assert.equal(cabin.state.session, undefined);
  });

  it('never moves with open doors', () => {
    const { cabin, run, now } = building();
    let before = cabin.state;
    cabin.request(call('r1', 'F3'), now());
    run(60, () => {
      if (cabin.state.floor !== before.floor) assert.equal(before.doors, 'closed');
      before = cabin.state;
      if (cabin.state.floor === 'F3' && cabin.state.doors === 'open') cabin.request(call('r1', 'F1'), now());
    });
  });

  it('goes down and takes no robots in a fire', () => {
    const { cabin, run, now } = building();
    cabin.request(call('r1', 'F3'), now());
    run(15);
    cabin.setMode('fire', now());
    cabin.request(call('r1', 'F3'), now());
    run(30);
    assert.deepEqual([cabin.state.floor, cabin.state.mode, cabin.state.session], ['F1', 'fire', undefined]);
  });
});

describe('door', () => {
  const ask = (verb: DoorRequest['verb'], session = 'r1'): DoorRequest => ({
    schema: 'door-request.v1',
    door: 'd',
    session,
    verb,
    at: instant(start),
  });
  function gate() {
    let now = start;
    const it = door('d', instant(now));
    return {
      it,
      now: () => instant(now),
      run(seconds: number) {
        for (let i = 0; i < seconds * 4; i++) {
          now += 250;
          it.advance(instant(now));
        }
      },
    };
  }
  it('opens, holds for 30 s, and closes', () => {
    const { it: gated, run, now } = gate();
    gated.request(ask('open'), now());
    run(1);
    assert.equal(gated.state.state, 'moving');
    run(2);
    assert.equal(gated.state.state, 'open');
    run(26);
    assert.equal(gated.state.state, 'open');
    run(4);
    assert.equal(gated.state.state, 'closed');
  });
  it('stays closed to other robots while locked, but not to people', () => {
    const { it: gated, run, now } = gate();
    gated.request(ask('close', 'uv'), now());
    gated.request(ask('open', 'r1'), now());
    run(4);
    assert.equal(gated.state.state, 'closed');
    gated.openByHand(now());
    run(3);
    assert.equal(gated.state.state, 'open');
    run(6);
    assert.equal(gated.state.state, 'closed');
    gated.request(ask('release', 'uv'), now());
    gated.request(ask('open', 'r1'), now());
    run(4);
    assert.equal(gated.state.state, 'open');
  });
});
