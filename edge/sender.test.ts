import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReadingBatch } from '#contracts/readings.ts';
import { hours, instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { OperationalError } from '#runtime/errors.ts';
import { silentLog } from '#runtime/log.ts';
import { openOutbox } from './outbox.ts';
import { openSender } from './sender.ts';

const START = instant(1_750_000_000_000);

/** A broker that is there or not, and acknowledges when told. */
function bench() {
  const clock = virtualClock(START);
  const folder = mkdtempSync(join(tmpdir(), 'wardline-sender-'));
  const outbox = openOutbox(join(folder, 'outbox.sqlite'), { ageMax: hours(72), bytesMax: 1 << 30 }, clock, silentLog());
  const sent: { batch: number; isBacklog: boolean }[] = [];
  let open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const state = { isAcknowledging: true };
  const sender = openSender({
    edge: 'e1',
    outbox,
    clock,
    log: silentLog(),
    backlogPerSecond: 10,
    publish: ({ batch, isBacklog }: ReadingBatch) => {
      sent.push({ batch, isBacklog });
      return state.isAcknowledging ? Promise.resolve() : new Promise<void>((resolve, reject) => open.push({ resolve, reject }));
    },
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    outbox,
    sender,
    sent,
    state,
    settled,
    read() {
      outbox.put('d1', clock.now(), { kind: 'presence', isPresent: true });
      outbox.flush();
    },
    lose() {
      const lost = open;
      open = [];
      for (const { reject } of lost) reject(new OperationalError('BUS_OFFLINE', 'cut'));
      sender.disconnected();
    },
    async wait(ms: number) {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(milliseconds(100));
        await settled();
      }
    },
  };
}

test('with a connection a batch leaves at once, as live', async () => {
  const b = bench();
  b.sender.connected();
  b.read();
  b.read();
  assert.deepEqual(b.sent, [
    { batch: 1, isBacklog: false },
    { batch: 2, isBacklog: false },
  ]);
  await b.settled();
  assert.equal(b.outbox.depth, 0);
});

test('after an outage live batches go first and the backlog follows, marked and at its rate', async () => {
  const b = bench();
  for (let i = 0; i < 30; i++) b.read();
  assert.equal(b.sent.length, 0);
  b.sender.connected();
  b.read();
  assert.deepEqual(b.sent, [{ batch: 31, isBacklog: false }]);
  await b.wait(1200);
  assert.equal(b.sent.length, 1, 'the backlog lets the present go first');
  await b.wait(1000);
  const afterASecond = b.sent.length;
  assert.ok(afterASecond >= 10 && afterASecond <= 12, `${afterASecond} batches after one second`);
  assert.ok(b.sent.slice(1).every(({ isBacklog }) => isBacklog));
  b.read();
  assert.deepEqual(b.sent.at(-1), { batch: 32, isBacklog: false });
  await b.wait(3000);
  assert.deepEqual(
    b.sent.filter(({ isBacklog }) => isBacklog).map(({ batch }) => batch),
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  assert.equal(b.outbox.depth, 0);
});

test('what was under way when the connection broke comes again as backlog', async () => {
  const b = bench();
  b.sender.connected();
  b.state.isAcknowledging = false;
  b.read();
  b.read();
  b.lose();
  await b.settled();
  b.read();
  assert.equal(b.outbox.depth, 3);
  b.state.isAcknowledging = true;
  b.sender.connected();
  await b.wait(2000);
  assert.deepEqual(b.sent.slice(2), [
    { batch: 1, isBacklog: true },
    { batch: 2, isBacklog: true },
    { batch: 3, isBacklog: true },
  ]);
  assert.equal(b.outbox.depth, 0);
});

test('a broker that acknowledges slowly gets at most 32 batches at once, and all of them in the end', async () => {
  const b = bench();
  b.sender.connected();
  b.state.isAcknowledging = false;
  for (let i = 0; i < 400; i++) b.read();
  assert.equal(b.sent.length, 32);
  b.lose();
  await b.settled();
  b.state.isAcknowledging = true;
  b.sender.connected();
  await b.wait(60_000);
  assert.equal(b.outbox.depth, 0);
  assert.deepEqual(
    [...new Set(b.sent.map(({ batch }) => batch))].sort((x, y) => x - y),
    Array.from({ length: 400 }, (_, i) => i + 1),
  );
});
