import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { createDeviceClock } from './device-clock.ts';
import { openTimeline } from './timeline.ts';

/** A clock whose wall time can be set, as a person or NTP does. */
function steppingClock(start: number) {
  const state = { wall: start, elapsed: 0 };
  const clock: Clock = {
    now: () => instant(state.wall),
    elapsed: () => milliseconds(state.elapsed),
    after: () => () => undefined,
    every: () => () => undefined,
  };
  const pass = (ms: number) => {
    state.wall += ms;
    state.elapsed += ms;
  };
  return { clock, state, pass };
}

const START = 1_750_000_000_000;

test('a step of the wall clock moves what is published, never what the cores live by', () => {
  const { clock, state, pass } = steppingClock(START);
  const timeline = openTimeline(clock);
  pass(1000);
  const before = timeline.now();
  state.wall -= 3_600_000;
  pass(200);
  assert.equal(timeline.now() - before, 200);
  assert.equal(timeline.wallOf(before), START + 1000 - 3_600_000);
  state.wall += 7_200_000;
  assert.equal(timeline.now() - before, 200);
  assert.equal(timeline.wallOf(timeline.now()), START + 1200 + 3_600_000);
});

test('a wall clock in 1970 gives instants that the contracts take', () => {
  const { clock } = steppingClock(0);
  const timeline = openTimeline(clock);
  assert.equal(timeline.wallOf(timeline.now()), 946_684_800_000);
});

test('a simulated house lives faster, but is published at the wall clock', () => {
  const { clock, pass } = steppingClock(START);
  const timeline = openTimeline(clock, 10);
  pass(500);
  const early = timeline.now();
  pass(500);
  assert.equal(timeline.now() - START, 10_000);
  assert.equal(timeline.wallOf(early), START + 500);
});

test('late bytes do not shift the moments that a device states', () => {
  const timeOf = createDeviceClock();
  assert.equal(timeOf(1000, instant(START + 1030)), START + 1030);
  assert.equal(timeOf(2000, instant(START + 2005)), START + 2005);
  assert.equal(timeOf(3000, instant(START + 3400)), START + 3005);
});

test('a device that starts its counter anew is followed at once', () => {
  const timeOf = createDeviceClock();
  timeOf(500_000, instant(START + 500_000));
  assert.equal(timeOf(10, instant(START + 501_000)), START + 501_000);
  assert.equal(timeOf(1010, instant(START + 502_050)), START + 502_000);
});

test('a counter that drifts is followed', () => {
  const timeOf = createDeviceClock();
  let last: Instant = instant(0);
  for (let second = 0; second <= 3600; second++) last = timeOf(Math.round(second * 1000.2), instant(START + second * 1000));
  assert.ok(Math.abs(last - (START + 3_600_000)) < 40, `${last - (START + 3_600_000)} ms`);
});
