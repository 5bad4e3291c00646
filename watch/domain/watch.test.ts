import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant, millilitresPerHour } from '#contracts/units.ts';
import { drip, level, order, placement, pump, T0, watchWard, weight } from '#tests/watch-ward.ts';

test('a bag runs down: near empty once, with hysteresis, then empty in its place, then a new bag', () => {
  const ward = watchWard();
  ward.order();
  for (const left of [60, 51, 49, 52, 48, 55, 40]) {
    ward.read({ scale: weight(left) });
    ward.pass(1);
  }
  assert.equal(ward.told(), 'near_empty+1');
  ward.read({ scale: weight(1, { state: 'empty' }) });
  assert.equal(ward.told(), 'near_empty-1 empty+1');
  ward.pass(1);
  ward.read({ scale: weight(0, { state: 'changing' }) });
  ward.pass(1);
  assert.equal(ward.told(), '');
  ward.read({ scale: weight(500) });
  assert.equal(ward.told(), 'empty-1');
  ward.pass(1);
  ward.read({ scale: weight(30) });
  assert.equal(ward.told(), 'near_empty+2');
});

test('a finding carries its value, limit, evidence and the measured time that settled it', () => {
  const ward = watchWard();
  ward.order();
  ward.pass(1);
  const measuredAt = instant(ward.now - 400);
  ward.read({ scale: weight(42) }, { measuredAt });
  const [finding] = ward.said.findings;
  assert.deepEqual(
    { ...finding },
    {
      schema: 'finding.v1',
      ward: 'w1',
      subject: 'b1.1',
      bed: 'b1',
      line: '1',
      kind: 'near_empty',
      isPresent: true,
      occurrence: 1,
      since: measuredAt,
      at: measuredAt,
      value: 42,
      limit: 50,
      unit: 'mL',
      evidence: [{ source: 'scale', what: 'remainingMl', value: 42, measuredAt }],
    },
  );
});

test('a small bag is not near empty from the start; an order may say its own limit', () => {
  const ward = watchWard();
  ward.order({ volumeMl: 50 as never });
  ward.read({ scale: weight(45) });
  assert.equal(ward.told(), '');
  ward.order({ order: 'o2', nearEmptyMl: 60 as never });
  ward.pass(1);
  ward.read({ scale: weight(55) });
  assert.equal(ward.told(), 'near_empty+1');
});

test('the rate is off only where its whole bound is, and on again well inside the band', () => {
  const ward = watchWard();
  ward.order();
  const flows = (flow: number, bound = 2) => {
    ward.pass(1);
    ward.read({ scale: weight(300, { flowMlPerHour: millilitresPerHour(flow), flowBoundMlPerHour: millilitresPerHour(bound) }) });
    return ward.told();
  };
  assert.equal(flows(133, 3), '');
  assert.equal(flows(136), 'rate_high+1');
  assert.equal(flows(130), '');
  assert.equal(flows(126), 'rate_high-1');
  assert.equal(flows(104), 'rate_low+1');
  assert.equal(flows(120, 40), 'rate_low-1');
});

test('stalled, free flow, bag removed and the pump say their names', () => {
  const ward = watchWard();
  ward.order();
  const says = (value: Parameters<typeof ward.read>[0]) => {
    ward.pass(1);
    ward.read(value);
    return ward.told();
  };
  assert.equal(says({ drip: drip(10, 0, { state: 'stopped' }) }), 'stalled+1');
  assert.equal(says({ drip: drip(20) }), 'stalled-1');
  assert.equal(says({ drip: drip(90, 900, { state: 'free_flow' }) }), '');
  assert.equal(says({ drip: drip(95, 900, { state: 'free_flow' }) }), 'free_flow+1');
  assert.equal(says({ drip: drip(92) }), 'free_flow-1');
  assert.equal(says({ scale: weight(0, { state: 'no_bag' }) }), 'bag_removed+1');
  assert.equal(says({ scale: weight(300) }), 'bag_removed-1');
  ward.watch.placement('w1', 'pump', placement('pump', 'b1', '1'), ward.now);
  assert.equal(says({ pump: pump('occluded') }), 'occlusion+1');
  assert.equal(says({ pump: pump('infusing') }), 'occlusion-1');
  assert.equal(says({ pump: pump('air_in_line') }), 'pump_alarm+1');
  assert.equal(says({ pump: pump('infusing', { isBatteryLow: true }) }), 'pump_alarm-1 battery_low+1'.split(' ').reverse().join(' '));
});

