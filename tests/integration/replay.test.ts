import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Reading, ReadingValue } from '#contracts/readings.ts';
import type { Device, Site } from '#contracts/site.ts';
import { gramsPerMillilitre, instant, millilitres, millilitresPerHour, milliseconds } from '#contracts/units.ts';
import { startEdge } from '#edge/edge.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { openReplay } from '#tools/replay/open-replay.ts';
import { ownPlaces } from '#tools/replay/places.ts';
import { openTracks } from '#tools/replay/tracks.ts';
import { smallSite, startTestBroker } from '../broker-fixture.ts';
import { missingProgram } from '../requirements.ts';

const SPEED = 10;
const clock = systemClock;
const log = silentLog();
const fixtures = new URL('../fixtures/', import.meta.url).pathname;

test('recordings played over terminals and HTTP reach the bus as readings of live devices', { skip: missingProgram('socat') }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-replay-'));
  const tracksOf = (dir: string, names: string[] = []) => openTracks(join(fixtures, dir), SPEED, names);
  const serial = [
    ...tracksOf('traces/weighing'),
    ...tracksOf('traces/drip'),
    ...tracksOf('traces/pump'),
    ...tracksOf('traces/tags').slice(0, 2),
  ];
  await using replay = await openReplay(
    [
      ...ownPlaces(serial, { ptyPrefix: join(folder, 'tty-'), port: 0 }),
      ...ownPlaces(tracksOf('pictures'), { ptyPrefix: undefined, port: 0 }),
    ],
    SPEED,
    clock,
  );
  const devices: Device[] = replay.devices.map(({ id, driver, transport, facts }) => ({
    id,
    edge: 'e1',
    driver,
    transport: transport.type === 'http' ? { ...transport, everyMs: milliseconds(1000) } : transport,
    ...facts,
    ...(driver === 'mt-sics' ? { placement: { bed: 'b1', line: 'l1' } } : {}),
    ...(driver === 'yrm100' ? { antennaZones: ['room', 'room', 'door'] } : {}),
  }));
  const site: Site = { ...smallSite, devices };
  await using broker = await startTestBroker({ site });
  await using records = await connectBus(broker.busOf('service.records'), { clock, log });
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
      label: 'Ringer lactate',
      volumeMl: millilitres(250),
      rateMlPerHour: millilitresPerHour(58),
      densityGramsPerMl: gramsPerMillilitre(1.0056),
      delivery: 'gravity',
      at: instant(Date.now()),
    },
  );
  await using watch = await connectBus(broker.busOf('service.watch'), { clock, log });
  const readings: Reading[] = [];
  await watch.subscribe('readings', {}, (batch) => void (batch && readings.push(...batch.readings)));
  const valuesOf = <K extends ReadingValue['kind']>(kind: K) =>
    readings.map(({ value }) => value).filter((value): value is Extract<ReadingValue, { kind: K }> => value.kind === kind);

  await using edge = startEdge({
    site,
    edge: 'e1',
    busOf: (user) => broker.busOf(user),
    folder,
    dataDir: folder,
    timeFactor: SPEED,
    clock,
    log,
  });
  await edge.onBus;
  for (let waited = 0; replay.position < 300 && waited < 50_000; waited += 100) await new Promise((resolve) => setTimeout(resolve, 100));

  // The container is hung 50 s after the start of the recording and weighs 281 g after five minutes.
  const masses = valuesOf('weight').map(({ massGrams }) => massGrams);
  assert.ok(Math.min(...masses) < 2, `lightest ${Math.min(...masses)} g`);
  assert.ok(Math.abs(masses.at(-1)! - 281.2) < 3, `last ${masses.at(-1)} g`);
  const left = valuesOf('weight').at(-1)!.remainingMl;
  assert.ok(left !== undefined && Math.abs(left - 240) < 35, `${left} ml left of 250 under the order`);
  assert.ok((valuesOf('drip').at(-1)?.flowMlPerHour ?? 0) > 1, 'the drip counter gives a flow');
  assert.ok(Math.abs((valuesOf('pump').at(-1)?.rateMlPerHour ?? 0) - 7.5) < 0.01, 'the pump gives its rate');
  assert.ok(valuesOf('level').length >= 10, `${valuesOf('level').length} levels`);
  assert.ok(
    valuesOf('tag').some(({ zone }) => zone === 'room'),
    'tags are in zones',
  );
  assert.deepEqual(
    valuesOf('fault').filter(({ fault }) => fault.endsWith('_GARBLED')),
    [],
  );
});
