import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf, isGenerated, trackedFiles } from './source-tree.ts';

const code = () => filesOf(/\.(ts|vue|mjs)$/).filter(({ path }) => !isGenerated(path));

test('no file is over its size: 400 lines, tests 600', () => {
  const long = code()
    .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
    .filter(({ path, lines }) => lines > (path.endsWith('.test.ts') ? 600 : 400))
    .map(({ path, lines }) => `${path}: ${lines}`);
  assert.deepEqual(long, []);
});

test('files are named after what they decide', () => {
  const vague = /(^|[-/.])(manager|helpers?|utils?|common|misc|data|info)([-.]|$)/;
  assert.deepEqual(
    trackedFiles().filter((path) => /\.(ts|vue)$/.test(path) && vague.test(path)),
    [],
  );
});

test('nothing reads as unfinished, and no truth is thrown away', () => {
  const banned: [RegExp, string][] = [
    [/\b(TODO|FIXME|XXX|HACK)\b/, 'unfinished'],
    [/\bas any\b|@ts-ignore|@ts-expect-error/, 'type thrown away'],
    [/catch *(\([^)]*\))? *\{ *\}/, 'error thrown away'],
    [/\b(test|it|describe)\.only\b/, 'other tests switched off'],
    [/\benum [A-Z]/, 'enum'],
  ];
  const wrong: string[] = [];
  for (const { path, text } of code()) {
    if (path.startsWith('tests/tidy/')) continue;
    text.split('\n').forEach((line, i) => {
      const isComment = /^\s*(\*|\/\*\*|\/\/)/.test(line);
      for (const [pattern, what] of banned)
        if ((what === 'unfinished' || !isComment) && pattern.test(line))
          wrong.push(`${path} line ${i + 1}: ${what}: ${line.trim().slice(0, 80)}`);
    });
  }
  assert.deepEqual(wrong, []);
});

test('clocks, chance and environment stay out of pure code', () => {
  const impure = /\bDate\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bprocess\.env\b/;
  const wrong = filesOf(/^(contracts|sensing|[a-z]+\/domain)\/.*\.ts$/)
    .filter(({ path, text }) => !path.endsWith('.test.ts') && impure.test(text))
    .map(({ path }) => path);
  assert.deepEqual(wrong, []);
});

test('topics are written in contracts only', () => {
  const wrong = filesOf(/^(?!contracts\/|tests\/|docs\/)[^/]+\/.*\.(ts|vue)$/)
    .filter(({ text }) => /['"`]wardline\/v1\//.test(text))
    .map(({ path }) => path);
  assert.deepEqual(wrong, []);
});