test('a line that is not meant to run has no findings of its order; free flow counts with or without one', () => {
  const ward = watchWard();
  ward.read({ scale: weight(20, { state: 'empty' }) });
  ward.order({ state: 'planned' });
  ward.pass(1);
  ward.read({ scale: weight(20, { state: 'stalled' }) });
  assert.equal(ward.told(), '');
  ward.order({ state: 'running' });
  assert.equal(ward.told(), 'near_empty+1 stalled+1');
  ward.order({ state: 'stopped' });
  assert.equal(ward.told(), 'near_empty-1 stalled-1');
  ward.pass(1);
  ward.read({ scale: weight(20, { state: 'free_flow' }) });
  assert.equal(ward.told(), 'free_flow+1');
});

test('silence: the figures turn stale, findings stay, the sensor is told, and speaks again', () => {
  const ward = watchWard();
  ward.order();
  for (let i = 0; i < 20; i++) {
    ward.read({ scale: weight(45), drip: drip(i) });
    ward.pass(1);
  }
  assert.equal(ward.told(), 'near_empty+1');
  for (let i = 20; i < 40; i++) {
    ward.read({ drip: drip(i) });
    ward.pass(1);
  }
  assert.equal(ward.told(), 'sensor_silent+1');
  assert.equal(ward.infusion()?.quality, 'live');
  assert.deepEqual(
    ward.infusion()?.sources.map(({ device, isSilent }) => [device, isSilent]),
    [
      ['scale', true],
      ['drip', false],
    ],
  );
  ward.read({ scale: weight(300), drip: drip(41) });
  assert.equal(ward.told(), 'sensor_silent-1 near_empty-1');
});

test('an edge that is gone is one finding, not one for each of its sensors', () => {
  const ward = watchWard();
  ward.order();
  for (let i = 0; i < 5; i++) {
    ward.read({ scale: weight(300), drip: drip(i) });
    ward.pass(1);
  }
  ward.pass(60);
  assert.equal(ward.told(), 'edge_lost+1');
  assert.equal(ward.infusion()?.quality, 'stale');
  ward.read({ scale: weight(290), drip: drip(60) });
  assert.equal(ward.told(), 'edge_lost-1');
  ward.watch.edgeStatus('e1', { schema: 'edge-status.v1', edge: 'e1', ward: 'w1', state: 'offline', at: ward.now }, ward.now);
  ward.pass(9);
  assert.equal(ward.told(), '');
  ward.pass(2);
  assert.equal(ward.told(), 'edge_lost+2');
  ward.watch.edgeStatus('e1', { schema: 'edge-status.v1', edge: 'e1', ward: 'w1', state: 'online', at: ward.now }, ward.now);
  assert.equal(ward.told(), 'edge_lost-2');
  ward.pass(16);
  assert.match(ward.told(), /^(sensor_silent\+1 sensor_silent\+1|edge_lost\+3)$/);
});

test('an edge that lives while its only sensor is cut off: the sensor is silent, the edge is not lost', () => {
  const ward = watchWard();
  ward.watch.placement('w1', 'drip', placement('drip'), ward.now);
  ward.order();
  ward.read({ scale: weight(300) });
  for (let i = 0; i < 4; i++) {
    ward.pass(10);
    ward.watch.edgeStatus('e1', { schema: 'edge-status.v1', edge: 'e1', ward: 'w1', state: 'online', at: ward.now }, ward.now);
  }
  assert.equal(ward.told(), 'sensor_silent+1');
});

