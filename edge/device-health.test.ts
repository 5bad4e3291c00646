import assert from 'node:assert/strict';
import { test } from 'node:test';
import { milliseconds } from '#contracts/units.ts';
import { createDeviceHealth } from './device-health.ts';

const at = milliseconds;
const health = () => createDeviceHealth('SCALE_GARBLED', at(3000), at(0));

test('a device that speaks is online, then silent, then online again', () => {
  const h = health();
  h.opened(at(100));
  h.word(at(200));
  assert.equal(h.state(at(1000)), 'online');
  assert.equal(h.state(at(3300)), 'silent');
  assert.equal(h.isUnreachableDue(at(3300)), false);
  assert.equal(h.isUnreachableDue(at(8300)), true);
  assert.equal(h.isUnreachableDue(at(9300)), false);
  assert.equal(h.isUnreachableDue(at(38_400)), true);
  h.word(at(38_500));
  assert.equal(h.state(at(38_600)), 'online');
  assert.equal(h.isUnreachableDue(at(38_600)), false);
});

test('a port that cannot be opened makes the device offline after 5 s', () => {
  const h = health();
  h.closed(at(10));
  assert.equal(h.state(at(1000)), 'online');
  assert.equal(h.state(at(5000)), 'offline');
});

test('a connection that breaks shortly is not worth a word', () => {
  const h = health();
  h.opened(at(0));
  h.word(at(1000));
  h.closed(at(1500));
  assert.equal(h.state(at(2000)), 'online');
  h.opened(at(2500));
  h.word(at(2600));
  assert.equal(h.state(at(5000)), 'online');
});

test('faults and nothing else make a device faulty; each fault is published once in 10 s', () => {
  const h = health();
  h.opened(at(0));
  const due: number[] = [];
  for (let time = 200; time <= 20_400; time += 200) if (h.fault('SCALE_GARBLED', at(time))) due.push(time);
  assert.deepEqual(due, [200, 10_200, 20_200]);
  assert.equal(h.state(at(20_400)), 'faulty');
  assert.equal(h.garbledFrames, 102);
  assert.equal(h.fault('SCALE_OVERLOAD', at(20_400)), true);
  assert.equal(h.garbledFrames, 102);
  h.word(at(20_500));
  assert.equal(h.state(at(20_600)), 'online');
});

test('one garbled frame among good ones leaves a device online', () => {
  const h = health();
  h.opened(at(0));
  h.word(at(100));
  h.fault('SCALE_GARBLED', at(300));
  h.word(at(500));
  assert.equal(h.state(at(600)), 'online');
});
