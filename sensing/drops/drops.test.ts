import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dropsPerMillilitre, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { DropEstimate, DropRate } from './drop-estimate.ts';
import { createDropRate } from './drops.ts';

const FACTOR = 20;
const start = (orderedMl = 60, remainingMl = 200): DropRate => {
  const drip = createDropRate({ dropFactor: dropsPerMillilitre(FACTOR), remainingMl: millilitres(remainingMl) });
  drip.order(millilitresPerHour(orderedMl), instant(0));
  return drip;
};

/** Runs a chamber second by second; `period` gives the time between drops at a time, Infinity for none. */
function run(
  drip: DropRate,
  seconds: number,
  period: (at: number) => number,
  each?: (second: number, estimate: DropEstimate) => void,
): DropEstimate {
  let next = 0.5;
  let estimate: DropEstimate | undefined;
  let phase = 0;
  for (let second = 0; second < seconds; second += 1) {
    while (next < second + 1) {
      const gap = period(next);
      if (gap === Number.POSITIVE_INFINITY) {
        next += 0.25;
        continue;
      }
      phase += 1;
      drip.drop(instant(Math.round((next + 0.04 * gap * Math.sin(phase * 12.9)) * 1000)));
      next += gap;
    }
    drip.ambient(0.5, instant((second + 1) * 1000));
    estimate = drip.tick(instant((second + 1) * 1000));
    each?.(second, estimate);
  }
  return estimate!;
}

function assertSound(estimate: DropEstimate): void {
  for (const value of [estimate.dropsPerMinute, estimate.flowMlPerHour, estimate.flowBoundMlPerHour, estimate.remainingMl]) {
    assert.ok(value === undefined || (Number.isFinite(value) && value >= 0), `${value} is no amount`);
  }
}

test('whatever signals come, nothing is negative, nothing is no number and nothing is thrown', () => {
  const input = fc.record({
    at: fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.double()),
    kind: fc.constantFrom('drop', 'light', 'tick'),
    level: fc.double(),
  });
  fc.assert(
    fc.property(fc.array(input, { maxLength: 300 }), (inputs) => {
      const drip = start();
      let count = 0;
      for (const { at, kind, level } of [...inputs].sort((a, b) => a.at - b.at)) {
        const when = at as ReturnType<typeof instant>;
        if (kind === 'drop') drip.drop(when);
        else if (kind === 'light') drip.ambient(level, when);
        const estimate = drip.tick(when);
        assertSound(estimate);
        assert.ok(estimate.dropCount >= count);
        count = estimate.dropCount;
      }
    }),
  );
});

test('a drop told twice is one drop', () => {
  const once = start();
  const twice = start();
  for (let index = 0; index < 200; index += 1) {
    const at = instant(index * 3000 + 500);
    once.drop(at);
    twice.drop(at);
    twice.drop(at);
    assert.deepEqual(twice.tick(instant(index * 3000 + 1000)), once.tick(instant(index * 3000 + 1000)));
  }
});

test('the rate is found within one percent, from any start in the stream', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 300 }), fc.integer({ min: 0, max: 5000 }), (flow, offset) => {
      const drip = createDropRate({ dropFactor: dropsPerMillilitre(FACTOR) });
      drip.order(millilitresPerHour(flow), instant(offset * 1000));
      const period = 3600 / (flow * FACTOR);
      for (let index = 0; index < 60; index += 1) drip.drop(instant(offset * 1000 + Math.round(index * period * 1000)));
      const end = offset * 1000 + Math.round(59 * period * 1000) + 100;
      drip.tick(instant(end - 50));
      const { flowMlPerHour, state } = drip.tick(instant(end));
      assert.ok(Math.abs(flowMlPerHour! / flow - 1) < 0.01, `${flowMlPerHour} for ${flow}`);
      assert.equal(state, 'ok');
    }),
    { numRuns: 40 },
  );
});

test('missed drops, doubled drops and a touch do not disturb the rate', () => {
  const drip = start(60);
  let index = 0;
  const told: string[] = [];
  for (let second = 0; second < 600; second += 1) {
    if (second % 3 === 0) {
      index += 1;
      if (index % 23 !== 0) drip.drop(instant(second * 1000 + 100));
      if (index % 31 === 0) drip.drop(instant(second * 1000 + 160));
    }
    if (second === 300) for (const extra of [350, 500, 620, 900]) drip.drop(instant(second * 1000 + extra));
    drip.ambient(0.5, instant(second * 1000 + 999));
    const estimate = drip.tick(instant(second * 1000 + 999));
    told.push(...estimate.events.map(({ kind }) => kind));
    if (second > 60) assert.ok(Math.abs(estimate.flowMlPerHour! - 60) < 4, `${estimate.flowMlPerHour} at ${second} s`);
  }
  assert.deepEqual(told, []);
});

test('a stop is told within fifteen seconds, a deviation once it is sure, free flow within ten seconds', () => {
  const first = new Map<string, number>();
  const note = (second: number, { events }: DropEstimate) => {
    for (const { kind } of events) if (!first.has(kind)) first.set(kind, second);
  };
  run(start(120), 400, (at) => (at < 200 ? 1.5 : Number.POSITIVE_INFINITY), note);
  assert.ok(first.get('stopped')! - 200 < 15);
  run(start(120), 400, (at) => (at < 200 ? 1.5 : 1.5 / 1.13), note);
  assert.ok(first.get('rate_high')! > 200 && first.get('rate_high')! < 320);
  run(start(120), 400, (at) => (at < 200 ? 1.5 : 0.4), note);
  assert.ok(first.get('free_flow')! - 200 < 10);
});

test('in the sun the last rate is held; dark with a glitter of signals is a stream', () => {
  const drip = start(240);
  run(drip, 200, () => 0.75);
  let estimate: DropEstimate | undefined;
  for (let second = 200; second < 260; second += 1) {
    drip.ambient(0.98, instant(second * 1000 + 999));
    estimate = drip.tick(instant(second * 1000 + 999));
    assert.equal(estimate.state, 'ok');
  }
  const dark = start(240);
  run(dark, 200, () => 0.75);
  for (let second = 200; second < 212; second += 1) {
    if (second % 3 === 0) dark.drop(instant(second * 1000 + 300));
    dark.ambient(0.18, instant(second * 1000 + 999));
    estimate = dark.tick(instant(second * 1000 + 999));
  }
  assert.equal(estimate!.state, 'free_flow');
});

test('what is left never grows', () => {
  let left = Number.POSITIVE_INFINITY;
  run(
    start(120, 12),
    600,
    (at) => (at < 330 ? 1.5 : Number.POSITIVE_INFINITY),
    (_, { remainingMl }) => {
      assert.ok(remainingMl! <= left);
      left = remainingMl!;
    },
  );
  assert.ok(left < 2);
});
