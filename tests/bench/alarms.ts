import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { AlarmKindName } from '#contracts/alarm-kinds.ts';
import type { Finding } from '#contracts/findings.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { startHouse, type TestHouse } from '#tests/house.ts';

const HELP = `Usage: bench alarms [--seconds N] [--rate EPISODES_PER_SECOND] [--flood FINDINGS] [--default]

Findings against a real broker, ledger and Node-RED, each its own process: from the published finding to the durable alarm on the bus.
--default leaves the flows out: the ledger raises by itself after its 2 s, which are taken off.
--flood adds one burst of low findings with a high one among every hundred.
`;

/** Every episode lasts this long. */
const PRESENT_MS = 2500;
const DECISION_MS = 2000;
const processes = ['broker', 'alarms', 'flows'] as const;

const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 10) / 10;
};
const latency = (values: readonly number[]) => ({ p50: quantile(values, 0.5), p99: quantile(values, 0.99), max: quantile(values, 1) });

/** User and system time so far: fields 14 and 15 of `/proc/PID/stat`, in ticks of 10 ms. */
function cpuSecondsOf(house: TestHouse, name: string): number {
  const pid = house.processes.find((one) => one.name === name)?.pid;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
const memoryMiBOf = (house: TestHouse, name: string): number => {
  const pid = house.processes.find((one) => one.name === name)?.pid;
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
};

/** Says findings and notes when each alarm comes. */
async function openWard(watch: Bus, screen: Bus) {
  const saidAt = new Map<string, number>();
  const latencyMs = new Map<string, number>();
  let decidedByFlow = 0;
  await screen.subscribe('alarm', {}, (alarm) => {
    if (!alarm || latencyMs.has(alarm.subject)) return;
    const at = saidAt.get(alarm.subject);
    if (at === undefined) return;
    latencyMs.set(alarm.subject, performance.now() - at);
    if (alarm.decidedBy === 'flow') decidedByFlow++;
  });
  const say = (kind: AlarmKindName, subject: string, isPresent: boolean) => {
    const at = systemClock.now();
    const finding: Finding = { schema: 'finding.v1', ward: 'w1', kind, subject, isPresent, occurrence: 1, since: at, at, evidence: [] };
    if (isPresent) saidAt.set(subject, performance.now());
    const params = { ward: 'w1', kind, subject };
    return isPresent ? watch.publish('finding', params, finding) : watch.retract('finding', params, finding);
  };
  return { say, latencyMs, decidedByFlow: () => decidedByFlow };
}

async function settle(isDone: () => boolean, timeoutMs: number): Promise<number> {
  const from = performance.now();
  while (!isDone() && performance.now() - from < timeoutMs) await sleep(systemClock, milliseconds(5));
  return performance.now() - from;
}

/** `bench alarms`: prints one JSON line. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '200' },
      flood: { type: 'string', default: '0' },
      default: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const rate = Number(values.rate);
  const seconds = Number(values.seconds);
  const running = processes.filter((name) => name !== 'flows' || !values.default);
  const noDelay = { onDelayMs: milliseconds(0), offDelayMs: milliseconds(0) };
  await using house = await startHouse({
    only: running,
    isSimulated: false,
    adapt: (site) => Object.assign(site, { alarmRules: { occlusion: noDelay, rate_low: noDelay } }),
  });
  const ward = await openWard(await house.bus('service.watch'), await house.bus('service.console'));
  const cpu = () => Object.fromEntries(running.map((name) => [name, cpuSecondsOf(house, name)]));

  for (let i = 0; i < 50; i++) await ward.say('occlusion', `warm.${i}`, true);
  await settle(() => ward.latencyMs.size >= 50, 5000);
  ward.latencyMs.clear();

  const cpuBefore = cpu();
  const episodes = rate * seconds;
  const start = performance.now();
  const step = 1000 / rate;
  for (let i = 0; i < episodes; i++) {
    const ahead = start + i * step - performance.now();
    if (ahead > 1) await sleep(systemClock, milliseconds(ahead));
    const subject = `e.${i}`;
    void ward.say('occlusion', subject, true);
    systemClock.after(milliseconds(PRESENT_MS), () => void ward.say('occlusion', subject, false));
  }
  await settle(() => ward.latencyMs.size >= episodes, 10_000);
  await sleep(systemClock, milliseconds(PRESENT_MS + 500));
  const cpuAfter = cpu();
  const raised = [...ward.latencyMs.values()].map((ms) => (values.default ? ms - DECISION_MS : ms));
  const decidedByFlow = ward.decidedByFlow();

  const flood = Number(values.flood);
  let flooded: object | undefined;
  if (flood > 0) {
    ward.latencyMs.clear();
    const from = performance.now();
    const high: string[] = [];
    for (let i = 0; i < flood; i++) {
      const isHigh = i % 100 === 99;
      const subject = `f.${i}`;
      if (isHigh) high.push(subject);
      void ward.say(isHigh ? 'occlusion' : 'rate_low', subject, true);
      if (i % 50 === 49) await sleep(systemClock, milliseconds(Math.max(0, from + ((i + 1) / flood) * 1000 - performance.now())));
    }
    await settle(() => ward.latencyMs.size >= flood, 60_000);
    const highMs = high.map((subject) => ward.latencyMs.get(subject) ?? Number.NaN);
    flooded = {
      findings: flood,
      alarms: ward.latencyMs.size,
      absorbedMs: Math.round(performance.now() - from),
      highPriorityDelayMsMax: quantile(highMs, 1),
    };
  }

  const figure = {
    bench: 'alarms',
    episodesPerSecond: rate,
    findingsPerSecond: 2 * rate,
    episodes,
    alarms: raised.length,
    decidedByFlow,
    latencyMs: latency(raised),
    ...(flooded ? { flood: flooded } : {}),
    cpuSeconds: Object.fromEntries(running.map((name) => [name, Math.round((cpuAfter[name]! - cpuBefore[name]!) * 100) / 100])),
    memoryMiB: Object.fromEntries(running.map((name) => [name, memoryMiBOf(house, name)])),
  };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}
