import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { grams, gramsPerMillilitre, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import { createWeighing } from './weighing.ts';
import type { Weighing, WeighingEstimate, WeighingOrder, WeighingSample } from './weighing-estimate.ts';

const ORDER: WeighingOrder = {
  id: 'o1',
  role: 'primary',
  labelMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(120),
  density: gramsPerMillilitre(1.0046),
  delivery: 'pump',
  containerKind: 'bag_pvc',
  tareGrams: grams(29),
  setGrams: grams(20),
  nearEmptyMl: millilitres(30),
  priorRemainingMl: millilitres(200),
};
const OFFSET = 29 + 20 + 4.5;
const DENSITY = 1.0046;

/** A repeatable noise of some 0.3 g. */
const noise = (index: number) => 0.4 * Math.sin(index * 12.9898) + 0.2 * Math.sin(index * 78.233);
const sample = (index: number, mass: number, changes: Partial<WeighingSample> = {}): WeighingSample => ({
  at: instant(index * 200),
  massGrams: grams(Math.round((mass + noise(index)) * 10) / 10),
  acceleration: { x: 0.1, y: 0, z: 9.81 },
  rotation: { x: 0.01, y: 0.01, z: 0.01 },
  isNear: false,
  ...changes,
});

/** Feeds seconds `from` to `to` at 5 Hz with the mass that `massAt` gives. */
function feed(
  weighing: Weighing,
  from: number,
  to: number,
  massAt: (second: number) => number,
  changes: (second: number) => Partial<WeighingSample> = () => ({}),
) {
  const events: string[] = [];
  let estimate: WeighingEstimate | undefined;
  for (let index = from * 5; index < to * 5; index += 1) {
    const second = index / 5;
    estimate = weighing.step(sample(index, massAt(second), changes(second)));
    events.push(...estimate.events.map(({ kind, at }) => `${kind}@${Math.round(at / 1000)}`));
  }
  return { estimate: estimate!, events };
}

const running =
  (started = 0, rate = 120, left = 200) =>
  (second: number) =>
    OFFSET + DENSITY * Math.max(0, left - ((second - started) * rate) / 3600);

function begun(): Weighing {
  const weighing = createWeighing();
  weighing.order(ORDER, instant(0));
  return weighing;
}

const anySample = fc.record(
  {
    at: fc.oneof(fc.integer({ min: 0, max: 400_000 }), fc.double()),
    massGrams: fc.oneof(fc.double({ min: -100, max: 1500 }), fc.double()),
    acceleration: fc.record({ x: fc.double(), y: fc.double(), z: fc.double() }),
    rotation: fc.record({ x: fc.double(), y: fc.double(), z: fc.double() }),
    isNear: fc.boolean(),
    isStable: fc.boolean(),
  },
  { requiredKeys: ['at', 'massGrams'] },
) as unknown as fc.Arbitrary<WeighingSample>;

function assertSound(estimate: WeighingEstimate): void {
  for (const value of [estimate.remainingMl, estimate.remainingBoundMl, estimate.flowMlPerHour, estimate.flowBoundMlPerHour]) {
    assert.ok(value === undefined || (Number.isFinite(value) && value >= 0 && value <= 20_000), `${value} is no amount`);
  }
}

test('whatever samples come, nothing is negative, nothing is no number and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 400 }), fc.boolean(), fc.boolean(), (samples, isSorted, isOrdered) => {
      const weighing = createWeighing();
      if (isOrdered) weighing.order(ORDER, instant(0));
      const inTurn = isSorted ? [...samples].sort((a, b) => a.at - b.at) : samples;
      for (const each of inTurn) assertSound(weighing.step(each));
    }),
  );
});

test('repeated and older samples change nothing', () => {
  const plain = begun();
  const noisy = begun();
  for (let index = 0; index < 1500; index += 1) {
    const next = sample(index, running()(index / 5));
    const expected = plain.step(next);
    noisy.step(next);
    const again = noisy.step(next);
    const older = index > 20 ? noisy.step(sample(index - 20, 900)) : again;
    assert.deepEqual({ ...older, events: [] }, { ...expected, events: [] });
  }
});

test('remaining volume and flow of a running container, started in mid-stream', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 20, max: 350 }), (from, rate) => {
      const weighing = createWeighing();
      weighing.order({ ...ORDER, rateMlPerHour: millilitresPerHour(rate) }, instant(from * 1000));
      const { estimate, events } = feed(weighing, from, from + 600, running(from, rate));
      assert.equal(estimate.state, 'running');
      assert.deepEqual(events, []);
      assert.ok(Math.abs(estimate.remainingMl! - (200 - rate / 6)) < 6, `${estimate.remainingMl} left at ${rate} ml/h`);
      assert.ok(Math.abs(estimate.flowMlPerHour! / rate - 1) < 0.08, `${estimate.flowMlPerHour} for ${rate}`);
      assert.ok(estimate.remainingBoundMl! > 0);
    }),
    { numRuns: 15 },
  );
});

