import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRows, typed } from './csv-rows.ts';

test('rows carry the line of the file, past quotes, blank lines and a byte order mark', () => {
  const { rows, problems } = readRows('\uFEFFward,bed\r\nw1, 1 \r\n\r\n"w1","2"\r\n', ['ward', 'bed'], []);
  assert.deepEqual(problems, []);
  assert.deepEqual(rows, [
    { row: 2, fields: { ward: 'w1', bed: '1' } },
    { row: 4, fields: { ward: 'w1', bed: '2' } },
  ]);
});

test('a wrong heading is the only problem and names its columns', () => {
  const { rows, problems } = readRows('ward,bet\nw1,1\n', ['ward', 'bed'], ['tag']);
  assert.deepEqual(rows, []);
  assert.deepEqual(
    problems.map(({ row, field }) => [row, field]),
    [
      [1, 'bed'],
      [1, 'bet'],
    ],
  );
});

test('a row of another length is named and the others are taken', () => {
  const { rows, problems } = readRows('ward,bed\nw1,1,9\nw1,2\n', ['ward', 'bed'], []);
  assert.deepEqual(problems, [{ row: 2, field: '(whole)', because: 'has 3 fields instead of 2' }]);
  assert.equal(rows.length, 1);
});

test('a text that is no CSV is a problem, not a crash', () => {
  const { rows, problems } = readRows('ward,bed\nw1,"2\n', ['ward', 'bed'], []);
  assert.deepEqual(rows, []);
  assert.equal(problems.length, 1);
});

test('only what looks like a number becomes one', () => {
  const row = { row: 2, fields: { volumeMl: '500', rateMlPerHour: '1e3', start: 'yes', label: '5' } };
  assert.deepEqual(typed(row, ['volumeMl', 'rateMlPerHour'], ['start']), {
    volumeMl: 500,
    rateMlPerHour: '1e3',
    start: true,
    label: '5',
  });
});
