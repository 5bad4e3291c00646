import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { memoryDisk } from '#tests/memory-disk.ts';
import { type Bounds, defaultBounds } from './bounds.ts';
import { openJournal } from './journal.ts';
import { openSessions } from './sessions.ts';

async function open({ disk = memoryDisk(), bounds = {} }: { disk?: ReturnType<typeof memoryDisk>; bounds?: Partial<Bounds> } = {}) {
  const clock = virtualClock(instant(1_700_000_000_000));
  const log = silentLog();
  const journal = openJournal(disk, clock, log);
  const lost: number[] = [];
  const sessions = await openSessions({
    disk,
    journal,
    bounds: { ...defaultBounds, ...bounds },
    clock,
    log,
    onDropped: ({ dropped }) => lost.push(dropped),
  });
  const flush = async () => {
    clock.advance(milliseconds(100));
    for (let i = 0; i < 5; i++) await turn();
  };
  return { disk, clock, journal, sessions, lost, flush };
}

/** A reader that has what was sent to it. */
function reader(highWaterMark = 1 << 20) {
  const stream = new PassThrough({ highWaterMark });
  const got: IPublishPacket[] = [];
  const packets = parser({ protocolVersion: 4 });
  packets.on('packet', (packet) => got.push(packet as IPublishPacket));
  const read = async () => {
    for (let i = 0; i < 5; i++) await turn();
    for (let chunk = stream.read(); chunk; chunk = stream.read()) packets.parse(chunk);
    return got;
  };
  return { stream, got, read };
}
const texts = (packets: readonly IPublishPacket[]) => packets.map(({ payload }) => payload.toString());

test('messages come in order, the window bounds them, unacknowledged ones come again', async () => {
  const { sessions } = await open({ bounds: { windowMessagesMax: 2 } });
  sessions.subscribe('c', 'u', 't/+', 1);
  const session = sessions.find('c')!;
  for (const text of ['1', '2', '3', '4']) assert.ok(sessions.distribute('t/x', Buffer.from(text)));
  assert.ok(!sessions.distribute('other', Buffer.from('x')));
  const first = reader();
  session.attach(first.stream);
  assert.deepEqual(texts(await first.read()), ['1', '2']);
  session.acknowledge(first.got[0]!.messageId!);
  assert.deepEqual(texts(await first.read()), ['1', '2', '3']);
  session.detach();
  assert.ok(!session.acknowledge(first.got[1]!.messageId!), 'an acknowledgement of a connection that is gone counts for nothing');
  const second = reader();
  session.attach(second.stream);
  const again = await second.read();
  assert.deepEqual(texts(again), ['2', '3']);
  assert.deepEqual(
    again.map(({ dup }) => dup),
    [true, true],
  );
  session.acknowledge(again[1]!.messageId!);
  session.acknowledge(again[0]!.messageId!);
  assert.deepEqual(texts(await second.read()), ['2', '3', '4']);
});

test('a socket that takes nothing gets no more, and goes on when it drains', async () => {
  const { sessions } = await open();
  sessions.subscribe('c', 'u', 't', 1);
  const slow = reader(2000);
  sessions.find('c')!.attach(slow.stream);
  for (let i = 0; i < 100; i++) sessions.distribute('t', Buffer.alloc(500, `${i % 10}`));
  await turn();
  assert.ok(slow.stream.writableLength < 10_000, `${slow.stream.writableLength} bytes wait in the socket`);
  for (let i = 0; i < 60; i++) await slow.read();
  assert.equal(slow.got.length, 100);
});

test('queues survive, in order, with what was acknowledged gone', async () => {
  const one = await open();
  one.sessions.subscribe('a/client', 'u', 't/#', 1);
  one.sessions.subscribe('b', 'u', 't/#', 1);
  for (let i = 0; i < 300; i++) one.sessions.distribute('t/x', Buffer.from(`${i}`));
  await one.flush();
  const taker = reader();
  one.sessions.find('b')!.attach(taker.stream);
  for (const packet of await taker.read()) one.sessions.find('b')!.acknowledge(packet.messageId!);
  await one.flush();

  const two = await open({ disk: memoryDisk(one.disk.content) });
  assert.equal(two.sessions.find('b')!.queued, 0);
  const session = two.sessions.find('a/client')!;
  assert.equal(session.user, 'u');
  assert.deepEqual([...session.subscriptions], [['t/#', 1]]);
  two.sessions.distribute('t/x', Buffer.from('after'));
  const other = reader();
  session.attach(other.stream);
  for (let i = 0; i < 20; i++) await other.read();
  assert.deepEqual(texts(other.got), [...Array.from({ length: 300 }, (_, i) => `${i}`), 'after']);
  for (const packet of [...other.got]) session.acknowledge(packet.messageId!);
  two.sessions.remove('b');
  await two.flush();
  assert.deepEqual(
    [...two.disk.content.keys()].filter((key) => key.startsWith('m/') || key.startsWith('q/')),
    [],
  );
});

test('payloads beyond the memory bound are read back from the disk', async () => {
  const { sessions, flush } = await open({ bounds: { queueMemoryBytesMax: 5000 } });
  sessions.subscribe('c', 'u', 't', 1);
  for (let i = 0; i < 50; i++) {
    sessions.distribute('t', Buffer.alloc(400, `${i % 10}`));
    await flush();
  }
  assert.ok(sessions.counts.memoryBytes <= 5000, `${sessions.counts.memoryBytes}`);
  const taker = reader();
  sessions.find('c')!.attach(taker.stream);
  for (let i = 0; i < 100; i++) await taker.read();
  assert.deepEqual(
    texts(taker.got).map((text) => text[0]),
    Array.from({ length: 50 }, (_, i) => `${i % 10}`),
  );
});

test('a full queue loses its oldest and says so', async () => {
  const { sessions, lost } = await open({ bounds: { queueMessagesMax: 3 } });
  sessions.subscribe('c', 'u', 't', 1);
  for (const text of ['1', '2', '3', '4', '5']) sessions.distribute('t', Buffer.from(text));
  assert.deepEqual(lost, [1, 2]);
  assert.equal(sessions.counts.dropped, 2);
  const taker = reader();
  sessions.find('c')!.attach(taker.stream);
  assert.deepEqual(texts(await taker.read()), ['3', '4', '5']);
});

test('sessions are bounded per user and end after a long absence', async () => {
  const { sessions, clock } = await open({ bounds: { sessionsPerUserMax: 2, sessionAbsenceMax: milliseconds(1000) } });
  for (const id of ['a', 'b']) {
    sessions.subscribe(id, 'u', 't', 1);
    sessions.find(id)!.leftAt = clock.now();
    clock.advance(milliseconds(10));
  }
  sessions.subscribe('c', 'u', 't', 1);
  assert.equal(sessions.find('a'), undefined);
  sessions.subscribe('d', 'u', 't', 1);
  assert.throws(() => sessions.subscribe('e', 'u', 't', 1), /too many|already/);
  sessions.subscribe('e', 'another', 't', 1);
  sessions.find('e')!.leftAt = clock.now();
  clock.advance(milliseconds(1000));
  sessions.expire();
  assert.equal(sessions.find('e'), undefined);
  assert.ok(sessions.find('c'));
  sessions.removeOf('u');
  assert.deepEqual(sessions.wanting('t'), []);
});
