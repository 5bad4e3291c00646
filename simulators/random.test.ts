import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from './random.ts';

const many = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('random', () => {
  it('is the same for the same seed, and other for another', () => {
    const draw = (seed: number | string) => many(5, random(seed).next);
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    assert.deepEqual(draw('ward'), draw('ward'));
  });
  it('branches do not disturb each other or their root', () => {
    const [a, b] = [random(1), random(1)];
    many(10, a.branch('x').next);
    assert.equal(a.next(), b.next());
    assert.notEqual(random(1).branch('x').next(), random(1).branch('y').next());
  });
  it('has the moments of its distributions', () => {
    const r = random(2);
    const normal = many(20_000, () => r.normal(3));
    assert.ok(Math.abs(mean(normal)) < 0.1);
    assert.ok(Math.abs(Math.sqrt(mean(normal.map((value) => value ** 2))) - 3) < 0.1);
    assert.ok(Math.abs(mean(many(20_000, () => r.exponential(5))) - 5) < 0.2);
    assert.ok(Math.abs(mean(many(20_000, () => r.between(2, 4))) - 3) < 0.05);
    const faces = many(6000, () => r.below(6));
    for (let face = 0; face < 6; face++) assert.ok(Math.abs(faces.filter((f) => f === face).length - 1000) < 150);
  });
  it('picks nothing from nothing', () => {
    assert.throws(() => random(1).pick([]), RangeError);
  });
});
