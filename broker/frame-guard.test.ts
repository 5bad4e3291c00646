import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { defaultBounds } from './bounds.ts';
import { frameGuard } from './frame-guard.ts';

const connect: Packet = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'a',
  keepalive: 10,
  username: 'u',
  password: Buffer.from('p'),
};
const publish = (bytes: number): Packet => ({
  cmd: 'publish',
  topic: 'a/b',
  payload: Buffer.alloc(bytes),
  qos: 1,
  retain: false,
  dup: false,
  messageId: 7,
});
const subscribe: Packet = { cmd: 'subscribe', messageId: 256, subscriptions: [{ topic: 'a/#', qos: 1 }] };

test('honest packets pass, however they are cut', () => {
  const all: Packet[] = [
    publish(3),
    subscribe,
    { cmd: 'pingreq' },
    publish(200_000),
    { cmd: 'puback', messageId: 1 },
    { cmd: 'disconnect' },
  ];
  const bytes = Buffer.concat(all.map((packet) => generate(packet)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const guard = frameGuard(defaultBounds);
      assert.equal(guard.take(generate(connect), false), undefined);
      let at = 0;
      for (let i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        assert.equal(guard.take(bytes.subarray(at, at + size), true), undefined);
        at += size;
      }
    }),
    { numRuns: 30 },
  );
});

test('much before login, giant packets, foreign types and packet id 0 are named', () => {
  const bounds = { ...defaultBounds, loginBytesMax: 100, packetBytesMax: 1000 };
  assert.match(frameGuard(bounds).take(Buffer.concat([Buffer.of(0x10, 90), Buffer.alloc(200)]), false) ?? '', /before login/);
  // 256 MB are announced in five bytes.
  assert.match(frameGuard(bounds).take(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f), true) ?? '', /at most 1000/);
  assert.match(frameGuard(bounds).take(Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff, 1), true) ?? '', /more than four bytes/);
  assert.match(frameGuard(bounds).take(Buffer.of(0x90, 3, 0, 1, 0), true) ?? '', /type 9/);
  assert.match(frameGuard(bounds).take(Buffer.of(0x40, 3, 0, 1, 0), true) ?? '', /at most 2/);
  assert.match(frameGuard(bounds).take(Buffer.of(0x82, 6, 0, 0, 0, 1, 97, 0), true) ?? '', /packet id 0/);
  const apart = frameGuard(bounds);
  assert.equal(apart.take(Buffer.of(0xa2), true), undefined);
  assert.equal(apart.take(Buffer.of(5, 0), true), undefined);
  assert.equal(apart.take(Buffer.of(0, 0, 1, 97), true), 'packet id 0');
});

test('a publication before login is held to the bytes of a login', () => {
  const guard = frameGuard({ ...defaultBounds, loginBytesMax: 100 });
  assert.match(guard.take(generate(publish(100)), false) ?? '', /before login|at most 100/);
});
