import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { instant } from '#contracts/units.ts';
import { Deadlines } from './deadlines.ts';

it('gives keys in the order in which they fall due, and none before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.nat(1000), (moments, now) => {
      const deadlines = new Deadlines();
      for (const at of moments) deadlines.add(instant(at), String(at));
      const taken: number[] = [];
      for (let key = deadlines.take(instant(now)); key !== undefined; key = deadlines.take(instant(now))) taken.push(Number(key));
      assert.deepEqual(
        taken,
        moments.filter((at) => at <= now).sort((a, b) => a - b),
      );
      assert.equal(deadlines.size, moments.length - taken.length);
      assert.equal(deadlines.next, taken.length === moments.length ? undefined : Math.min(...moments.filter((at) => at > now)));
    }),
  );
});
