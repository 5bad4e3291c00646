import assert from 'node:assert/strict';
import { test } from 'node:test';
import { milliseconds } from '#contracts/units.ts';
import { flawOf, isOwnClientId } from './authenticate.ts';
import { rateOf } from './rate.ts';

test('a client id is the own name, or any but a name where a vehicle connects', () => {
  for (const [user, kind, id, isAllowed] of [
    ['service.watch', 'service', 'service.watch', true],
    ['service.watch', 'service', 'service.watch:2', true],
    ['service.watch', 'service', 'service.watch2', false],
    ['service.watch', 'service', 'anything', false],
    ['edge.e1', 'edge', '', false],
    ['robot.r1', 'robot', 'AGV-4711', true],
    ['robot.r1', 'robot', 'robot.r1:a', true],
    ['robot.r1', 'robot', 'robot.r2', false],
    ['robot.r1', 'robot', 'service.fleet', false],
  ] as const)
    assert.equal(isOwnClientId(user, kind, id), isAllowed, `${user} as ${id}`);
});

test('a CONNECT packet is judged whoever sends it', () => {
  const packet = { cmd: 'connect', clientId: 'a', protocolId: 'MQTT', protocolVersion: 4, clean: true } as const;
  assert.equal(flawOf(packet), undefined);
  assert.equal(flawOf({ ...packet, clientId: '', clean: true }), undefined);
  assert.match(flawOf({ ...packet, clientId: '', clean: false }) ?? '', /needs a client id/);
  assert.match(flawOf({ ...packet, clientId: 'a\0' }) ?? '', /cannot be used/);
  assert.match(flawOf({ ...packet, clientId: 'a'.repeat(200) }) ?? '', /cannot be used/);
  assert.match(flawOf(Object.assign({ bridgeMode: true }, packet)) ?? '', /bridges/);
});

test('a rate has a burst, refills, and is bounded in keys', () => {
  const rate = rateOf({ burst: 2, perSecond: 1, keysMax: 3 });
  const at = (ms: number) => milliseconds(ms);
  assert.deepEqual([rate.take('a', at(0)), rate.take('a', at(0)), rate.take('a', at(0))], [true, true, false]);
  assert.equal(rate.take('a', at(1000)), true);
  assert.equal(rate.take('a', at(1000)), false);
  for (const key of ['b', 'c', 'd', 'e']) assert.equal(rate.take(key, at(1000)), true);
  assert.equal(rate.take('a', at(60_000)), true);
});
