import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim } from './finishable.ts';
import { Traffic } from './traffic.ts';

/** A claim over nodes of one letter; capital letters are places where the robot may let others pass. */
function claim(id: string, at: string, way: string, canMove = true): Claim {
  const ahead = [...way];
  const rests = ahead.flatMap((node, i) => (node === node.toUpperCase() ? [i] : []));
  return { id, holds: [at], ahead, rests, parksOn: at, canMove };
}

test('a held way has one holder, and the other waits for it by name', () => {
  const traffic = new Traffic([claim('r1', 'A', 'bC'), claim('r2', 'D', 'bE')]);
  assert.deepEqual(traffic.take('r1', 1), { ok: true });
  assert.deepEqual(traffic.take('r2', 1), { ok: false, because: 'waits for r1 to leave b' });
});

test('nobody drives into a way in which he would meet another head-on', () => {
  // A corridor c-d-e with a parking place at each end: only one may be inside.
  const traffic = new Traffic([claim('r1', 'A', 'cdeB'), claim('r2', 'B', 'edcA')]);
  const first = traffic.take('r1', 1);
  assert.equal(first.ok, false, 'each parks where the other wants to go: neither may begin');
  const apart = new Traffic([claim('r1', 'A', 'cdeX'), claim('r2', 'B', 'edcY')]);
  assert.equal(apart.take('r1', 1).ok, true);
  const second = apart.take('r2', 1);
  assert.deepEqual(second, { ok: false, because: 'lets r1 leave c first' });
});

test('robots may follow each other around a ring with stops, as long as one place stays free', () => {
  const traffic = new Traffic([claim('r1', 'a', 'bcdS'), claim('r2', 'b', 'cdT'), claim('r3', 'c', 'dUdabV')]);
  assert.deepEqual([...traffic.finishable].sort(), ['r1', 'r2', 'r3'], 'r3 stops at U, the others pass, then it goes on');
  const jammed = new Traffic([claim('r1', 'a', 'bS'), claim('r2', 'b', 'cT'), claim('r3', 'c', 'aU')]);
  assert.deepEqual(
    jammed.blocked().map((c) => c.id),
    ['r1', 'r2', 'r3'],
  );
});

test('a robot that does not move is an obstacle, not somebody to wait for', () => {
  const traffic = new Traffic([claim('r1', 'A', 'bC'), claim('r2', 'b', '', false), claim('r3', 'D', 'eF')]);
  assert.deepEqual([...traffic.finishable], ['r3']);
  assert.equal(traffic.take('r3', 1).ok, true, 'others go on');
});

test('a stop that two need is taken by one, and the other waits outside the way out', () => {
  const traffic = new Traffic([claim('r1', 'A', 'bSbA'), claim('r2', 'C', 'bSbC')]);
  assert.equal(traffic.take('r1', 2).ok, true);
  assert.equal(traffic.take('r2', 1).ok, false, 'r1 must come out by b');
});
