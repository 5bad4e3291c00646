import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { oneOf, strict } from '#contracts/schema.ts';
import { parser, sayProblem } from './validate.ts';

const Example = strict({
  name: Type.String({ pattern: '^[a-z]+$' }),
  ml: Type.Optional(Type.Number({ minimum: 0 })),
  kind: oneOf(['bag', 'bottle'] as const),
  form: Type.Union([Type.Literal('a'), Type.Literal('b')]),
});

test('a good value passes as it is', () => {
  const value = { name: 'x', kind: 'bag', form: 'a' };
  assert.deepEqual(parser(Example).parse(value), { ok: true, value });
});

test('every mistake is named with its path, its value and what is allowed', () => {
  const parsed = parser(Example).parse({ name: 'X1', ml: -2, kind: 'box', form: 'c', nmae: 1 });
  assert.ok(!parsed.ok);
  const said = parsed.problems.map(sayProblem);
  assert.equal(said.length, 5, said.join('\n'));
  assert.ok(said.some((line) => /^name: "X1": .*\^\[a-z\]\+\$/.test(line)));
  assert.ok(said.some((line) => /^ml: -2: must be >= 0/.test(line)));
  assert.ok(said.some((line) => /^kind: "box": must be one of bag, bottle/.test(line)));
  assert.ok(said.some((line) => /^form: "c": must be one of "a", "b"/.test(line)));
  assert.ok(said.some((line) => /^nmae: 1: no such field/.test(line)));
});

test('a missing field is named', () => {
  const parsed = parser(Example).parse({ name: 'x', form: 'a' });
  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.problems.map(sayProblem), ['kind: must be given']);
});
