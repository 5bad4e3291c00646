import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '#contracts/units.ts';
import type { Presence } from '#contracts/ward-state.ts';
import { createPresences } from './presence.ts';

const at = (second: number) => instant(1_700_000_000_000 + second * 1000);
const room = () => {
  const said: Presence[] = [];
  const presences = createPresences({
    sensors: new Map([
      ['p1', 'r1'],
      ['p2', 'r1'],
      ['p3', 'r2'],
    ]),
    say: (presence) => said.push(presence),
  });
  return {
    said,
    presences,
    seen: (device: string, isPresent: boolean, second: number) => presences.seen(device, isPresent, at(second), at(second)),
  };
};

test('a room is clear only when all its sensors say so', () => {
  const { said, seen } = room();
  seen('p1', false, 0);
  assert.equal(said.at(-1)?.state, 'unknown');
  seen('p2', false, 1);
  assert.equal(said.at(-1)?.state, 'clear');
  seen('p2', true, 2);
  assert.equal(said.at(-1)?.state, 'present');
  assert.deepEqual(said.at(-1)?.devices, ['p1', 'p2']);
  assert.ok(said.every(({ zone }) => zone === 'r1'));
});

test('silence and faults are never clear', () => {
  const { said, seen, presences } = room();
  seen('p3', false, 0);
  presences.tick(at(20));
  assert.equal(said.at(-1)?.state, 'clear');
  presences.tick(at(40));
  assert.equal(said.at(-1)?.state, 'unknown');
  const before = said.length;
  presences.tick(at(60));
  assert.equal(said.length, before);
  seen('p3', false, 61);
  assert.equal(said.at(-1)?.state, 'clear');
  presences.faulty('p3', at(62));
  assert.equal(said.at(-1)?.state, 'unknown');
});

test('an unchanged word is said again every 10 s, not at each reading', () => {
  const { said, seen } = room();
  for (let second = 0; second <= 30; second++) seen('p3', false, second);
  assert.deepEqual(
    said.map((p) => (p.at - at(0)) / 1000),
    [0, 10, 20, 30],
  );
  assert.equal(said.at(-1)?.since, at(0));
});
