import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isClosed, latest, openDemoFleet, said } from '../demo-fleet.ts';
import { until } from '../fleet-fixture.ts';

test('a robot carries a bag from the pharmacy to the other floor, by lift and through doors', { timeout: 58_000 }, async () => {
  await using house = await openDemoFleet();
  const { fleet } = house;
  const { mission } = await fleet.console.request('sendRobot', { kind: 'delivery', ward: 'w2', bed: '06', load: 'next bag for bed 06' });
  await until(isClosed(fleet, mission), said(fleet), 50_000);
  assert.equal(latest(fleet, mission)!.state, 'done', latest(fleet, mission)!.because ?? 'no reason');
  const robot = fleet.robots.get(latest(fleet, mission)!.robot!)!;
  assert.equal(robot.pose?.floor, 'F2');
});
