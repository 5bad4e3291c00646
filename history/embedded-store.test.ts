import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { Refusal } from '#runtime/commands.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { pointOf } from './measurements.ts';

const start = instant(1_700_000_000_000);
const infusion = (second: number, remainingMl: number | undefined, bed = '01') =>
  pointOf('infusion', { ward: 'w1', bed, line: '1', remainingMl, state: 'running', quality: 'live' }, start + second * 1000, 0);

test('points come back as thinned means, by bed, and the unknown stays out', async () => {
  await using store = openEmbeddedStore(':memory:', { clock: virtualClock(start) });
  store.keep([...Array.from({ length: 60 }, (_, s) => infusion(s, 500 - s)), infusion(60, undefined), infusion(5, 1, '02')]);
  const { points } = await store.trend({
    measurement: 'infusion',
    field: 'remainingMl',
    ward: 'w1',
    bed: '01',
    from: start,
    until: instant(start + 120_000),
    points: 12,
  });
  assert.equal(points.length, 6);
  assert.deepEqual(points[0], { at: start, mean: 495.5, min: 491, max: 500 });
  await assert.rejects(
    store.trend({ measurement: 'robot', field: 'remainingMl', from: start, until: instant(start + 1), points: 1 }),
    Refusal,
  );
});

test('a message that comes twice is one point', async () => {
  await using store = openEmbeddedStore(':memory:', { clock: virtualClock(start) });
  store.keep([infusion(1, 10)]);
  store.keep([infusion(1, 10), infusion(2, 9)]);
  assert.deepEqual((await store.counts()).counts, { infusion: 2 });
});

test('what is older than the retention is removed', async () => {
  const clock = virtualClock(start);
  await using store = openEmbeddedStore(':memory:', { clock, retentionDays: 1 });
  store.keep([infusion(0, 10)]);
  clock.advance(milliseconds(26 * 3_600_000));
  const { points } = await store.trend({
    measurement: 'infusion',
    field: 'remainingMl',
    from: start,
    until: instant(start + 10_000),
    points: 5,
  });
  assert.deepEqual(points, []);
});
