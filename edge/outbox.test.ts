import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReadingValue } from '#contracts/readings.ts';
import { grams, hours, instant, milliseconds } from '#contracts/units.ts';
import { type VirtualClock, virtualClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { type OutboxLimits, openOutbox } from './outbox.ts';
import type { StoredBatch } from './outbox-store.ts';

const START = instant(1_750_000_000_000);
const ROOMY: OutboxLimits = { ageMax: hours(72), bytesMax: 1 << 30 };
const weight = (massGrams = 500): ReadingValue => ({ kind: 'weight', massGrams: grams(massGrams), isStable: true, state: 'running' });
const file = () => join(mkdtempSync(join(tmpdir(), 'wardline-outbox-')), 'outbox.sqlite');

function open(path: string, clock: VirtualClock, limits = ROOMY) {
  const outbox = openOutbox(path, limits, clock, silentLog());
  const batches: StoredBatch[] = [];
  outbox.onCommit((batch) => batches.push(batch));
  return { outbox, batches };
}

test('readings are gathered for 50 ms and numbered by device and stream', async () => {
  const clock = virtualClock(START);
  const { outbox, batches } = open(file(), clock);
  outbox.put('s1', START, weight());
  clock.advance(milliseconds(49));
  outbox.put('s2', START, weight());
  outbox.put('s1', START, { kind: 'fault', fault: 'SCALE_BUSY' });
  outbox.put('s1', START, weight());
  assert.equal(batches.length, 0);
  clock.advance(milliseconds(1));
  assert.equal(batches.length, 1);
  assert.deepEqual(
    batches[0]!.readings.map(({ device, sequence, value }) => [device, value.kind, sequence]),
    [
      ['s1', 'weight', 0],
      ['s2', 'weight', 0],
      ['s1', 'fault', 0],
      ['s1', 'weight', 1],
    ],
  );
  assert.equal(outbox.depth, 1);
  await outbox[Symbol.asyncDispose]();
});

test('numbers go on after a start, whether their batches are still stored or long acknowledged', async () => {
  const clock = virtualClock(START);
  const path = file();
  const first = open(path, clock);
  first.outbox.put('s1', START, weight());
  first.outbox.flush();
  first.outbox.put('s1', START, weight());
  first.outbox.put('s2', START, weight());
  first.outbox.flush();
  first.outbox.settle(1);
  clock.advance(milliseconds(1000));
  assert.equal(first.outbox.depth, 1);
  // No orderly end: a second connection sees exactly what a process killed now would leave behind.
  const second = open(path, clock);
  assert.deepEqual([second.outbox.depth, second.outbox.lastBatch], [1, 2]);
  second.outbox.put('s1', START, weight());
  second.outbox.put('s2', START, weight());
  second.outbox.flush();
  assert.deepEqual(
    second.batches[0]!.readings.map(({ sequence }) => sequence),
    [2, 1],
  );
  assert.equal(second.batches[0]!.batch, 3);
  await first.outbox[Symbol.asyncDispose]();
  await second.outbox[Symbol.asyncDispose]();
});

test('an acknowledged batch does not come again', async () => {
  const clock = virtualClock(START);
  const path = file();
  const { outbox } = open(path, clock);
  for (let i = 0; i < 5; i++) {
    outbox.put('s1', START, weight());
    outbox.flush();
  }
  outbox.settle(2);
  outbox.settle(2);
  assert.equal(outbox.depth, 4);
  await outbox[Symbol.asyncDispose]();
  const again = open(path, clock).outbox;
  const left: number[] = [];
  for (let batch = again.next(0, 5); batch; batch = again.next(batch.batch, 5)) left.push(batch.batch);
  assert.deepEqual(left, [1, 3, 4, 5]);
  await again[Symbol.asyncDispose]();
});

test('beyond its size the oldest readings are given up, counted, and the count survives', async () => {
  const clock = virtualClock(START);
  const path = file();
  const { outbox } = open(path, clock, { ageMax: hours(72), bytesMax: 2000 });
  for (let i = 0; i < 40; i++) {
    outbox.put('s1', START, weight(i));
    outbox.put('s2', START, weight(i));
    outbox.flush();
  }
  assert.ok(outbox.bytes <= 2000, `${outbox.bytes} bytes`);
  assert.ok(outbox.depth > 2 && outbox.depth < 20);
  assert.equal(outbox.lostReadings, (40 - outbox.depth) * 2);
  const oldest = outbox.next(0, 40)!;
  assert.equal(oldest.batch, 40 - outbox.depth + 1);
  const lost = outbox.lostReadings;
  await outbox[Symbol.asyncDispose]();
  const again = open(path, clock).outbox;
  assert.equal(again.lostReadings, lost);
  await again[Symbol.asyncDispose]();
});

test('beyond their age readings are given up', async () => {
  const clock = virtualClock(START);
  const { outbox } = open(file(), clock, { ageMax: milliseconds(60_000), bytesMax: 1 << 30 });
  outbox.put('s1', START, weight());
  outbox.flush();
  clock.advance(milliseconds(61_000));
  outbox.put('s1', START, weight());
  outbox.flush();
  assert.deepEqual([outbox.depth, outbox.lostReadings], [1, 1]);
  await outbox[Symbol.asyncDispose]();
});

test('a reading that breaks its contract is not sent and uses no number', async () => {
  const clock = virtualClock(START);
  const { outbox, batches } = open(file(), clock);
  outbox.put('s1', START, weight(90_000));
  outbox.put('s1', instant(12), weight());
  outbox.put('s1', START, weight());
  outbox.flush();
  assert.equal(outbox.refusedReadings, 2);
  assert.deepEqual(
    batches[0]!.readings.map(({ sequence }) => sequence),
    [0],
  );
  await outbox[Symbol.asyncDispose]();
});