test('a hand at the bag freezes the figures; a tube hung differently is not liquid', () => {
  const weighing = begun();
  feed(weighing, 0, 300, running());
  const before = feed(weighing, 300, 301, running()).estimate.remainingMl!;
  const held = feed(
    weighing,
    301,
    311,
    (second) => running()(second) + 60,
    () => ({ isNear: true, rotation: { x: 0.6, y: 0, z: 0 } }),
  );
  assert.ok(Math.abs(held.estimate.remainingMl! - before) < 1);
  assert.equal(held.estimate.isCalm, false);
  const after = feed(weighing, 311, 360, (second) => running()(second) + 3.5);
  assert.equal(after.estimate.isCalm, true);
  assert.ok(Math.abs(after.estimate.remainingMl! - (before - 2)) < 1.5, `${after.estimate.remainingMl} after ${before}`);
  assert.deepEqual(after.events, []);
});

test('a stall and free flow are told once each', () => {
  const weighing = begun();
  feed(weighing, 0, 400, running());
  const stopped = running()(400);
  const stall = feed(weighing, 400, 700, () => stopped);
  assert.equal(stall.estimate.state, 'stalled');
  assert.equal(stall.events.length, 1);
  assert.ok(Number(/stalled@(\d+)/.exec(stall.events[0]!)![1]) < 475);
  const free = feed(weighing, 700, 760, (second) => stopped - (second - 700) * 0.3);
  assert.equal(free.estimate.state, 'free_flow');
  assert.deepEqual(
    free.events.map((event) => event.split('@')[0]),
    ['free_flow'],
  );
});

test('an injection raises the volume and is told', () => {
  const weighing = begun();
  feed(weighing, 0, 300, running());
  const before = feed(weighing, 300, 301, running()).estimate.remainingMl!;
  const hand = { isNear: true, rotation: { x: 0.7, y: 0.7, z: 0 } };
  feed(
    weighing,
    301,
    315,
    (second) => running()(second) + 30 + 10 * Math.sin(second * 3),
    () => hand,
  );
  const { estimate, events } = feed(weighing, 315, 360, (second) => running()(second) + 12);
  assert.deepEqual(
    events.map((event) => event.split('@')[0]),
    ['medication_added'],
  );
  assert.ok(Math.abs(estimate.remainingMl! - (before + 12 - 2)) < 1.5);
});

test('a container hung, run, taken off: states and events, and nothing remaining on an empty hook', () => {
  const weighing = createWeighing();
  const { priorRemainingMl: _, ...fresh } = ORDER;
  weighing.order(fresh, instant(0));
  const full = OFFSET + DENSITY * 505;
  assert.equal(feed(weighing, 0, 30, () => 0.5).estimate.state, 'no_bag');
  const hung = feed(
    weighing,
    30,
    60,
    (second) => (second < 33 ? full + 40 : full),
    (second) => ({ isNear: second < 35 }),
  );
  assert.equal(hung.estimate.state, 'changing');
  feed(
    weighing,
    60,
    64,
    (second) => full + 25 * Math.sin(7 * second) ** 2,
    () => ({ isNear: true, rotation: { x: 0.5, y: 0, z: 0 } }),
  );
  const run = feed(weighing, 64, 400, (second) => full - ((second - 64) * 120 * DENSITY) / 3600);
  assert.equal(run.estimate.state, 'running');
  assert.ok(Math.abs(run.estimate.remainingMl! - 494) < 15, `${run.estimate.remainingMl}`);
  const off = feed(weighing, 400, 430, () => 0.2);
  assert.deepEqual(
    [...hung.events, ...off.events].map((event) => event.split('@')[0]),
    ['bag_hung', 'bag_removed'],
  );
  assert.equal(off.estimate.state, 'no_bag');
  assert.equal(off.estimate.remainingMl, 0);
});

test('without an order nothing is claimed of the volume', () => {
  const { estimate } = feed(createWeighing(), 0, 120, running());
  assert.equal(estimate.remainingMl, undefined);
  assert.ok(estimate.flowMlPerHour !== undefined);
});

test('near empty and empty are told once, and what is left never grows while it runs out', () => {
  const weighing = begun();
  const told: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 5 * 7200; index += 1) {
    const { events, remainingMl } = weighing.step(sample(index, running()(index / 5) - Math.max(0, Math.min(5, (index / 5 - 6000) / 30))));
    told.push(...events.map(({ kind }) => kind));
    if (index % 300 === 0 && remainingMl !== undefined) {
      assert.ok(remainingMl <= left + 1);
      left = remainingMl;
    }
  }
  assert.deepEqual(told, ['near_empty', 'empty']);
  assert.equal(left, 0);
});
