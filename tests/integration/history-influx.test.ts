import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { instant } from '#contracts/units.ts';
import { pointOf } from '#history/measurements.ts';
import { openHistoryStore } from '#history/open-store.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { startInflux } from '../influx-fixture.ts';
import { missingProgram } from '../requirements.ts';

const skip = missingProgram('influxd');
const until = async (isDone: () => Promise<boolean>, what: string) => {
  for (let i = 0; i < 200; i++) {
    if (await isDone()) return;
    await wait(100);
  }
  assert.fail(`not within 20 s: ${what}`);
};

test('an outage of InfluxDB loses nothing: the spool bridges it, also over a restart of history', {
  skip: skip ?? false,
  timeout: 90_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-history-'));
  await using influx = await startInflux();
  const choice = { type: 'influx1', url: influx.url, database: influx.database } as const;
  const open = () => openHistoryStore(choice, (file) => join(folder, file), { clock: systemClock, log: silentLog() });
  const start = Date.now() - 600_000;
  const point = (n: number) =>
    pointOf(
      'weight',
      { ward: 'w1', device: 's1', sequence: n, massGrams: 1000 - n, isStable: true, remainingMl: 900 - n, state: 'running' },
      start + n * 1000,
      n,
    );
  const recorded = async () => Number((await influx.query('SELECT count(sequence) AS n FROM weight'))[0]?.n ?? 0);

  const first = open();
  first.keep(Array.from({ length: 50 }, (_, n) => point(n)));
  await until(async () => (await recorded()) === 50, '50 points in the database');

  await influx.kill();
  for (let n = 50; n < 150; n += 10) first.keep(Array.from({ length: 10 }, (_, i) => point(n + i)));
  await until(async () => /away/.test(first.trouble() ?? ''), 'the outage is said');
  assert.equal((await first.counts()).spooled, 100);
  await first[Symbol.asyncDispose]();

  await using second = open();
  second.keep([point(150)]);
  await influx.start();
  await until(async () => (await recorded()) === 151, 'all 151 points in the database');
  await until(async () => second.trouble() === undefined && (await second.counts()).spooled === 0, 'the spool is empty');

  const { points } = await second.trend({
    measurement: 'reading',
    field: 'massGrams',
    ward: 'w1',
    device: 's1',
    from: instant(start),
    until: instant(start + 200_000),
    points: 200,
  });
  assert.equal(points.length, 151);
  assert.equal(points[0]?.mean, 1000);

  // A field of the wrong type is refused by the database for good: set aside, said, and what follows goes on.
  second.keep([{ ...pointOf('weight', { ward: 'w1', device: 's1', sequence: 200 }, start + 200_000, 200), fields: [200, 'heavy', true] }]);
  second.keep([point(201)]);
  await until(async () => /set aside/.test(second.trouble() ?? ''), 'the refusal is said');
  await until(async () => (await influx.query('SELECT sequence FROM weight WHERE sequence = 201')).length === 1, 'the point after it');
  rmSync(folder, { recursive: true });
});
