import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { openLink } from './link.ts';
import type { Connect, Ears } from './transport.ts';

/** A device that takes connections as the test says. */
function bench() {
  const clock = virtualClock(instant(1_750_000_000_000));
  const attempts: { at: number; ears: Ears; isClosed: boolean }[] = [];
  const written: number[] = [];
  const said: string[] = [];
  const connect: Connect = (ears) => {
    const attempt = { at: clock.elapsed(), ears, isClosed: false };
    attempts.push(attempt);
    return {
      write: (bytes) => {
        written.push(...bytes);
        return true;
      },
      close: () => {
        attempt.isClosed = true;
      },
    };
  };
  const link = openLink(
    connect,
    {
      onOpen: () => void said.push('open'),
      onBytes: (bytes) => void said.push(`bytes ${bytes.join()}`),
      onClosed: (reason) => void said.push(`closed ${reason}`),
    },
    clock,
    0.5,
  );
  return { clock, attempts, written, said, link };
}

test('a port that cannot be opened is tried again with growing waits of at most 10 s', () => {
  const { clock, attempts } = bench();
  for (let i = 0; i < 10; i++) {
    attempts.at(-1)!.ears.closed('no such port');
    clock.advance(milliseconds(10_000));
  }
  const waits = attempts.slice(1).map(({ at }, i) => Math.round(at - (i === 0 ? 0 : Math.ceil(attempts[i]!.at / 10_000) * 10_000)));
  assert.deepEqual(waits.slice(0, 6), [250, 500, 1000, 2000, 4000, 8000]);
  assert.ok(waits.every((wait) => wait <= 10_000));
});

test('nothing is written before the port is open, nor after it has closed', () => {
  const { attempts, written, link } = bench();
  assert.equal(link.write(Uint8Array.of(1)), false);
  attempts[0]!.ears.opened();
  assert.equal(link.write(Uint8Array.of(2)), true);
  attempts[0]!.ears.closed('gone');
  assert.equal(link.write(Uint8Array.of(3)), false);
  assert.deepEqual(written, [2]);
});

test('a word makes the next wait short again; an opening without one does not', () => {
  const { clock, attempts, said } = bench();
  for (let i = 0; i < 4; i++) {
    attempts.at(-1)!.ears.opened();
    attempts.at(-1)!.ears.closed('mute');
    clock.advance(milliseconds(10_000));
  }
  attempts.at(-1)!.ears.heard(Uint8Array.of(7));
  const before = clock.elapsed();
  attempts.at(-1)!.ears.closed('gone');
  clock.advance(milliseconds(10_000));
  assert.equal(attempts.at(-1)!.at - before, 250);
  assert.ok(said.includes('bytes 7'));
});

test('a link that is renewed closes its connection and opens another; one that is closed opens none', () => {
  const { clock, attempts, link } = bench();
  attempts[0]!.ears.opened();
  link.renew('mute');
  assert.equal(attempts[0]!.isClosed, true);
  clock.advance(milliseconds(1000));
  assert.equal(attempts.length, 2);
  link.close();
  assert.equal(attempts[1]!.isClosed, true);
  clock.advance(milliseconds(60_000));
  assert.equal(attempts.length, 2);
});
