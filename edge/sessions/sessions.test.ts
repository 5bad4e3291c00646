import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ReadingValue } from '#contracts/readings.ts';
import { decibels, dropsPerMillilitre, grams, type Instant, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import { createZones } from '#sensing/zones/zones.ts';
import { createCameraSession } from './camera-session.ts';
import { createDripSession } from './drip-session.ts';
import { createPresenceSession } from './presence-session.ts';
import { createPumpSession } from './pump-session.ts';
import { createReaderSession } from './reader-session.ts';
import { createScaleSession } from './scale-session.ts';
import type { Said } from './session.ts';

const START = 1_750_000_000_000;
const at = (ms: number): Instant => instant(START + ms);
const order = (more: Partial<Order> = {}): Order => ({
  schema: 'order.v1',
  order: 'o1',
  ward: 'w1',
  bed: 'b1',
  line: 'l1',
  state: 'running',
  label: 'NaCl 0.9 %',
  volumeMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(120),
  delivery: 'gravity',
  at: at(0),
  ...more,
});
const kinds = (said: readonly Said[]): string[] => said.map(({ value }) => (value.kind === 'fault' ? value.fault : value.kind));
const value = <K extends ReadingValue['kind']>(said: readonly Said[], kind: K) =>
  said.map((one) => one.value).find((one): one is Extract<ReadingValue, { kind: K }> => one.kind === kind);

test('a scale is sampled often and said once a second; without a sample it says nothing', () => {
  const scale = createScaleSession();
  scale.assign(order(), at(0), at(0));
  for (let ms = 0; ms < 1000; ms += 200)
    assert.deepEqual(scale.take({ kind: 'mass', massGrams: grams(500 + ms / 1000), isStable: true }, at(ms)), []);
  const said = scale.tick(at(1000));
  assert.equal(said.length, 1);
  assert.equal(value(said, 'weight')!.massGrams, 500.8);
  assert.equal(said[0]!.at, at(800), 'the moment of the sample, not of the tick');
  assert.deepEqual(scale.tick(at(2000)), []);
});

test('drops become a rate by the factor of the order, and the count never falls', () => {
  const drip = createDripSession();
  const run = (from: number, until: number, everyMs: number) => {
    let last: readonly Said[] = [];
    for (let ms = from; ms < until; ms += 50) {
      if (ms % everyMs === 0) drip.take({ kind: 'drop', deviceMs: 10_000 + ms }, at(ms + 5));
      if (ms % 1000 === 0) {
        drip.take({ kind: 'light', deviceMs: 10_000 + ms, share: 0.5 }, at(ms + 5));
        last = drip.tick(at(ms + 10));
      }
    }
    return value(last, 'drip')!;
  };
  drip.assign(order(), at(0), at(0));
  const usual = run(0, 60_000, 1000);
  assert.ok(Math.abs(usual.dropsPerMinute! - 60) < 2, `${usual.dropsPerMinute}`);
  assert.ok(Math.abs(usual.flowMlPerHour! - 180) < 6, `${usual.flowMlPerHour}`);
  drip.assign(order({ order: 'o2', dropsPerMl: dropsPerMillilitre(60) }), at(60_000), at(60_000));
  const fine = run(60_000, 120_000, 1000);
  assert.ok(Math.abs(fine.flowMlPerHour! - 60) < 3, `${fine.flowMlPerHour}`);
  assert.ok(fine.dropCount > usual.dropCount + 50);
});

test('a drip counter in the sun says so after 10 s; one that is quiet says nothing', () => {
  const drip = createDripSession();
  const said: string[][] = [];
  for (let second = 0; second < 14; second++) {
    drip.take({ kind: 'light', deviceMs: second * 1000, share: 0.97 }, at(second * 1000));
    said.push(kinds(drip.tick(at(second * 1000 + 1))));
  }
  assert.deepEqual(said[5], ['drip']);
  assert.deepEqual(said[12], ['drip', 'DRIP_BLINDED']);
  assert.deepEqual(drip.tick(at(20_000)), []);
});

const pumpRow = {
  kind: 'pump_status',
  mode: 'infusing',
  hasAlarm: false,
  rateMlPerHour: millilitresPerHour(50),
  infusedMl: millilitres(10),
} as const;

test('a pump is one row of its three answers; an old limit is not believed', () => {
  const pump = createPumpSession();
  pump.take({ kind: 'to_infuse', toInfuseMl: millilitres(40) }, at(0));
  pump.take(pumpRow, at(10));
  const said = value(pump.tick(at(500)), 'pump')!;
  assert.deepEqual([said.state, said.rateMlPerHour, said.remainingMl, said.isBatteryLow], ['infusing', 50, 40, false]);
  assert.deepEqual(pump.tick(at(5000)), [], 'no row, no reading');
});

test('the pump alarms are states; one that is not known is a fault; an old one is forgotten', () => {
  const pump = createPumpSession();
  pump.take({ kind: 'pump_alarm', alarm: 'occlusion' }, at(0));
  pump.take({ ...pumpRow, mode: 'stopped', hasAlarm: true }, at(10));
  assert.equal(value(pump.tick(at(100)), 'pump')!.state, 'occluded');
  pump.take({ kind: 'pump_alarm', alarm: 'other' }, at(1000));
  pump.take({ ...pumpRow, mode: 'stopped', hasAlarm: true }, at(1010));
  const other = pump.tick(at(1100));
  assert.deepEqual(kinds(other), ['pump', 'PUMP_ALARM']);
  assert.equal(value(other, 'pump')!.state, 'stopped');
  pump.take({ kind: 'pump_alarm', alarm: 'battery_low' }, at(2000));
  pump.take(pumpRow, at(2010));
  assert.equal(value(pump.tick(at(2100)), 'pump')!.isBatteryLow, true);
});

test('a picture becomes a level; bytes that are none become a fault', () => {
  const camera = createCameraSession();
  const jpeg = readFileSync(new URL('../../tests/fixtures/pictures/dev_s06_f00.jpg', import.meta.url));
  const level = value(camera.take({ kind: 'picture', jpeg }, at(0)), 'level')!;
  assert.ok(level.confidence >= 0 && level.confidence <= 1);
  assert.deepEqual(kinds(camera.take({ kind: 'picture', jpeg: jpeg.subarray(0, 400) }, at(1000))), ['CAMERA_GARBLED']);
  assert.deepEqual(kinds(camera.take({ kind: 'picture', jpeg: Uint8Array.of(0xff, 0xd8, 0xff, 0xd9) }, at(2000))), ['CAMERA_GARBLED']);
  assert.deepEqual(camera.tick(at(3000)), []);
});

test('reads are summed up by tag and antenna once a second, with the zone that all readers agree on', () => {
  const zones = createZones({
    antennas: [
      { reader: 'r1', antenna: 1, zone: 'room' },
      { reader: 'r1', antenna: 2, zone: 'door' },
    ],
  });
  const reader = createReaderSession('r1', zones);
  let last: readonly Said[] = [];
  for (let ms = 0; ms < 20_000; ms += 250) {
    reader.take({ kind: 'tag', tag: 'AA', antenna: 1, rssiDbm: decibels(-50 - ((ms / 250) % 3)) }, at(ms));
    if (ms % 1000 === 0) {
      reader.take({ kind: 'tag', tag: 'AA', antenna: 2, rssiDbm: decibels(-75) }, at(ms + 1));
      last = reader.tick(at(ms + 10));
    }
  }
  assert.deepEqual(
    last.map(({ value: tag }) => tag.kind === 'tag' && [tag.tag, tag.antenna, tag.reads, tag.zone]),
    [
      ['AA', 1, 4, 'room'],
      ['AA', 2, 1, 'room'],
    ],
  );
  assert.deepEqual(reader.tick(at(21_000)).length, 1, 'what was read since');
  assert.deepEqual(reader.tick(at(22_000)), []);
});

test('presence is said at every change and again every 10 s while the sensor speaks', () => {
  const room = createPresenceSession();
  assert.equal(room.take({ kind: 'presence', isPresent: true }, at(0)).length, 1);
  assert.deepEqual(room.take({ kind: 'presence', isPresent: true }, at(5000)), []);
  assert.deepEqual(room.tick(at(9000)), []);
  assert.equal(room.tick(at(10_000)).length, 1);
  assert.deepEqual(room.tick(at(21_000)), [], 'a sensor that has fallen silent is not repeated');
  assert.equal(value(room.take({ kind: 'presence', isPresent: false }, at(22_000)), 'presence')!.isPresent, false);
});
