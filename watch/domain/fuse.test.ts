import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { containerStates, dripStates, pumpStates } from '#contracts/readings.ts';
import { instant } from '#contracts/units.ts';
import { drip, level, pump, T0, weight } from '#tests/watch-ward.ts';
import { NO_FIGURES } from './figures.ts';
import { fuse } from './fuse.ts';
import { createSource, renew, type Source, type SourceValue } from './source.ts';

/** A source that has said the same three times. */
const source = (device: string, value: SourceValue, measuredAt: number = T0): Source => {
  const steady = createSource(device, value, instant(measuredAt));
  renew(steady, value, instant(measuredAt));
  renew(steady, value, instant(measuredAt));
  return steady;
};
const fused = (sources: Source[], previous = NO_FIGURES, isLive = (_: Source) => true) =>
  fuse({ sources, isLive, previous, volumeMl: 500 });

test('per figure the more certain source counts', () => {
  const figures = fused([source('scale', weight(300)), source('camera', level(310)), source('drip', drip(10, 121))]);
  assert.equal(figures.remainingBy, 'scale');
  assert.equal(figures.remainingMl, 300);
  assert.equal(figures.flowBy, 'drip');
  assert.equal(figures.quality, 'live');
});

test('sources that exclude each other are questionable, not averaged', () => {
  const figures = fused([source('scale', weight(300)), source('camera', level(400))]);
  assert.equal(figures.remainingMl, 300);
  assert.equal(figures.quality, 'questionable');
});

test('what needs somebody first is the state: a stop seen by the drop counter beside a scale that lags', () => {
  const figures = fused([source('scale', weight(300)), source('drip', drip(10, 0, { state: 'stopped' }))]);
  assert.equal(figures.state, 'stalled');
  assert.equal(figures.quality, 'questionable');
});

test('a pump knows better than the scale whether a slow flow stands still; free flow counts whoever sees it', () => {
  assert.equal(fused([source('pump', pump('infusing')), source('scale', weight(300, { state: 'stalled' }))]).state, 'running');
  assert.equal(fused([source('pump', pump('standby')), source('scale', weight(300, { state: 'stalled' }))]).state, 'paused');
  assert.equal(fused([source('pump', pump('infusing')), source('scale', weight(300, { state: 'free_flow' }))]).state, 'free_flow');
  assert.equal(fused([source('pump', pump('occluded')), source('pump2', pump('infusing'))]).pump, 'occluded');
});

test('an empty hook beside one that carries the bag is no removed bag; a scale decides against a camera', () => {
  const gone = { state: 'no_bag' } as const;
  assert.equal(fused([source('a', weight(0, gone)), source('b', weight(300))]).state, 'running');
  assert.equal(fused([source('a', weight(0, gone)), source('b', weight(0, gone))]).state, 'no_bag');
  const against = fused([source('a', weight(0, gone)), source('camera', level(300))]);
  assert.deepEqual([against.state, against.quality], ['no_bag', 'questionable']);
  const withScale = fused([source('a', weight(300)), source('camera', level(0, gone))]);
  assert.deepEqual([withScale.state, withScale.quality], ['running', 'questionable']);
});

test('a picture that is not fit to be shown says nothing', () => {
  const figures = fused([source('camera', level(300, { confidence: 0.4 as never }))]);
  assert.deepEqual([figures.state, figures.remainingMl, figures.quality], ['unknown', undefined, 'unknown']);
});

test('one wrong reading of a drop counter is neither a rate nor free flow', () => {
  const counter = source('drip', drip(10));
  renew(counter, drip(11, 6000, { state: 'free_flow' }), T0);
  const once = fused([counter]);
  assert.deepEqual([once.state, once.flowMlPerHour], ['running', 120]);
  renew(counter, drip(12, 6000, { state: 'free_flow' }), T0);
  const twice = fused([counter]);
  assert.deepEqual([twice.state, twice.flowMlPerHour], ['free_flow', 6000]);
  renew(counter, drip(12, 0, { state: 'stopped' }), T0);
  assert.equal(fused([counter]).flowMlPerHour, 0);
});

const flows = fc.option(fc.double({ min: 0, max: 20_000, noNaN: true }), { nil: undefined });
const bounds = flows;
const given = <T extends object>(fields: T): T => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as T;
const anyValue: fc.Arbitrary<SourceValue> = fc.oneof(
  fc
    .record({
      r: flows,
      rb: bounds,
      f: flows,
      fb: bounds,
      state: fc.constantFrom(...containerStates),
      c: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .chain(({ r, rb, f, fb, state, c }) => {
      const figures = given({ remainingMl: r, remainingBoundMl: rb, flowMlPerHour: f, flowBoundMlPerHour: fb });
      return fc.constantFrom<SourceValue>(
        { kind: 'weight', massGrams: 0 as never, isStable: true, state, ...figures } as SourceValue,
        { kind: 'level', confidence: c as never, state, ...figures } as SourceValue,
      );
    }),
  fc
    .record({ f: flows, fb: bounds, state: fc.constantFrom(...dripStates) })
    .map(
      ({ f, fb, state }) => ({ kind: 'drip', dropCount: 1, state, ...given({ flowMlPerHour: f, flowBoundMlPerHour: fb }) }) as SourceValue,
    ),
  fc
    .record({ f: flows, r: flows, state: fc.constantFrom(...pumpStates) })
    .map(
      ({ f, r, state }) => ({ kind: 'pump', isBatteryLow: false, state, ...given({ rateMlPerHour: f, remainingMl: r }) }) as SourceValue,
    ),
);
const anySources = fc
  .array(fc.record({ value: anyValue, age: fc.integer({ min: 0, max: 60_000 }) }), { maxLength: 5 })
  .map((list) => list.map(({ value, age }, i) => source(`d${i}`, value, T0 - age)));

test('the order of the sources is irrelevant', () => {
  fc.assert(
    fc.property(
      anySources.chain((sources) => fc.tuple(fc.constant(sources), fc.shuffledSubarray(sources, { minLength: sources.length }))),
      ([sources, shuffled]) => assert.deepEqual(fused(shuffled), fused(sources)),
    ),
  );
});

test('figures are never negative and never NaN', () => {
  fc.assert(
    fc.property(anySources, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (sources, dripLeft) => {
      const figures = fuse({
        sources,
        isLive: () => true,
        previous: NO_FIGURES,
        volumeMl: 500,
        dripRemaining: { device: 'drip', remainingMl: dripLeft, boundMl: 10 },
      });
      for (const value of [figures.remainingMl, figures.remainingBoundMl, figures.flowMlPerHour, figures.flowBoundMlPerHour])
        assert.ok(value === undefined || value >= 0, String(value));
    }),
  );
});

test('stale is never live: without a fresh source the last figures stay, and say so', () => {
  fc.assert(
    fc.property(anySources, anySources, (before, after) => {
      const known = fused(before);
      const later = fused(after, known, () => false);
      assert.ok(later.quality === 'stale' || later.quality === 'unknown');
      assert.equal(later.remainingMl, known.remainingMl);
      assert.equal(later.measuredAt, known.measuredAt);
    }),
  );
});
