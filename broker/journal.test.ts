import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { memoryDisk } from '#tests/memory-disk.ts';
import { openJournal } from './journal.ts';

function open() {
  const disk = memoryDisk();
  const clock = virtualClock(instant(1_700_000_000_000));
  const journal = openJournal(disk, clock, silentLog());
  /** Lets `by` pass and everything that follows from it happen. */
  const pass = async (by: number) => {
    clock.advance(milliseconds(by));
    for (let i = 0; i < 5; i++) await turn();
  };
  return { disk, journal, pass };
}

test('what comes up together is written together, synced, and then confirmed', async () => {
  const { disk, journal, pass } = open();
  journal.put('a', Buffer.from('1'));
  journal.put('b', Buffer.from('2'));
  let kept: boolean | undefined;
  void journal.kept().then((is) => {
    kept = is;
  });
  await pass(1);
  assert.equal(kept, undefined);
  await pass(1);
  assert.equal(kept, true);
  assert.deepEqual(disk.writes, [{ keys: ['a', 'b'], isSynced: true }]);
});

test('what is withdrawn before its write never reaches the disk, and its waiter is not forgotten', async () => {
  const { disk, journal, pass } = open();
  disk.hold();
  journal.put('first', Buffer.from('1'));
  await pass(2);
  journal.put('m', Buffer.from('2'));
  const kept = journal.kept();
  journal.forget('m');
  disk.release();
  await pass(0);
  await pass(10);
  assert.equal(await kept, true);
  await pass(100);
  assert.deepEqual(
    disk.writes.map(({ keys }) => keys),
    [['first']],
  );
});

test('a forgotten key that is on its way to the disk is deleted after', async () => {
  const { disk, journal, pass } = open();
  disk.hold();
  journal.put('m', Buffer.from('2'));
  await pass(2);
  journal.forget('m');
  disk.release();
  await pass(100);
  await pass(100);
  assert.equal(disk.content.has('m'), false);
  assert.deepEqual(
    disk.writes.map(({ isSynced }) => isSynced),
    [true, false],
  );
});

test('a full disk confirms nothing, keeps all in memory and writes it when it has room again', async () => {
  const { disk, journal, pass } = open();
  const states: boolean[] = [];
  journal.onState((isFailing) => states.push(isFailing));
  disk.isFull = true;
  journal.put('a', Buffer.from('1'));
  const first = journal.kept();
  await pass(2);
  assert.equal(await first, false);
  assert.ok(journal.isFailing);
  journal.put('a', Buffer.from('newer'));
  journal.put('b', Buffer.from('2'));
  assert.equal(await journal.kept(), false);
  await pass(2000);
  assert.ok(journal.isFailing, 'still full');
  disk.isFull = false;
  await pass(2000);
  assert.ok(!journal.isFailing);
  assert.deepEqual(states, [true, false]);
  assert.equal(disk.content.get('a')?.toString(), 'newer');
  assert.equal(disk.content.get('b')?.toString(), '2');
  journal.put('c', Buffer.from('3'));
  const last = journal.kept();
  await pass(2);
  assert.equal(await last, true);
});

test('closing writes what waits', async () => {
  const { disk, journal } = open();
  journal.put('a', Buffer.from('1'));
  await journal[Symbol.asyncDispose]();
  assert.ok(disk.content.has('a'));
});
