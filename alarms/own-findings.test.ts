import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Finding, HOUSE } from '#contracts/findings.ts';
import type { ServiceStatus } from '#contracts/service.ts';
import { instant, seconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { openOwnFindings } from './own-findings.ts';

const START = instant(1_800_000_000_000);

function open() {
  const clock = virtualClock(START);
  const said: Finding[] = [];
  const take = (_: unknown, __: unknown, finding?: unknown) => {
    said.push(finding as Finding);
    return Promise.resolve();
  };
  const own = openOwnFindings({ clock, publish: take, retract: take }, silentLog(), clock.now());
  const status = (service: ServiceStatus['service'], state: ServiceStatus['state']): ServiceStatus => ({
    schema: 'service.v1',
    service,
    state,
    at: clock.now(),
  });
  return { clock, said, own, status };
}

it('says once that a service is down, and once that it is back, as one occurrence', () => {
  const { own, said, status, clock } = open();
  own.service(status('watch', 'up'));
  own.service(status('watch', 'down'));
  own.service(status('watch', 'down'));
  clock.advance(seconds(3));
  own.service(status('watch', 'up'));
  assert.deepEqual(
    said.map(({ kind, subject, isPresent }) => [kind, subject, isPresent]),
    [
      ['service_lost', 'watch', true],
      ['service_lost', 'watch', false],
    ],
  );
  assert.equal(said[0]?.occurrence, said[1]?.occurrence);
  assert.equal(said[0]?.since, START);
});

it('goes on after a restart with what was said before', () => {
  const { own, said, status } = open();
  own.learn({ ward: HOUSE, kind: 'service_lost', subject: 'watch', isPresent: true, occurrence: 41, since: START });
  own.service(status('watch', 'down'));
  assert.equal(said.length, 0);
  own.service(status('watch', 'up'));
  assert.deepEqual([said[0]?.isPresent, said[0]?.occurrence], [false, 41]);
});

it('takes back the full disk of an earlier run, and says nothing of itself', () => {
  const { own, said, status } = open();
  own.learn({ ward: HOUSE, kind: 'disk_full', subject: 'alarms', isPresent: true, occurrence: 7, since: START });
  own.service(status('alarms', 'down'));
  assert.deepEqual(
    said.map(({ kind, isPresent }) => [kind, isPresent]),
    [['disk_full', false]],
  );
});
