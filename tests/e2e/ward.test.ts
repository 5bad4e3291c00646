import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { AgvController, VirtualAgvAdapter } from 'vda-5050-lib';
import { readCredential } from '#broker/credentials.ts';
import type { Alarm } from '#contracts/alarms.ts';
import type { Mission } from '#contracts/fleet.ts';
import { boards } from '#dashboards/boards.ts';
import { systemClock } from '#runtime/clock.ts';
import { openReplay } from '#tools/replay/open-replay.ts';
import { ownPlaces } from '#tools/replay/places.ts';
import { openTracks } from '#tools/replay/tracks.ts';
import { logIn, missingChromium, openBrowser, openScreen } from '#tools/screens.ts';
import { startHouse, until } from '../house.ts';
import { startInflux } from '../influx-fixture.ts';
import { missingProgram } from '../requirements.ts';
import { layout, orders, smallWard } from './small-ward.ts';

const SPEED = 20;
const fixtures = new URL('../fixtures/', import.meta.url).pathname;
/** `WARDLINE_CUT=scale|camera|tags|robot|flows|alarms|influx node --test tests/e2e/ward.test.ts` cuts one link: the test must fail. */
const cut = process.env.WARDLINE_CUT;
const skip = missingProgram('socat') ?? missingProgram('influxd') ?? (missingChromium() && missingProgram('chromium')) ?? false;

/** The tags that the recording's header names. */
const recordedTags = (): { epc: string; kind: string }[] => {
  const [header] = gunzipSync(readFileSync(join(fixtures, 'traces/tags/D_0.jsonl.gz')))
    .toString()
    .split('\n', 1);
  return (JSON.parse(header!) as { tags: { epc: string; kind: string }[] }).tags;
};

test('from recorded devices on real wires to the nurse, the robot and the panels', { skip, timeout: 240_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-e2e-'));
  const tracks = (dir: string) => openTracks(join(fixtures, dir), SPEED, []);
  const serial = [...(cut === 'scale' ? [] : tracks('traces/near-empty')), ...(cut === 'tags' ? [] : tracks('traces/tags').slice(0, 2))];
  await using replay = await openReplay(
    [
      ...ownPlaces(serial, { ptyPrefix: join(folder, 'tty-'), port: 0 }),
      ...ownPlaces(cut === 'camera' ? [] : tracks('pictures-steady'), { ptyPrefix: undefined, port: 0 }),
    ],
    SPEED,
    systemClock,
  );
  await using influx = await startInflux();
  await using house = await startHouse({
    site: { site: smallWard(replay.devices, recordedTags()), layout, orders },
    only: (['broker', 'records', 'watch', 'alarms', 'flows', 'fleet', 'history', 'console', 'edge'] as const).filter(
      (part) => part !== cut,
    ),
    timeFactor: SPEED,
    history: { type: 'influx1', url: influx.url, database: influx.database },
  });
  const bus = await house.bus('service.console');
  const alarms: Alarm[] = [];
  const missions: Mission[] = [];
  await bus.subscribe('alarm', {}, (alarm) => void (alarm && alarms.push(alarm)));
  await bus.subscribe('mission', {}, (mission) => void (mission && missions.push(mission)));
  if (cut === 'influx') await influx.kill();

  const vehicle = new AgvController(
    { manufacturer: 'acme', serialNumber: '0001' },
    {
      interfaceName: 'uagv',
      transport: {
        brokerUrl: house.settings.brokerUrl,
        username: 'robot.r1',
        password: readCredential(house.settings.dataDir, 'robot.r1')!,
      },
      vdaVersion: '2.0.0',
    },
    { agvAdapterType: VirtualAgvAdapter },
    {
      initialPosition: { mapId: 'F1', x: 0, y: 0, theta: 0, lastNodeId: 'home', positionInitialized: true },
      tickRate: 20,
      vehicleSpeed: 3,
    },
  );
  if (cut !== 'robot') await vehicle.start();
  const browser = await openBrowser();
  try {
    const nurse = house.accounts.find(({ username }) => username === 'nurse')!;
    const context = await logIn(browser, house.consoleUrl, { user: 'nurse', password: nurse.password, language: 'en' });
    const board = await openScreen(context, house.consoleUrl, '/ward', { width: 1920, height: 1080 });
    const tile = (bed: string) => board.locator(`a[href="/ward/w1/bed/${bed}"]`).first();

    // The scale over the terminal and the camera over HTTP reach the ward board.
    await until(async () => /\d+ ml/.test((await tile('01').textContent()) ?? ''), 'bed 01 shows its volume', 40_000);
    await until(async () => /\d+ ml/.test((await tile('02').textContent()) ?? ''), 'bed 02 shows its volume', 60_000);

    // Near empty: a flow decides, the nurse sees it, the robot that nobody here wrote brings the next bag.
    const nearEmpty = await until(
      () => alarms.find((a) => a.kind === 'near_empty' && a.bed === '01' && a.annunciation === 'on'),
      'the alarm on the bus',
      60_000,
    );
    assert.equal(nearEmpty.decidedBy, 'flow');
    assert.ok(nearEmpty.value !== undefined && Math.abs(nearEmpty.value - 50) < 15, `raised at ${nearEmpty.value} ml`);
    await until(async () => /Almost empty/i.test((await tile('01').textContent()) ?? ''), 'the ward board shows the alarm');
    const list = await openScreen(context, house.consoleUrl, '/alarms', { width: 390, height: 844 });
    const card = list.locator('article', { hasText: 'Almost empty' }).filter({ hasText: '01' });
    await card.getByRole('button').click();
    await until(() => alarms.find((a) => a.alarm === nearEmpty.alarm && a.annunciation === 'acknowledged'), 'the acknowledgement');
    const delivered = await until(
      () => missions.find((m) => m.state === 'done' && m.kind === 'delivery' && m.bed === '01'),
      'the delivery',
      60_000,
    );
    assert.deepEqual(
      delivered.phases.map(({ kind, place }) => `${kind} ${place}`),
      ['go pharmacy', 'load pharmacy', 'go bed-01', 'hand_over bed-01'],
    );

    // Everything measured and decided is in InfluxDB, and the panels have rows.
    const rows = (query: string) => influx.query(query).catch(() => []);
    for (const measurement of [
      'weight',
      'level',
      'tag',
      'infusion',
      'finding',
      'alarm',
      'mission',
      'robot',
      'location',
      'order',
      'edge',
      'device',
      'service',
    ])
      await until(async () => (await rows(`SELECT * FROM "${measurement}" LIMIT 1`)).length > 0, `${measurement} in InfluxDB`);
    const asked = (query: string) =>
      query.replaceAll('$timeFilter', 'time > now() - 1h').replaceAll('$__interval', '10s').replaceAll('$ward', 'w1');
    for (const panel of boards
      .find(({ uid }) => uid === 'wardline-command')!
      .panels.filter(({ influxQl }) => /"(alarm|infusion|weight)"/.test(influxQl)))
      await until(async () => (await rows(asked(panel.influxQl))).length > 0, `rows of the panel “${panel.title}”`);
    t.diagnostic(`${alarms.length} alarm messages, delivery ${((delivered.at - delivered.createdAt) / 1000).toFixed(1)} s`);
  } finally {
    await browser.close();
    if (cut !== 'robot') await vehicle.stop();
  }
});
