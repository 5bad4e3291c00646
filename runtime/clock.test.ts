import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from './clock.ts';

test('virtual time runs what falls due, in order, and stands still otherwise', () => {
  const clock = virtualClock(instant(1_000_000));
  const said: string[] = [];
  clock.after(milliseconds(20), () => said.push(`b ${clock.elapsed()}`));
  clock.after(milliseconds(10), () => said.push(`a ${clock.elapsed()}`));
  const cancel = clock.after(milliseconds(15), () => said.push('never'));
  const stop = clock.every(milliseconds(12), () => said.push(`e ${clock.elapsed()}`));
  cancel();
  clock.advance(milliseconds(30));
  stop();
  clock.advance(milliseconds(100));
  assert.deepEqual(said, ['a 10', 'e 12', 'b 20', 'e 24']);
  assert.equal(clock.now(), 1_000_130);
});
