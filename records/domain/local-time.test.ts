import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '#contracts/units.ts';
import { instantOfLocal, localDayOf, minutesOfClock, shiftOfClock } from './local-time.ts';

const iso = (text: string) => instant(Date.parse(text));

test('a clock time of the zone is the right instant, in summer and winter', () => {
  assert.equal(instantOfLocal('Asia/Shanghai', { year: 2026, month: 3, day: 1 }, 7 * 60), iso('2026-02-28T23:00Z'));
  assert.equal(instantOfLocal('Europe/Berlin', { year: 2026, month: 7, day: 1 }, 7 * 60), iso('2026-07-01T05:00Z'));
  assert.equal(instantOfLocal('Europe/Berlin', { year: 2026, month: 1, day: 1 }, 7 * 60), iso('2026-01-01T06:00Z'));
});

test('where the clock is changed the instant is still one that the clock shows, or the hour that is left out', () => {
  assert.equal(instantOfLocal('Europe/Berlin', { year: 2026, month: 10, day: 25 }, 150), iso('2026-10-25T00:30Z'));
  assert.equal(instantOfLocal('Europe/Berlin', { year: 2026, month: 10, day: 25 }, 7 * 60), iso('2026-10-25T06:00Z'));
  assert.equal(instantOfLocal('Europe/Berlin', { year: 2026, month: 3, day: 29 }, 150), iso('2026-03-29T01:30Z'));
});

test('every instant lies on the day that it is said to lie on', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'UTC'),
      fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
      (zone, at) => {
        const midnight = instantOfLocal(zone, localDayOf(zone, instant(at)), 0);
        assert.ok(midnight <= at && at - midnight < 25.5 * 3_600_000);
      },
    ),
  );
});

test('a night shift belongs to yesterday before its end and to today after its begin', () => {
  const night = (now: string) => shiftOfClock('UTC', 19 * 60, 7 * 60, iso(now));
  assert.deepEqual(night('2026-05-02T03:00Z'), { from: iso('2026-05-01T19:00Z'), until: iso('2026-05-02T07:00Z') });
  assert.deepEqual(night('2026-05-02T20:00Z'), { from: iso('2026-05-02T19:00Z'), until: iso('2026-05-03T07:00Z') });
  assert.deepEqual(shiftOfClock('UTC', 7 * 60, 19 * 60, iso('2026-05-02T03:00Z')), {
    from: iso('2026-05-02T07:00Z'),
    until: iso('2026-05-02T19:00Z'),
  });
});

test('only clock times are clock times', () => {
  assert.equal(minutesOfClock('07:05'), 425);
  for (const text of ['7:05', '24:00', '12:60', '', 'noon']) assert.equal(minutesOfClock(text), undefined, text);
});
