import assert from 'node:assert/strict';
import { it } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { steadyClock } from './steady-clock.ts';

it('runs by the monotonic clock, and tells when the wall clock was set', () => {
  let wall = 1_800_000_000_000;
  let elapsed = 1000;
  const steps: number[] = [];
  const clock = steadyClock({ now: () => instant(wall), elapsed: () => milliseconds(elapsed) }, (by) => steps.push(by));
  wall += 10_100;
  elapsed += 10_000;
  assert.equal(clock.now(), 1_800_000_010_000, 'a little wandering is not followed');
  wall -= 3_600_000;
  elapsed += 1000;
  wall += 1000;
  assert.equal(clock.now(), wall);
  assert.deepEqual(steps, [-3_599_900]);
  elapsed += 500;
  wall += 500;
  assert.equal(clock.now(), wall);
  assert.equal(steps.length, 1);
});