test('faults: one episode for frames garbled now and then; an unreachable device is told by its silence', () => {
  const ward = watchWard();
  ward.order();
  const garbled = { kind: 'fault', fault: 'SCALE_GARBLED' } as const;
  for (const value of [garbled, weight(300), garbled, weight(300), weight(300)]) {
    ward.read({ scale: value });
    ward.pass(1);
  }
  assert.equal(ward.told(), 'device_fault+1');
  ward.read({ scale: weight(300) });
  assert.equal(ward.told(), 'device_fault-1');
  for (let i = 0; i < 20; i++) {
    ward.read({ scale: { kind: 'fault', fault: 'DEVICE_UNREACHABLE' }, drip: drip(i) });
    ward.pass(1);
  }
  assert.equal(ward.told(), 'sensor_silent+1');
});

test('lost readings are told when the count rises, and for a while', () => {
  const ward = watchWard();
  const status = (lost: number) =>
    ward.watch.edgeStatus(
      'e1',
      { schema: 'edge-status.v1', edge: 'e1', ward: 'w1', state: 'online', outboxLostReadings: lost, at: ward.now },
      ward.now,
    );
  status(7);
  assert.equal(ward.told(), '');
  status(12);
  assert.equal(ward.told(), 'readings_lost+1');
  status(12);
  ward.pass(599);
  assert.equal(ward.told(), '');
  ward.pass(2);
  assert.equal(ward.told(), 'readings_lost-1');
});

test('drops alone say what is left, with a doubt that grows', () => {
  const ward = watchWard();
  ward.order();
  ward.read({ drip: drip(1000) });
  ward.pass(1);
  ward.read({ drip: drip(3000) });
  ward.pass(5);
  ward.read({ drip: drip(3001) });
  const infusion = ward.infusion();
  assert.ok(Math.abs((infusion?.remainingMl ?? 0) - 400) < 1, String(infusion?.remainingMl));
  assert.ok((infusion?.remainingBoundMl ?? 0) >= 30);
});

test('drops go on from the volume that the scale knew when it falls silent', () => {
  const ward = watchWard();
  ward.order();
  for (let i = 0; i < 10; i++) {
    ward.read({ scale: weight(200), drip: drip(5000 + i) });
    ward.pass(1);
  }
  for (let i = 0; i < 30; i++) {
    ward.read({ drip: drip(5010 + i * 20) });
    ward.pass(1);
  }
  const left = ward.infusion()?.remainingMl ?? 0;
  assert.ok(Math.abs(left - (200 - 29)) < 2, String(left));
});

test('an infusion is said at most once a second, when a shown figure changed, else every 5 s', () => {
  const ward = watchWard();
  ward.order();
  ward.read({ scale: weight(300) });
  ward.pass(2);
  ward.said.infusions.length = 0;
  for (let i = 0; i < 100; i++) {
    ward.read({ scale: weight(300 - i * 0.004) });
    ward.pass(0.1);
  }
  assert.equal(ward.said.infusions.length, 2);
  ward.said.infusions.length = 0;
  for (let i = 0; i < 100; i++) {
    ward.read({ scale: weight(290 - i) });
    ward.pass(0.1);
  }
  assert.ok(ward.said.infusions.length >= 9 && ward.said.infusions.length <= 11, String(ward.said.infusions.length));
});

test('readings of a device of another edge, of an unknown device and of an unknown edge are refused and told, seldom', () => {
  const ward = watchWard();
  ward.order();
  for (let i = 0; i < 50; i++) {
    ward.read({ reader2: weight(20), ghost: weight(20), scale: weight(300) });
    ward.pass(0.1);
  }
  assert.deepEqual(ward.said.refused, [
    'e1: device reader2 belongs to edge e2: its readings are refused',
    'e1: device ghost is not in the site file: its readings are refused',
  ]);
  ward.watch.batch('w2', 'e1', { schema: 'readings.v1', edge: 'e1', batch: 9, sentAt: ward.now, isBacklog: false, readings: [] }, ward.now);
  assert.equal(ward.said.refused.length, 3);
  assert.equal(ward.told(), '');
});

