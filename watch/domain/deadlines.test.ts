import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '#contracts/units.ts';
import { createDeadlines, type Sleeper } from './deadlines.ts';

test('everything due is woken once, in order, and nothing before its time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 }), fc.integer({ min: 0, max: 1000 }), (dues, until) => {
      const deadlines = createDeadlines();
      const woken: number[] = [];
      for (const due of dues) {
        const sleeper: Sleeper = {
          scheduledAt: Number.POSITIVE_INFINITY,
          wake() {
            woken.push(due);
            return undefined;
          },
        };
        deadlines.ensure(sleeper, due);
      }
      deadlines.run(instant(until));
      assert.deepEqual(
        woken,
        dues.filter((due) => due <= until).sort((a, b) => a - b),
      );
      assert.equal(deadlines.size, dues.length - woken.length);
    }),
  );
});

test('a sleeper that is put off asks again; one that is wanted earlier is woken once', () => {
  const deadlines = createDeadlines();
  const woken: number[] = [];
  const sleeper: Sleeper = {
    scheduledAt: Number.POSITIVE_INFINITY,
    wake(now) {
      woken.push(now);
      return woken.length === 1 ? 500 : undefined;
    },
  };
  deadlines.ensure(sleeper, 300);
  deadlines.ensure(sleeper, 100);
  for (let now = 0; now <= 1000; now += 50) deadlines.run(instant(now));
  assert.deepEqual(woken, [100, 500]);
});
