import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#runtime/clock.ts';
import { demoSite, isClosed, latest, openDemoFleet, said } from '../demo-fleet.ts';
import { until } from '../fleet-fixture.ts';

test('robots stop within a second and go on, and a disinfection breaks off when its door opens', { timeout: 58_000 }, async (t) => {
  await using house = await openDemoFleet();
  const { fleet, building, watch } = house;
  const sent = await fleet.console.request('sendRobot', { kind: 'delivery', ward: 'w1', bed: '01', load: 'next bag for bed 01' });

  await t.test('a stop reaches every robot within a second, and they go on after it', async () => {
    await until(() => [...fleet.robots.values()].some((r) => r.isDriving), said(fleet));
    const stop = await fleet.console.request('stopAll', { because: 'drill' });
    assert.deepEqual(stop.notReached, []);
    await until(() => [...fleet.robots.values()].every((r) => r.isPaused), said(fleet), 5000);
    await fleet.console.request('resumeAll', {});
    await until(() => [...fleet.robots.values()].every((r) => !r.isPaused), said(fleet), 5000);
  });

  await t.test('a disinfection begins in the closed, empty room and stops when its door opens', async () => {
    const zone = 'w1-r03';
    const { mission } = await fleet.console.request('sendRobot', { kind: 'disinfection', zone });
    await until(() => latest(fleet, mission)?.because?.includes('does not say whether anybody is inside') === true, said(fleet));
    const now = systemClock.now();
    const devices = (demoSite.devices ?? []).filter((d) => d.zone === zone).map((d) => d.id);
    await watch.publish('presence', { zone }, { schema: 'presence.v1', zone, state: 'clear', devices, since: now, at: now });
    await until(() => fleet.robots.get('uv01')?.waitsFor === undefined && latest(fleet, mission)?.because === undefined, said(fleet));
    building.doors.get('door-w1-r03')!.openByHand(systemClock.now());
    await until(isClosed(fleet, mission), said(fleet), 8000);
    assert.equal(latest(fleet, mission)!.state, 'failed');
    assert.match(latest(fleet, mission)!.because!, /disinfection stopped: door door-w1-r03 is/);
    await until(
      () => fleet.findings.some((f) => f.kind === 'disinfection_stopped' && f.isPresent && f.subject === zone),
      said(fleet),
      3000,
    );
  });

  await until(isClosed(fleet, sent.mission), said(fleet));
  assert.equal(latest(fleet, sent.mission)!.state, 'done', latest(fleet, sent.mission)!.because ?? 'no reason');
});
