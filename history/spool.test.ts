import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSpool } from './spool.ts';

test('the spool gives back what it was given, oldest first, until it is delivered', async () => {
  await using spool = openSpool(':memory:', () => 42);
  spool.append(['a', 'b']);
  spool.append(['c']);
  assert.equal(spool.depth, 3);
  const first = spool.oldest(2)!;
  assert.deepEqual(first, { upTo: 1, lines: 'a\nb', count: 2, since: 42 });
  assert.equal(spool.oldest(100)!.lines, 'a\nb\nc');
  spool.delivered(first.upTo, first.count);
  assert.equal(spool.oldest(100)!.lines, 'c');
  spool.quarantine(2, 'field type conflict');
  assert.equal(spool.oldest(100), undefined);
  assert.equal(spool.depth, 0);
  assert.equal(spool.quarantined, 1);
});
