import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Site } from '#contracts/site.ts';
import { instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import type { Settings } from '#runtime/settings.ts';
import { smallSite, startTestBroker } from '../broker-fixture.ts';
import { percentile, probe, round } from './pipeline/probe.ts';

/**
 * `npm run bench -- edge [--beds 50] [--seconds 20]`: one edge agent as a process of its own with a scale at every bed, asked 5 times a second, each under an order, and the real
 * broker. Prints one JSON line: CPU in percent of one core, memory, readings, and the way from the tick to the watch's end of the bus.
 */
const WARM_UP_MS = 5000;
/** Linux counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

interface Use {
  readonly cpuSeconds: number;
  readonly memoryMiB: number;
}
function useOf(pid: number): Use {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, memoryMiB: Number(memory) / 1024 };
}

/** A scale behind a serial server, under a container that empties at 120 ml/h. */
function answer(socket: Socket, startedAt: number, count: () => void): void {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    for (let asked = bytes.toString('latin1').split('SI\r\n').length - 1; asked > 0; asked--) {
      count();
      const grams = 530 - ((performance.now() - startedAt) / 3_600_000) * 120 + Math.random() * 0.2;
      socket.write(`S S ${grams.toFixed(1).padStart(10)} g\r\n`);
    }
  });
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { beds: { type: 'string', default: '50' }, seconds: { type: 'string', default: '20' } } });
  const beds = Number(values.beds);
  const seconds = Number(values.seconds);
  const probed = await probe();
  const startedAt = performance.now();
  let samples = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    answer(socket, startedAt, () => {
      samples += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as { port: number }).port;
  const bedIds = Array.from({ length: beds }, (_, i) => `b${i}`);
  const site: Site = {
    ...smallSite,
    robots: [],
    wards: [{ ...smallSite.wards[0]!, beds: bedIds.map((id) => ({ id, lines: ['l1'] })) }],
    devices: bedIds.map((bed) => ({
      id: `scale-${bed}`,
      edge: 'e1',
      driver: 'mt-sics',
      transport: { type: 'tcp', host: '127.0.0.1', port },
      placement: { bed, line: 'l1' },
    })),
  };
  await using broker = await startTestBroker({ site });
  const nowhere = { host: '127.0.0.1', port: 0 };
  const settings: Settings = {
    siteFile: join(broker.dataDir, 'site.yaml'),
    dataDir: broker.dataDir,
    brokerUrl: broker.url,
    mqtt: nowhere,
    console: nowhere,
    flows: nowhere,
    history: { type: 'embedded' },
    isSimulated: true,
    timeFactor: 1,
  };
  writeFileSync(settings.siteFile, JSON.stringify(site));
  const settingsFile = join(broker.dataDir, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));

  const parts = { clock: systemClock, log: silentLog() };
  await using records = await connectBus(broker.busOf('service.records'), parts);
  for (const bed of bedIds)
    await records.publish(
      'order',
      { ward: 'w1', bed, line: 'l1' },
      {
        schema: 'order.v1',
        order: `o-${bed}`,
        ward: 'w1',
        bed,
        line: 'l1',
        state: 'running',
        label: 'NaCl 0.9 %',
        volumeMl: millilitres(500),
        rateMlPerHour: millilitresPerHour(120),
        delivery: 'gravity',
        at: instant(Date.now()),
      },
    );
  await using watch = await connectBus(broker.busOf('service.watch'), parts);
  let isMeasuring = false;
  let readings = 0;
  let batches = 0;
  const delays: number[] = [];
  await watch.subscribe('readings', {}, (batch) => {
    if (!batch || !isMeasuring) return;
    batches += 1;
    readings += batch.readings.length;
    delays.push(Date.now() - batch.sentAt);
  });

  const agent = spawn(process.execPath, ['edge/main.ts', '--settings', settingsFile, '--edge', 'e1'], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(WARM_UP_MS);
  const before = useOf(agent.pid!);
  const samplesBefore = samples;
  isMeasuring = true;
  const from = performance.now();
  await wait(seconds * 1000);
  isMeasuring = false;
  const passed = (performance.now() - from) / 1000;
  const after = useOf(agent.pid!);
  agent.kill('SIGTERM');
  await once(agent, 'exit');
  for (const socket of sockets) socket.destroy();
  server.close();
  delays.sort((a, b) => a - b);
  process.stdout.write(
    `${JSON.stringify({
      bench: 'edge',
      beds,
      seconds: round(passed),
      samplesPerSecond: round((samples - samplesBefore) / passed),
      readingsPerSecond: round(readings / passed),
      batchesPerSecond: round(batches / passed),
      cpuPercent: round(((after.cpuSeconds - before.cpuSeconds) / passed) * 100),
      memoryMiB: round(after.memoryMiB),
      sentToHeardMs: { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) },
      probe: probed,
    })}\n`,
  );
}
