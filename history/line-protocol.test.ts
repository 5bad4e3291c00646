import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf } from './line-protocol.ts';
import { pointOf } from './measurements.ts';

test('a reading becomes one line; what is not known is not written', () => {
  const point = pointOf(
    'weight',
    { ward: 'w1', device: 's 1', sequence: 7, massGrams: 512.4, isStable: true, remainingMl: undefined, state: 'running' },
    1_700_000_000_123,
    7,
  );
  assert.equal(lineOf(point), 'weight,ward=w1,device=s\\ 1 sequence=7i,massGrams=512.4,isStable=true,state="running" 1700000000123000007');
});

test('what InfluxDB refuses is left out: NaN, and a point without fields', () => {
  assert.equal(lineOf(pointOf('door', { door: 'd1' }, 1, 0)), undefined);
  assert.equal(
    lineOf(pointOf('weight', { ward: 'w', device: 'd', massGrams: Number.NaN, sequence: 1 }, 1, 0)),
    'weight,ward=w,device=d sequence=1i 1000000',
  );
});

test('text is quoted and keeps to one line', () => {
  assert.equal(
    lineOf(pointOf('service', { service: 'a,b=c', state: 'down', because: 'he said "no"\nand left \\' }, 5, 0)),
    'service,service=a\\,b\\=c state="down",because="he said \\"no\\" and left \\\\" 5000000',
  );
});