test('backlog and what waited too long never raise anything', () => {
  const ward = watchWard();
  ward.order();
  ward.pass(60);
  ward.told();
  ward.read({ scale: weight(20) }, { isBacklog: true });
  assert.equal(ward.infusion()?.remainingMl, undefined);
  ward.read({ scale: weight(20) }, { measuredAt: instant(ward.now - 40_000) });
  assert.equal(ward.told(), '');
  ward.read({ scale: weight(20) });
  assert.match(ward.told(), /near_empty\+1/);
});

test('a clock far ahead is told and set back; its readings count', () => {
  const ward = watchWard();
  ward.order();
  const ahead = instant(ward.now + 3_600_000);
  ward.read({ scale: weight(20) }, { measuredAt: ahead, sentAt: ahead });
  assert.equal(ward.said.findings[0]?.at, ward.now);
  assert.match(ward.said.refused[0] ?? '', /clock is 3600 s ahead/);
  assert.equal(ward.told(), 'near_empty+1');
});

test('a restart in the middle of an episode neither loses nor doubles it', () => {
  const before = watchWard();
  before.order();
  before.read({ scale: weight(45) });
  const kept = [...before.said.findings];
  const after = watchWard({ findings: kept, isSettled: false, at: instant(T0 + 10_000) });
  after.order();
  after.watch.settle(after.now);
  after.read({ scale: weight(44) });
  assert.equal(after.told(), '');
  after.pass(1);
  after.read({ scale: weight(400) });
  assert.equal(after.told(), 'near_empty-1');
  after.pass(1);
  after.read({ scale: weight(40) });
  assert.equal(after.told(), 'near_empty+2');

  const gone = watchWard({ findings: kept, isSettled: false });
  gone.read({ scale: weight(45) });
  assert.equal(gone.told(), '');
  gone.watch.settle(gone.now);
  assert.equal(gone.told(), 'near_empty-1');
});

test('an infusion that moves with its patient keeps what is known of it', () => {
  const ward = watchWard();
  ward.order();
  ward.read({ scale: weight(222) });
  ward.watch.order('w2', 'b1', '1', order({ ward: 'w2' }), ward.now);
  ward.watch.order('w1', 'b1', '1', undefined, ward.now);
  ward.pass(2);
  const there = ward.said.infusions.findLast(({ ward: w }) => w === 'w2');
  assert.deepEqual([there?.remainingMl, there?.quality, there?.order], [222, 'stale', 'o1']);
});

test('a camera has its own patience', () => {
  const ward = watchWard();
  for (const device of ['scale', 'drip']) ward.watch.placement('w1', device, placement(device), ward.now);
  ward.watch.placement('w1', 'camera', placement('camera', 'b1', '1'), ward.now);
  ward.order();
  ward.read({ camera: level(300) });
  ward.pass(90);
  assert.equal(ward.told(), '');
  assert.equal(ward.infusion()?.quality, 'live');
  ward.pass(10);
  assert.equal(ward.told(), 'sensor_silent+1');
  assert.equal(ward.infusion()?.quality, 'stale');
});

test('messages that come twice change nothing', () => {
  const step = fc.record({
    left: fc.double({ min: 0, max: 500, noNaN: true }),
    state: fc.constantFrom('running', 'stalled', 'empty', 'no_bag', 'unknown') as fc.Arbitrary<'running'>,
    pause: fc.integer({ min: 1, max: 30 }),
    back: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const run = (isRepeated: boolean) => {
        const ward = watchWard();
        ward.order();
        const sent: Parameters<typeof ward.watch.batch>[2][] = [];
        steps.forEach(({ left, state, pause, back }, i) => {
          ward.pass(pause / 10);
          const readings = [{ device: 'scale', sequence: i, measuredAt: ward.now, value: weight(left, { state }) }];
          sent.push({ schema: 'readings.v1', edge: 'e1', batch: i, sentAt: ward.now, isBacklog: false, readings });
          ward.watch.batch('w1', 'e1', sent.at(-1)!, ward.now);
          if (isRepeated) for (const old of sent.slice(-1 - back)) ward.watch.batch('w1', 'e1', old, ward.now);
        });
        return ward.said;
      };
      assert.deepEqual(run(true), run(false));
    }),
    { numRuns: 60 },
  );
});
