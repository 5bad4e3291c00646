import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant, millilitres } from '#contracts/units.ts';
import { decodeJpeg } from './jpeg.ts';
import { createLevel } from './level.ts';
import type { LevelEstimate, Picture } from './level-estimate.ts';
import { resample } from './resample.ts';

const pictures = new URL('../../tests/fixtures/pictures/', import.meta.url);
const read = (name: string) => decodeJpeg(readFileSync(new URL(name, pictures)));
const sequence = readFileSync(new URL('input.jsonl', pictures), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { file: string; elapsed_s: number; ordered_ml: number });

const anyPicture: fc.Arbitrary<Picture> = fc
  .record({
    width: fc.integer({ min: 0, max: 40 }),
    height: fc.integer({ min: 0, max: 40 }),
    channels: fc.constantFrom(1, 3, 4),
    seed: fc.integer(),
    isShort: fc.boolean(),
  })
  .map(({ width, height, channels, seed, isShort }) => {
    const pixels = new Uint8Array(isShort ? 7 : width * height * channels);
    for (let index = 0; index < pixels.length; index += 1) pixels[index] = Math.imul(index + seed, 2654435761) >>> 24;
    return { width, height, channels: channels as Picture['channels'], pixels };
  });

function assertSound({ fraction, remainingMl, remainingBoundMl, flowMlPerHour, confidence }: LevelEstimate): void {
  assert.ok(fraction === undefined || (fraction >= 0 && fraction <= 1.5), `fraction ${fraction}`);
  for (const value of [remainingMl, remainingBoundMl, flowMlPerHour])
    assert.ok(value === undefined || (Number.isFinite(value) && value >= 0), `${value}`);
  assert.ok(confidence >= 0 && confidence <= 1, `confidence ${confidence}`);
}

test('whatever pictures come, figures stay within their bounds and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyPicture, fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.double())), { maxLength: 4 }), (shown) => {
      const level = createLevel();
      for (const [picture, at] of shown)
        assertSound(level.step({ at: at as ReturnType<typeof instant>, picture, orderedMl: millilitres(500) }));
    }),
    { numRuns: 25 },
  );
});

test('a repeated picture changes nothing', () => {
  const level = createLevel();
  const sample = { at: instant(1000), picture: read(sequence[0]!.file), orderedMl: millilitres(500) };
  const first = level.step(sample);
  assert.deepEqual(level.step(sample), first);
  assert.deepEqual(level.step({ ...sample, at: instant(500) }), first);
});

test('a bag that drains, is taken away and replaced', () => {
  const level = createLevel();
  const estimates = sequence.map(({ file, elapsed_s, ordered_ml }) =>
    level.step({ at: instant(elapsed_s * 1000), picture: read(file), orderedMl: millilitres(ordered_ml) }),
  );
  for (const each of estimates) assertSound(each);
  const taken = estimates.slice(5, 7);
  for (const each of taken) {
    assert.equal(each.state, 'no_bag');
    assert.equal(each.fraction, undefined);
  }
  const hung = estimates.filter((_, index) => index < 5 || index > 6);
  assert.ok(hung.every(({ isContainerFound }) => isContainerFound));
  assert.ok(estimates[4]!.fraction! < estimates[0]!.fraction! - 0.2, 'the first bag drained');
  assert.ok(estimates[7]!.fraction! > estimates[4]!.fraction! + 0.2, 'the second bag is full');
});

test('a picture started in mid-sequence stands by itself', () => {
  const level = createLevel();
  const { file, ordered_ml } = sequence[8]!;
  const estimate = level.step({ at: instant(0), picture: read(file), orderedMl: millilitres(ordered_ml) });
  assert.ok(estimate.isContainerFound && estimate.fraction !== undefined);
});

test('resampling keeps a flat picture flat, and grey is three equal planes', () => {
  const planes = resample({ width: 31, height: 47, channels: 1, pixels: new Uint8Array(31 * 47).fill(51) }, 8, 20);
  for (const value of planes) assert.ok(Math.abs(value - 0.2) < 1e-5);
});

test('what is no JPEG is refused', () => {
  assert.throws(() => decodeJpeg(new Uint8Array([1, 2, 3])), Error);
  assert.throws(() => decodeJpeg(readFileSync(new URL(sequence[0]!.file, pictures)).subarray(0, 300)), Error);
});
