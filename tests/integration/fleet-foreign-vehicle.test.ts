import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActionContext, AgvController, VirtualAgvAdapter } from 'vda-5050-lib';
import type { Site } from '#contracts/site.ts';
import { layoutOf } from '#fleet/dispatch/test-layouts.ts';
import { smallSite, startTestBroker, type TestBroker } from '../broker-fixture.ts';
import { startTestFleet, until } from '../fleet-fixture.ts';

/** A vehicle that nobody here wrote, with a count of what it was made to do. */
class CountedVehicle extends VirtualAgvAdapter {
  static readonly done: string[] = [];
  override executeAction(context: ActionContext): void {
    CountedVehicle.done.push(context.action.actionType);
    super.executeAction(context);
  }
}

const layout = layoutOf(
  [
    ['home', 0, 0],
    ['hall', 4, 0],
    ['pharmacy', 4, 4],
    ['corridor', 10, 0],
    ['bed', 10, 4],
  ],
  [
    ['home', 'hall'],
    ['hall', 'pharmacy'],
    ['hall', 'corridor'],
    ['corridor', 'bed'],
  ],
  { pharmacy: 'pharmacy', 'bed-b1': 'bed' },
);
const site: Site = {
  ...smallSite,
  wards: [{ ...smallSite.wards[0]!, beds: [{ id: 'b1', lines: ['l1'], station: 'bed-b1' }] }],
  pharmacyStation: 'pharmacy',
};

async function startVehicle(broker: TestBroker): Promise<AgvController> {
  const { user, secret } = broker.credential('robot.r1');
  const vehicle = new AgvController(
    { manufacturer: 'acme', serialNumber: '0001' },
    { interfaceName: 'uagv', transport: { brokerUrl: broker.url, username: user, password: secret }, vdaVersion: '2.0.0' },
    { agvAdapterType: CountedVehicle },
    {
      initialPosition: { mapId: 'F1', x: 0, y: 0, theta: 0, lastNodeId: 'home', positionInitialized: true },
      tickRate: 20,
      timeLapse: 2,
      vehicleSpeed: 2,
    },
  );
  await vehicle.start();
  return vehicle;
}

test('a vehicle of vda-5050-lib delivers, and no kill of fleet makes it load or hand over twice', { timeout: 58_000 }, async () => {
  await using broker = await startTestBroker({ site });
  await using fleet = await startTestFleet(broker, layout);
  const vehicle = await startVehicle(broker);
  try {
    await fleet.start();
    await until(() => fleet.robots.get('r1')?.node === 'home', 'the vehicle stands at home');

    const { mission } = await fleet.console.request('sendRobot', { kind: 'delivery', ward: 'w1', bed: 'b1', load: 'next bag', key: 'k1' });
    const again = await fleet.console.request('sendRobot', { kind: 'delivery', ward: 'w1', bed: 'b1', load: 'next bag', key: 'k1' });
    assert.equal(again.mission, mission);
    const latest = () => fleet.missions.findLast((m) => m.mission === mission);
    const phases = () =>
      latest()
        ?.phases.map((p) => `${p.kind} ${p.state}`)
        .join(', ') ?? 'none';
    const isAt = (kind: string, state: string) => latest()?.phases.some((p) => p.kind === kind && p.state === state) === true;

    await until(
      () => CountedVehicle.done.includes('pick'),
      () => `it loads: ${phases()}; ${JSON.stringify(fleet.robots.get('r1'))}`,
    );
    await fleet.kill();
    await fleet.start();
    await until(
      () => isAt('load', 'done') && fleet.robots.get('r1')?.isDriving === true,
      () => `it drives on: ${phases()}; ${JSON.stringify(fleet.robots.get('r1'))}`,
    );
    await fleet.kill();
    await fleet.start();
    await until(
      () => CountedVehicle.done.includes('drop'),
      () => `it hands over: ${phases()}; ${JSON.stringify(fleet.robots.get('r1'))}`,
    );
    await fleet.kill();
    await fleet.start();
    await until(
      () => latest()?.isClosed === true,
      () => `it ends: ${phases()}; ${JSON.stringify(fleet.robots.get('r1'))}`,
    );
    assert.equal(latest()!.state, 'done');
    assert.deepEqual(
      latest()!.phases.map((p) => `${p.kind} ${p.place} ${p.state}`),
      ['go pharmacy done', 'load pharmacy done', 'go bed-b1 done', 'hand_over bed-b1 done'],
    );
    await until(
      () => fleet.robots.get('r1')?.node === 'home',
      () => `it goes home: ${JSON.stringify(fleet.robots.get('r1'))}`,
    );
    assert.deepEqual(
      CountedVehicle.done.filter((a) => a === 'pick' || a === 'drop'),
      ['pick', 'drop'],
    );
  } finally {
    await vehicle.stop();
  }
});
