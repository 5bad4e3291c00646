import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { milliseconds } from '#contracts/units.ts';
import { openRequester } from '#runtime/commands.ts';
import { metricOf, scrapeHouse } from '#runtime/scrape.ts';
import { type TestHouse, until } from '../house.ts';
import { type Load, runLoad, SERVERS, startLoadedHouse } from './pipeline/loaded-house.ts';
import { type Probe, percentile, probe, round } from './pipeline/probe.ts';

const HELP = `npm run bench -- pipeline [--site demo|reference] [--seconds N] [--rate N] [--batch-ms N] [--find-limit]

Loads the running house from another process with the site's readings (or N a second) as edge batches. 1 % of the readings open or close an episode; the rule has no delay.
--batch-ms: how often each edge agent sends (default 200: what an agent has to say in a second goes in a few batches).
Prints one JSON line. --find-limit climbs until something falls behind and prints the last rate that held.
`;

const NATURAL: Readonly<Record<string, number>> = { demo: 90, reference: 1950 };
const CLIMB = 1.35;

/** `npm run bench -- pipeline`. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      site: { type: 'string', default: 'reference' },
      seconds: { type: 'string', default: '30' },
      rate: { type: 'string' },
      'batch-ms': { type: 'string', default: '200' },
      'find-limit': { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help || (values.site !== 'demo' && values.site !== 'reference')) return void process.stdout.write(HELP);
  const seconds = Number(values.seconds);
  const plain = await probe();
  await using house = await startLoadedHouse(values.site);
  let rate = Number(values.rate ?? NATURAL[values.site]);
  let held: object | undefined;
  for (;;) {
    const figures = await measure(house, { rate, seconds, batchMs: Number(values['batch-ms']) }, plain);
    if (!values['find-limit']) return say({ bench: 'pipeline', site: values.site, ...figures });
    process.stderr.write(
      `${rate}/s: ${figures.isKept ? 'held' : `fell behind (lost ${figures.lost}, alarms ${figures.alarms}/${figures.alarmsExpected}, behind ${figures.behindMs} ms, p99 ${figures.alarmLatencyMs.p99} ms)`}\n`,
    );
    if (!figures.isKept) return say({ bench: 'pipeline', site: values.site, limit: true, ...held });
    held = figures;
    rate = Math.round(rate * CLIMB);
  }
}

const say = (figures: object): void => void process.stdout.write(`${JSON.stringify(figures)}\n`);

async function measure(house: TestHouse, asked: Load, plain: Probe) {
  const { rate } = asked;
  const bus = await house.bus('service.console', { connectionName: `measure-${rate}` });
  const ask = await openRequester(bus);
  const recorded = async () => {
    const { counts, spooled } = await ask.request('counts', {}, { timeout: milliseconds(10_000) });
    return (['weight', 'drip', 'pump', 'level', 'tag'] as const).reduce((sum, kind) => sum + (counts[kind] ?? 0), 0) - spooled;
  };
  const evaluated = async () =>
    metricOf((await scrapeHouse(house.settings.dataDir)).get('watch') ?? '', 'wardline_watch_readings_total') ?? Number.NaN;
  const before = { recorded: await recorded(), evaluated: await evaluated(), cpu: cpuOf(house) };
  const load = await runLoad(house, asked);
  const spent = cpuOf(house);
  await until(async () => (await recorded()) - before.recorded >= load.sent, 'everything recorded', 20_000).catch(() => undefined);
  const after = { recorded: (await recorded()) - before.recorded, evaluated: (await evaluated()) - before.evaluated };
  load.latencyMs.sort((a, b) => a - b);
  const alarmLatencyMs = { p50: round(percentile(load.latencyMs, 0.5)), p99: round(percentile(load.latencyMs, 0.99)) };
  const cpuSeconds = Object.fromEntries(SERVERS.map((name) => [name, round((spent[name] ?? 0) - (before.cpu[name] ?? 0))]));
  const lost = load.sent - after.recorded;
  return {
    rate,
    batchMs: asked.batchMs,
    readingsPerSecond: Math.round(load.sent / load.seconds),
    sent: load.sent,
    evaluated: after.evaluated,
    recorded: after.recorded,
    lost,
    alarmsExpected: load.alarmsExpected,
    alarms: load.alarms,
    alarmLatencyMs,
    behindMs: Math.round(load.behindMs),
    cpuSeconds,
    cpuCores: round(Object.values(cpuSeconds).reduce((sum, n) => sum + n, 0) / load.seconds),
    memoryMiB: Object.fromEntries(SERVERS.map((name) => [name, memoryOf(house, name)])),
    probe: plain,
    /** A durable alarm needs at least one disk sync and a few trips over loopback. */
    ratioToProbe: {
      p50: round(alarmLatencyMs.p50 / (plain.fsyncMs.p50 + plain.loopbackMs.p50)),
      p99: round(alarmLatencyMs.p99 / (plain.fsyncMs.p99 + plain.loopbackMs.p99)),
    },
    isKept: lost === 0 && load.alarms === load.alarmsExpected && load.behindMs < 500 && alarmLatencyMs.p99 < 1000,
  };
}

const pidOf = (house: TestHouse, name: string) => house.processes.find((p) => p.name === name)?.pid;
/** CPU seconds of each process so far (`/proc/PID/stat`, user and system, in ticks of 10 ms). */
function cpuOf(house: TestHouse): Record<string, number> {
  return Object.fromEntries(
    SERVERS.map((name) => {
      const fields = readFileSync(`/proc/${pidOf(house, name)}/stat`, 'utf8')
        .split(') ')[1]!
        .split(' ');
      return [name, (Number(fields[11]) + Number(fields[12])) / 100];
    }),
  );
}
const memoryOf = (house: TestHouse, name: string): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pidOf(house, name)}/status`, 'utf8'))?.[1]) / 1024);
