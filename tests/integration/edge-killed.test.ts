import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReadingBatch } from '#contracts/readings.ts';
import type { Site } from '#contracts/site.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import type { Settings } from '#runtime/settings.ts';
import { mtSicsScale } from '#simulators/devices/mt-sics.ts';
import { serveTcp } from '#simulators/devices/serve.ts';
import { random } from '#simulators/random.ts';
import { smallSite, startTestBroker } from '../broker-fixture.ts';
import { cuttable } from '../cuttable.ts';

const clock = systemClock;
const log = silentLog();
const KILLS = 4;
const DEVICES = 8;

test('kill -9 of an edge agent loses no number that was committed or published, with and without a broker', async () => {
  await using served = await serveTcp(mtSicsScale({ load: () => 300, clock, random: random(5), serialNumber: 'B9' }));
  const site: Site = {
    ...smallSite,
    robots: [],
    devices: Array.from({ length: DEVICES }, (_, i) => ({
      id: `s${i}`,
      edge: 'e1',
      driver: 'mt-sics',
      transport: { type: 'tcp', host: '127.0.0.1', port: served.port },
    })),
  };
  await using broker = await startTestBroker({ site });
  await using cable = await cuttable(Number(new URL(broker.url).port));
  const siteFile = join(broker.dataDir, 'site.yaml');
  writeFileSync(siteFile, JSON.stringify(site));
  const nowhere = { host: '127.0.0.1', port: 0 };
  const settings: Settings = {
    siteFile,
    dataDir: broker.dataDir,
    brokerUrl: `mqtt://127.0.0.1:${cable.port}`,
    mqtt: nowhere,
    console: nowhere,
    flows: nowhere,
    history: { type: 'embedded' },
    isSimulated: true,
    timeFactor: 1,
  };
  const settingsFile = join(broker.dataDir, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));

  await using watch = await connectBus(broker.busOf('service.watch'), { clock, log });
  const batches: ReadingBatch[] = [];
  await watch.subscribe('readings', {}, (batch) => void (batch && batches.push(batch)));
  const start = () =>
    spawn(process.execPath, ['edge/main.ts', '--settings', settingsFile, '--edge', 'e1'], {
      cwd: new URL('../..', import.meta.url).pathname,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const grow = async (by: number) => {
    const goal = batches.length + by;
    for (let waited = 0; batches.length < goal && waited < 15_000; waited += 20) await wait(20);
    assert.ok(batches.length >= goal, 'batches come');
  };

  let agent: ChildProcess = start();
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      await grow(3);
      // Every second time it dies while the broker is away, with readings that only its disk holds.
      if (kill % 2 === 1) {
        cable.cut();
        await wait(2300);
      }
      await wait(137 * kill);
      agent.kill('SIGKILL');
      await once(agent, 'exit');
      agent = start();
      // The next agent starts without a broker and measures all the same.
      if (kill === 1) await wait(3000);
      cable.mend();
    }
    await grow(6);
    await wait(1500);
  } finally {
    agent.kill('SIGTERM');
  }
  const [code] = (await once(agent, 'exit')) as [number | null];
  assert.equal(code, 0, 'an agent asked to end ends well');
  await wait(300);

  const numbers = new Map<string, Map<number, number>>();
  for (const { readings } of batches)
    for (const { device, sequence, value, measuredAt } of readings) {
      const stream = `${device}/${value.kind}`;
      const found = numbers.get(stream) ?? new Map<number, number>();
      const before = found.get(sequence);
      assert.ok(before === undefined || before === measuredAt, `${stream} ${sequence} was used for two readings`);
      numbers.set(stream, found.set(sequence, measuredAt));
    }
  assert.equal([...numbers.keys()].filter((stream) => stream.endsWith('/weight')).length, DEVICES);
  for (const [stream, found] of numbers) {
    const highest = Math.max(...found.keys());
    assert.equal(found.size, highest + 1, `${stream}: ${found.size} of ${highest + 1} numbers`);
  }
  const longest = Math.max(
    ...batches
      .filter(({ isBacklog }) => isBacklog)
      .flatMap(({ sentAt, readings }) => readings.map(({ measuredAt }) => sentAt - measuredAt)),
  );
  assert.ok(longest > 2000, `the oldest backlog waited ${longest} ms`);
});
