import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { groupCommit } from './group-commit.ts';

const settled = async (promise: Promise<void>): Promise<boolean> => {
  let isDone = false;
  void promise.then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return isDone;
};

test('what comes together is committed together, and confirmed only then', async () => {
  const clock = virtualClock(instant(1_700_000_000_000));
  const groups: number[][] = [];
  const commits = groupCommit<number>(
    clock,
    (items) => groups.push([...items]),
    () => undefined,
  );
  const first = commits.add([1, 2]);
  const second = commits.add([3]);
  assert.equal(await settled(first), false);
  clock.advance(milliseconds(20));
  assert.equal(await settled(first), true);
  assert.equal(await settled(second), true);
  assert.deepEqual(groups, [[1, 2, 3]]);
});

test('a full disk confirms nothing, and all of it is kept once there is room', async () => {
  const clock = virtualClock(instant(1_700_000_000_000));
  const kept: number[] = [];
  const trouble: unknown[] = [];
  let isFull = true;
  const commits = groupCommit<number>(
    clock,
    (items) => {
      if (isFull) throw new Error('disk full');
      kept.push(...items);
    },
    (error) => trouble.push(error),
  );
  const first = commits.add([1]);
  clock.advance(milliseconds(20));
  const second = commits.add([2]);
  clock.advance(milliseconds(3000));
  assert.equal(await settled(first), false);
  isFull = false;
  clock.advance(milliseconds(2000));
  assert.equal(await settled(first), true);
  assert.equal(await settled(second), true);
  assert.deepEqual(kept, [1, 2]);
  assert.equal(trouble.at(-1), undefined);
});
