import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReadingBatch, ReadingValue } from '#contracts/readings.ts';
import type { Device, Site } from '#contracts/site.ts';
import { instant, millilitres, millilitresPerHour, milliseconds } from '#contracts/units.ts';
import type { DeviceStatus, EdgeStatus } from '#contracts/ward-state.ts';
import { startEdge } from '#edge/edge.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { alarisPump } from '#simulators/devices/alaris-gh.ts';
import type { Device as Simulated } from '#simulators/devices/device.ts';
import { dripCounter } from '#simulators/devices/drip-counter.ts';
import { mtSicsScale } from '#simulators/devices/mt-sics.ts';
import { presenceSensor } from '#simulators/devices/presence.ts';
import { serveShared, serveTcp } from '#simulators/devices/serve.ts';
import { yrm100Reader } from '#simulators/devices/yrm100.ts';
import { random } from '#simulators/random.ts';
import { smallSite, startTestBroker, type TestBroker } from '../broker-fixture.ts';
import { cuttable } from '../cuttable.ts';
import { openPty } from '../pty.ts';
import { missingProgram } from '../requirements.ts';

const log = silentLog();
const clock = systemClock;
const siteOf = (devices: Device[]): Site => ({ ...smallSite, devices });
const folderOf = () => mkdtempSync(join(tmpdir(), 'wardline-edge-'));

const edgeOn = (broker: TestBroker, devices: Device[], options: { folder?: string; dataDir?: string; url?: string } = {}) =>
  startEdge({
    site: siteOf(devices),
    edge: 'e1',
    busOf: (user) => ({ ...broker.busOf(user), ...(options.url === undefined ? {} : { url: options.url }) }),
    folder: options.folder ?? folderOf(),
    dataDir: options.dataDir ?? folderOf(),
    timeFactor: 1,
    clock,
    log,
    backlogPerSecond: 100,
  });

/** Everything that the ward's watch hears of the edge. */
async function listen(bus: Bus) {
  const batches: ReadingBatch[] = [];
  const statuses: DeviceStatus[] = [];
  const edges: EdgeStatus[] = [];
  await bus.subscribe('readings', {}, (batch) => void (batch && batches.push(batch)));
  await bus.subscribe('deviceStatus', {}, (status) => void (status && statuses.push(status)));
  await bus.subscribe('edgeStatus', {}, (status) => void (status && edges.push(status)));
  const valuesOf = <K extends ReadingValue['kind']>(kind: K, device?: string) =>
    batches
      .flatMap(({ readings }) => readings)
      .filter((reading) => device === undefined || reading.device === device)
      .map(({ value }) => value)
      .filter((value): value is Extract<ReadingValue, { kind: K }> => value.kind === kind);
  return { batches, statuses, edges, valuesOf };
}

