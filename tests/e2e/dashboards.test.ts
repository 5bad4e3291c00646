import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alarm } from '#contracts/alarms.ts';
import type { Mission } from '#contracts/fleet.ts';
import { boards } from '#dashboards/boards.ts';
import { openRequester } from '#runtime/commands.ts';
import { startHouse, until } from '../house.ts';
import { startInflux } from '../influx-fixture.ts';
import { missingProgram } from '../requirements.ts';

const skip = missingProgram('influxd') ?? false;

test('every panel of every board has rows in an InfluxDB that the running house has filled', { skip, timeout: 240_000 }, async () => {
  await using influx = await startInflux();
  await using house = await startHouse({ site: 'demo', history: { type: 'influx1', url: influx.url, database: influx.database } });
  const bus = await house.bus('service.console');
  const ask = await openRequester(bus);
  const missions: Mission[] = [];
  await bus.subscribe('mission', {}, (mission) => void (mission && missions.push(mission)));
  // Somebody answers every alarm, and sends a robot upstairs and down: response times, lifts and doors have something to tell.
  const answered = new Set<string>();
  await bus.subscribe('alarm', {}, async (alarm: Alarm | undefined) => {
    if (alarm?.annunciation !== 'on' || answered.has(alarm.alarm)) return;
    answered.add(alarm.alarm);
    await ask
      .request('acknowledge', { alarm: alarm.alarm, occurrence: alarm.occurrence }, { person: 'nurse' })
      .catch(() => answered.delete(alarm.alarm));
  });
  const stationOf = (ward: number) => house.site.wards[ward]!.beds[0]!.station!;
  const { mission } = await ask.request('sendRobot', {
    kind: 'delivery',
    from: house.site.pharmacyStation!,
    to: stationOf(0),
    load: 'bag',
  });
  await ask.request('sendRobot', { kind: 'delivery', from: house.site.pharmacyStation!, to: stationOf(1), load: 'bag' });
  await ask.request('stopAll', {});
  await ask.request('resumeAll', {});
  await until(() => missions.some((m) => m.mission === mission && m.state === 'done'), 'a delivery', 150_000);

  const empty: string[] = [];
  for (const board of boards) {
    for (const panel of board.panels) {
      const wards = board.hasWard ? house.site.wards.map(({ id }) => id).join('|') : '';
      const query = panel.influxQl
        .replaceAll('$timeFilter', 'time > now() - 1h')
        .replaceAll('$__interval', '10s')
        .replaceAll('$ward', `(${wards})`);
      const found = await until(async () => (await influx.query(query)).length > 0, panel.title, 10_000).catch(() => false);
      if (!found) empty.push(`${board.uid}: ${panel.title}: ${query}`);
    }
  }
  assert.deepEqual(empty, []);
});
