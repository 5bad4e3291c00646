import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { milliseconds } from '#contracts/units.ts';
import { openRequester } from '#runtime/commands.ts';
import { startHouse, until } from '../house.ts';
import { auditAlarms, auditRanges } from './ranges.ts';

/** `kill -9` of each process in turn, under the demo's load. */
test('no crash of any process loses a reading, an alarm transition or a mission; each is back within 10 s', {
  timeout: 300_000,
}, async (t) => {
  await using house = await startHouse({ site: 'demo' });
  const bus = await house.bus('service.console');
  const ask = await openRequester(bus);
  const data = house.settings.dataDir;
  const bed = house.site.wards[0]!.beds[0]!;
  await wait(8000);
  const sent: string[] = [];
  const send = async (key: string) => {
    const { mission } = await ask.request('sendRobot', {
      kind: 'delivery',
      from: house.site.pharmacyStation!,
      to: bed.station!,
      load: 'test',
      key,
    });
    sent.push(mission);
  };
  await send('before');

  const backMs: Record<string, number> = {};
  for (const { name } of house.processes) {
    const start = performance.now();
    await house.whenBack(name, house.kill(name), 10_000);
    backMs[name] = Math.round(performance.now() - start);
    await wait(2500);
    if (name === 'fleet') await send('after');
  }
  t.diagnostic(`back after ms: ${JSON.stringify(backMs)}`);

  // Everything that was on its way arrives: the newest reading of every edge is young again, and nothing waits.
  const history = join(data, 'history', 'history.sqlite');
  await wait(5000);
  const { streams, readings, gaps } = await until(
    () => {
      const audit = auditRanges(history);
      return audit.gaps.length === 0 && audit;
    },
    'a history without gaps',
    20_000,
  ).catch(() => auditRanges(history));
  t.diagnostic(`${readings} readings in ${streams} streams`);
  assert.ok(streams > 30 && readings > 1000);
  assert.deepEqual(gaps, []);

  const ledger = join(data, 'alarms', 'ledger.sqlite');
  await until(
    () => [...auditAlarms(ledger, history).published].every((key) => auditAlarms(ledger, history).recorded.has(key)),
    'every transition in history',
    15_000,
  ).catch(() => undefined);
  const alarms = auditAlarms(ledger, history);
  t.diagnostic(`${alarms.published.size} alarm transitions`);
  assert.ok(alarms.published.size > 0);
  assert.deepEqual(
    [...alarms.published].filter((key) => !alarms.recorded.has(key)),
    [],
  );
  assert.deepEqual(alarms.skipped, []);

  const { missions } = await ask.request('listMissions', { limit: 500 }, { timeout: milliseconds(5000) });
  for (const mission of sent)
    assert.ok(
      missions.some((m) => m.mission === mission),
      `${mission} is known`,
    );
  for (const { restarts, name } of house.processes) assert.equal(restarts, 1, `${name} was started again once`);
});