async function until(what: string, isSo: () => boolean, timeoutMs = 10_000): Promise<void> {
  const startedAt = performance.now();
  while (!isSo()) {
    if (performance.now() - startedAt > timeoutMs) assert.fail(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sequence numbers that are missing below the highest one heard of their stream. Repeats are allowed: QoS 1 delivers at least once. */
function missingNumbers(batches: readonly ReadingBatch[]): string[] {
  const numbers = new Map<string, Set<number>>();
  for (const { device, value, sequence } of batches.flatMap(({ readings }) => readings)) {
    const stream = `${device}/${value.kind}`;
    numbers.set(stream, (numbers.get(stream) ?? new Set()).add(sequence));
  }
  return [...numbers].flatMap(([stream, found]) =>
    Array.from({ length: Math.max(...found) + 1 }, (_, i) => i)
      .filter((number) => !found.has(number))
      .map((number) => `${stream} ${number}`),
  );
}
const auditSequences = (batches: readonly ReadingBatch[]) => assert.deepEqual(missingNumbers(batches), []);

const scaleDevice = (load: () => number, seed = 1): Simulated => mtSicsScale({ load, clock, random: random(seed), serialNumber: 'B123' });
const overTcp = (id: string, driver: string, port: number, more: Partial<Device> = {}): Device => ({
  id,
  edge: 'e1',
  driver,
  transport: { type: 'tcp', host: '127.0.0.1', port },
  ...more,
});

test('a scale on a real serial port: weight under its order, garbled bytes, silence, unplugging', {
  skip: missingProgram('socat'),
}, async () => {
  const folder = folderOf();
  let isMute = false;
  let noise = '';
  const scale = scaleDevice(() => 512.3);
  await using served = await serveTcp({
    connect(send) {
      const conversation = scale.connect((bytes) => {
        if (isMute) return;
        if (noise) send(noise);
        noise = '';
        send(bytes);
      });
      return conversation;
    },
  });
  const path = join(folder, 'scale');
  await using broker = await startTestBroker();
  await using records = await connectBus(broker.busOf('service.records'), { clock, log });
  await using watch = await connectBus(broker.busOf('service.watch'), { clock, log });
  const heard = await listen(watch);
  await records.publish(
    'order',
    { ward: 'w1', bed: 'b1', line: 'l1' },
    {
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
      at: instant(Date.now()),
    },
  );
  const pty = await openPty(path, served.port);
  const device: Device = {
    id: 's1',
    edge: 'e1',
    driver: 'mt-sics',
    transport: { type: 'serial', path },
    placement: { bed: 'b1', line: 'l1' },
  };
  await using edge = edgeOn(broker, [device]);
  await edge.onBus;

  await until('weights', () => heard.valuesOf('weight').length >= 3);
  const [weight] = heard.valuesOf('weight').slice(-1);
  assert.ok(Math.abs(weight!.massGrams - 512.3) < 3, `${weight!.massGrams} g`);
  const [reading] = heard.batches.at(-1)!.readings;
  assert.ok(Math.abs(reading!.measuredAt - Date.now()) < 3000);
  await until('status online', () => heard.statuses.at(-1)?.state === 'online');
  assert.equal(heard.edges.at(-1)?.state, 'online');

  noise = 'S S     1##.00 g\r\n\u00ff\u0000garbage\r\n';
  await until('garbled fault', () => heard.valuesOf('fault').some(({ fault }) => fault === 'SCALE_GARBLED'));

  isMute = true;
  await until('silent', () => heard.statuses.at(-1)?.state === 'silent');
  await until('unreachable fault', () => heard.valuesOf('fault').some(({ fault }) => fault === 'DEVICE_UNREACHABLE'));
  assert.ok(heard.statuses.at(-1)!.garbledFrames! >= 2);
  const count = heard.valuesOf('weight').length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(heard.valuesOf('weight').length, count, 'a mute scale has no weight');
  isMute = false;
  await until('online again', () => heard.statuses.at(-1)?.state === 'online');

  await pty[Symbol.asyncDispose]();
  await until('offline', () => ['offline', 'silent'].includes(heard.statuses.at(-1)?.state ?? ''), 15_000);
  await using _again = await openPty(path, served.port);
  await until('online after plugging in', () => heard.statuses.at(-1)?.state === 'online', 15_000);
  auditSequences(heard.batches);
});

test('drip counter, pump, tag reader and room sensor over TCP and a shared socket; the pump is only asked', async () => {
  const dataDir = folderOf();
  const counter = dripCounter(clock, random(2));
  const dripping = setInterval(() => counter.drop(0), 500);
  const pump = alarisPump({
    serialNumber: '8002-51740',
    figures: () => ({ mode: 'infusing', alarm: 'none', rateMlPerHour: 12.5, infusedMl: 3.25, toInfuseMl: 46.75, pressureMmHg: 31 }),
  });
  const asked: string[] = [];
  const overheard: Simulated = {
    connect(send) {
      const conversation = pump.connect(send);
      return {
        receive(bytes) {
          asked.push(...Buffer.from(bytes).toString('latin1').split('\r').filter(Boolean));
          conversation.receive(bytes);
        },
        close: () => conversation.close(),
      };
    },
  };
  const reader = yrm100Reader({ round: () => [{ epc: 'E28011100C9213E126572032', rssiDbm: -55 }], clock, roundMs: 100 });
  let isPresent = true;
  const devices = new Map<string, Simulated>([
    ['pump1', overheard],
    ['reader1', reader],
    ['room1', presenceSensor(() => isPresent, clock)],
  ]);
  await using _shared = await serveShared(join(dataDir, 'sim', 'devices.sock'), (id) => devices.get(id));
  await using drip = await serveTcp(counter);
  await using broker = await startTestBroker();
  await using watch = await connectBus(broker.busOf('service.watch'), { clock, log });
  const heard = await listen(watch);
  const shared = { type: 'shared', path: 'sim/devices.sock' } as const;
  await using edge = edgeOn(
    broker,
    [
      overTcp('drip1', 'drip-counter', drip.port, { dropsPerMl: 20 as NonNullable<Device['dropsPerMl']> }),
      { id: 'pump1', edge: 'e1', driver: 'alaris-gh', transport: shared },
      { id: 'reader1', edge: 'e1', driver: 'yrm100', transport: shared, antennaZones: ['z1'] },
      { id: 'room1', edge: 'e1', driver: 'presence', transport: shared },
    ],
    { dataDir },
  );
  await edge.onBus;
  await until(
    'all four kinds, the drops with their rate',
    () =>
      [
        heard.valuesOf('pump').length >= 3,
        heard.valuesOf('tag').length >= 2,
        heard.valuesOf('presence').length >= 1,
        (heard.valuesOf('drip').at(-1)?.dropsPerMinute ?? 0) > 100,
      ].every(Boolean),
    20_000,
  );
  clearInterval(dripping);
  const row = heard.valuesOf('pump').at(-1)!;
  assert.deepEqual(
    [row.state, row.rateMlPerHour, row.remainingMl, row.pressureMmHg, row.isBatteryLow],
    ['infusing', 12.5, 46.75, 31, false],
  );
  const rate = heard.valuesOf('drip').at(-1)!;
  assert.ok(Math.abs(rate.dropsPerMinute! - 120) < 15, `${rate.dropsPerMinute} drops a minute`);
  assert.ok(Math.abs(rate.flowMlPerHour! - 360) < 45, `${rate.flowMlPerHour} ml/h`);
  const tag = heard.valuesOf('tag').at(-1)!;
  assert.deepEqual([tag.tag, tag.antenna, tag.rssiDbm], ['E28011100C9213E126572032', 1, -55]);
  assert.ok(tag.reads >= 5 && tag.reads <= 15, `${tag.reads} reads in a second`);
  assert.deepEqual(heard.valuesOf('presence')[0], { kind: 'presence', isPresent: true });
  isPresent = false;
  await until('the change of presence', () => heard.valuesOf('presence').at(-1)?.isPresent === false, 3000);
  assert.deepEqual([...new Set(asked)].sort(), ['!ALARM|50B2', '!INF_VTBI|8456', '!INF|4961']);
  auditSequences(heard.batches);
});

test('a camera: pictures become levels; broken, oversized and foreign answers become faults or silence, never levels', async () => {
  const picture = readFileSync(new URL('../fixtures/pictures/dev_s06_f00.jpg', import.meta.url));
  let answer: RequestListener = (_, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture);
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/c1.jpg`;
  await using broker = await startTestBroker();
  await using watch = await connectBus(broker.busOf('service.watch'), { clock, log });
  const heard = await listen(watch);
  await using edge = edgeOn(broker, [
    { id: 'c1', edge: 'e1', driver: 'http-jpeg', transport: { type: 'http', url, everyMs: milliseconds(1000) } },
  ]);
  await edge.onBus;
  await until('a level', () => heard.valuesOf('level').length >= 1);

  answer = (_, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture.subarray(0, 300));
  await until('a broken picture as a fault', () => heard.valuesOf('fault').some(({ fault }) => fault === 'CAMERA_GARBLED'));
  const levels = heard.valuesOf('level').length;
  answer = (_, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.alloc(5_000_000, 0xff));
  await until(
    'an oversized picture as an absent camera',
    () => heard.valuesOf('fault').some(({ fault }) => fault === 'DEVICE_UNREACHABLE'),
    15_000,
  );
  assert.equal(heard.valuesOf('level').length, levels);
  assert.equal(heard.statuses.at(-1)?.state, 'offline');
  answer = (_, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture);
  await until('levels again', () => heard.valuesOf('level').length > levels, 15_000);
  server.closeAllConnections();
  server.close();
});

test('an outage of the broker: nothing is lost, live goes first, the backlog is marked', async () => {
  await using served = await serveTcp(scaleDevice(() => 400));
  await using broker = await startTestBroker();
  await using cable = await cuttable(Number(new URL(broker.url).port));
  await using watch = await connectBus(broker.busOf('service.watch'), { clock, log });
  const heard = await listen(watch);
  const devices = Array.from({ length: 5 }, (_, i) => overTcp(`s${i}`, 'mt-sics', served.port));
  await using edge = edgeOn(broker, devices, { url: `mqtt://127.0.0.1:${cable.port}` });
  await edge.onBus;
  await until('weights', () => heard.valuesOf('weight').length >= 10);
  cable.cut();
  await until('the last will', () => heard.edges.at(-1)?.state === 'offline');
  const before = heard.batches.length;
  await new Promise((resolve) => setTimeout(resolve, 4000));
  assert.equal(heard.batches.length, before);
  const mendedAt = Date.now();
  cable.mend();
  await until('live first', () => heard.batches.length > before, 15_000);
  assert.equal(heard.batches[before]?.isBacklog, false);
  await until(
    'the whole backlog',
    () => heard.batches.slice(before).some(({ isBacklog }) => isBacklog) && missingNumbers(heard.batches).length === 0,
  );
  assert.equal(heard.edges.at(-1)?.state, 'online');
  const after = heard.batches.slice(before);
  const backlog = after.filter(({ isBacklog }) => isBacklog);
  assert.ok(backlog.length >= 3, `${backlog.length} batches of backlog`);
  for (const batch of after)
    for (const { measuredAt } of batch.readings)
      if (!batch.isBacklog) assert.ok(measuredAt > mendedAt - 1500, 'a live reading is not an old one');
  assert.equal(heard.edges.at(-1)?.outboxLostReadings, 0);
});
