import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { readWhole } from './whole-reads.ts';

test('one read gives all that has arrived, and shows it once', () => {
  const seen: string[] = [];
  const stream = readWhole(new PassThrough(), (chunk) => void seen.push(chunk.toString()));
  assert.equal(stream.read(), null);
  for (const piece of ['a', 'b', 'c']) stream.write(piece);
  assert.equal(stream.read()?.toString(), 'abc');
  assert.equal(stream.read(), null);
  assert.deepEqual(seen, ['abc']);
});

test('a problem ends the stream', () => {
  const errors: string[] = [];
  const stream = readWhole(new PassThrough(), () => 'too much');
  stream.on('error', (error: Error) => errors.push(error.message));
  stream.write('x');
  assert.equal(stream.read(), null);
  assert.ok(stream.destroyed);
});
