import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instant, milliseconds, seconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { isVisible, type LiveSocket, openLiveFeed } from './live-feed.ts';
import type { Entry, Mirror, Mirrored, MirrorListener } from './mirror.ts';
import { type Person, viewOf } from './rights.ts';

const nurse: Person = { username: 'li', displayName: 'Li', roles: ['nurse'], wards: ['w1'] };
const engineer: Person = { username: 'zhou', displayName: 'Zhou', roles: ['engineer'] };

/** A mirror that the test fills by hand. */
function handMirror() {
  const entries = new Map<string, Entry>();
  const listeners: MirrorListener[] = [];
  const mirror: Mirror = {
    get: () => undefined,
    all: () => [],
    entries: () => entries.values(),
    onChange: (listener) => void listeners.push(listener),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const set = (kind: Mirrored, key: string, ward: string | undefined, value: unknown) => {
    const entry = { kind, key, ...(ward ? { ward } : {}), message: value, json: JSON.stringify([kind, key, value]) } as Entry;
    entries.set(`${kind} ${key}`, entry);
    for (const listener of listeners) listener({ kind, key, ...(ward ? { ward } : {}), entry });
  };
  return { mirror, set };
}

class Screen implements LiveSocket {
  bufferedAmount = 0;
  isTerminated = false;
  readonly told: { type: string; changes?: [string, string, unknown][] }[] = [];
  send(text: string) {
    this.told.push(JSON.parse(text));
  }
  terminate() {
    this.isTerminated = true;
  }
  deltas() {
    return this.told.filter(({ type }) => type === 'delta').map(({ changes }) => changes);
  }
}

const open = () => {
  const clock = virtualClock(instant(1_800_000_000_000));
  const hand = handMirror();
  return { clock, ...hand, feed: openLiveFeed(hand.mirror, clock, () => true) };
};

describe('live feed', () => {
  it('sends a snapshot, then the last of the changes gathered in 200 ms', () => {
    const { clock, set, feed } = open();
    set('infusion', 'w1/01/1', 'w1', { n: 0 });
    const screen = new Screen();
    feed.join(screen, nurse);
    assert.deepEqual(screen.told[0]?.changes, [['infusion', 'w1/01/1', { n: 0 }]]);
    set('infusion', 'w1/01/1', 'w1', { n: 1 });
    clock.advance(milliseconds(100));
    set('infusion', 'w1/01/1', 'w1', { n: 2 });
    assert.equal(screen.deltas().length, 0);
    clock.advance(milliseconds(100));
    assert.deepEqual(screen.deltas(), [[['infusion', 'w1/01/1', { n: 2 }]]]);
  });

  it('sends an alarm within 20 ms, without waiting for the rest', () => {
    const { clock, set, feed } = open();
    const screen = new Screen();
    feed.join(screen, nurse);
    set('robot', 'd01', undefined, {});
    set('alarm', 'w1/a', 'w1', { a: 1 });
    clock.advance(milliseconds(20));
    assert.deepEqual(screen.deltas(), [[['alarm', 'w1/a', { a: 1 }]]]);
  });

  it('shows nobody what is not theirs', () => {
    const { clock, set, feed } = open();
    const [screen, other] = [new Screen(), new Screen()];
    feed.join(screen, nurse);
    feed.join(other, engineer);
    set('infusion', 'w2/01/1', 'w2', {});
    set('deviceStatus', 'w1/scale', 'w1', {});
    clock.advance(milliseconds(200));
    assert.equal(screen.deltas().length, 0);
    assert.equal(other.deltas()[0]?.length, 2);
    assert.ok(!isVisible(viewOf(nurse), 'alarm', 'house'));
    assert.ok(isVisible(viewOf(engineer), 'alarm', 'house'));
  });

  it('beats each second while nothing changes', () => {
    const { clock, feed } = open();
    const screen = new Screen();
    feed.join(screen, nurse);
    clock.advance(seconds(5));
    assert.equal(screen.told.filter(({ type }) => type === 'beat').length, 5);
  });

  it('leaves out a screen that does not read, and gives it everything anew once it does', () => {
    const { clock, set, feed } = open();
    const [slow, quick] = [new Screen(), new Screen()];
    feed.join(slow, nurse);
    feed.join(quick, nurse);
    slow.bufferedAmount = 3 << 20;
    set('infusion', 'w1/01/1', 'w1', { n: 1 });
    clock.advance(seconds(5));
    assert.equal(slow.told.length, 1);
    assert.equal(quick.deltas().length, 1);
    slow.bufferedAmount = 0;
    clock.advance(seconds(1));
    assert.deepEqual(slow.told[1]?.changes, [['infusion', 'w1/01/1', { n: 1 }]]);
    assert.equal(slow.told[1]?.type, 'snapshot');
  });

  it('lets go of a screen that stays behind for 20 s', () => {
    const { clock, feed } = open();
    const slow = new Screen();
    feed.join(slow, nurse);
    slow.bufferedAmount = 3 << 20;
    clock.advance(seconds(23));
    assert.ok(slow.isTerminated);
    assert.equal(feed.clients, 0);
  });
});
