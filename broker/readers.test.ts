import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Stillness, stillnessOf } from './readers.ts';

test('a reader is still when it takes nothing of what waits for it', () => {
  let stillness: Stillness | undefined;
  const look = (sent: number, unsent: number) => {
    stillness = stillnessOf(stillness, { sent, unsent });
    return stillness.looks;
  };
  assert.deepEqual([look(0, 100), look(0, 100), look(0, 500), look(0, 500)], [0, 1, 2, 3]);
  assert.equal(look(1, 900), 0, 'a byte taken is life');
  assert.deepEqual([look(1, 900), look(1, 0), look(1, 0), look(1, 10), look(1, 10)], [1, 0, 0, 1, 2]);
});
