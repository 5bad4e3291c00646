import { readFileSync } from 'node:fs';
import { parse as parseCsv } from 'csv-parse/sync';
import { userNameOf } from '#contracts/access.ts';
import type { Alarm } from '#contracts/alarms.ts';
import type { Reading } from '#contracts/readings.ts';
import { milliseconds } from '#contracts/units.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { openHouse, readJson, Settings } from '#runtime/settings.ts';
import { type LoadDevice, loadEdges, nowOf, readingValue } from './material.ts';

/** The load, a process of its own: `node load.ts SETTINGS RATE SECONDS BATCH_MS`. Speaks as every edge agent of the site and listens for alarms as a screen would. */
export interface LoadResult {
  readonly sent: number;
  readonly seconds: number;
  readonly alarmsExpected: number;
  readonly alarms: number;
  readonly latencyMs: number[];
  /** How far the sending itself fell behind its timetable at the end: the broker slowed it down. */
  readonly behindMs: number;
}

const FLIP_SHARE = 0.01;
const READINGS_PER_BATCH_MAX = 1000;
const SETTLE_MS = 15_000;
/** An episode lasts at least this long: what ends before a flow has looked at it is rightly no alarm. */
const EPISODE_MS = 1000;
/** A hospital's house is warm: the first seconds, while code is being compiled, count in everything but the latency. */
const WARM_UP_MS = 5000;

const [settingsFile, rateText, secondsText, batchText] = process.argv.slice(2);
const house = openHouse(readJson(settingsFile!, Settings));
const { site } = house.site;
const rate = Number(rateText);
const seconds = Number(secondsText);
const batchMs = Number(batchText);

const orders = parseCsv<Record<string, string>>(readFileSync(site.seed!.orders!), { columns: true }) as Record<string, string>[];
const ordered = new Map(orders.filter((o) => o.start === 'yes').map((o) => [`${o.ward}/${o.bed}/${o.line}`, Number(o.rateMlPerHour)]));
const edges = loadEdges(site, ordered);
const clock = systemClock;
const open = (user: string, connectionName?: string) =>
  connectBus(house.busOf(user, { isDurable: false, ...(connectionName ? { connectionName } : {}) }), { clock, log: silentLog() });

/** When the reading that opened an episode was published, by the device's subject. */
const openedAt = new Map<string, { at: number; isWarm: boolean }>();
const latencyMs: number[] = [];
const seen = new Set<string>();
const listen = async (bus: Bus) => {
  await bus.subscribe('alarm', {}, (alarm: Alarm | undefined, { isRetained }) => {
    if (!alarm || isRetained || alarm.condition !== 'present' || (alarm.kind !== 'stalled' && alarm.kind !== 'occlusion')) return;
    const key = `${alarm.alarm} ${alarm.occurrence}`;
    if (seen.has(key)) return;
    const line = `${alarm.ward}/${alarm.bed}/${alarm.line}`;
    const opened = openedAt.get(line);
    if (!opened) return;
    seen.add(key);
    if (opened.isWarm) latencyMs.push(performance.now() - opened.at);
  });
};

const lineOfDevice = new Map(
  (site.devices ?? []).map((d) => [d.id, `${edges.find((e) => e.edge === d.edge)?.ward}/${d.placement?.bed}/${d.placement?.line ?? '1'}`]),
);
let sent = 0;
let alarmsExpected = 0;
let flipDebt = 0;
let isWarm = false;

function readingOf(device: LoadDevice): Reading {
  const now = nowOf();
  flipDebt += FLIP_SHARE;
  const line = lineOfDevice.get(device.id)!;
  const openFor = device.isOpen ? performance.now() - (openedAt.get(line)?.at ?? 0) : EPISODE_MS;
  if (flipDebt >= 1 && device.canFlip && openFor >= EPISODE_MS) {
    flipDebt -= 1;
    device.isOpen = !device.isOpen;
    if (device.isOpen) {
      alarmsExpected++;
      openedAt.set(line, { at: performance.now(), isWarm });
    }
  }
  return { device: device.id, sequence: device.sequence++, measuredAt: now, value: readingValue(device, now) };
}

const listener = await open('service.console', 'bench');
await listen(listener);
const buses = await Promise.all(edges.map(({ edge }) => open(userNameOf('edge', edge))));
const speakers = edges.map((edge, i) => ({
  ...edge,
  bus: buses[i]!,
  second: 0,
  queue: [] as LoadDevice[],
  known: new Set<LoadDevice>(),
  batch: Date.now(),
  open: 0,
  debt: 0,
}));
const failures: string[] = [];
/** Each edge agent sends every `batchMs`, at a time of its own: agents do not march in step. */
const stepMs = batchMs / speakers.length;
const steps = Math.round((seconds * 1000) / stepMs);
const start = performance.now();
for (let step = 0; step < steps; step++) {
  const due = start + step * stepMs - performance.now();
  if (due > 1) await sleep(clock, milliseconds(due));
  isWarm ||= step * stepMs >= WARM_UP_MS;
  const speaker = speakers[step % speakers.length]!;
  speaker.debt += (rate * batchMs) / 1000 / speakers.length;
  const readings: Reading[] = [];
  for (; speaker.debt >= 1; speaker.debt--) {
    if (speaker.queue.length === 0) speaker.queue = speaker.turn(speaker.second++).reverse();
    const device = speaker.queue.pop();
    if (!device) continue;
    speaker.known.add(device);
    readings.push(readingOf(device));
  }
  for (let i = 0; i < readings.length; i += READINGS_PER_BATCH_MAX) send(speaker, readings.slice(i, i + READINGS_PER_BATCH_MAX));
  // An edge agent sends no further while 200 batches wait for the broker's word.
  while (speaker.open > 200) await sleep(clock, milliseconds(5));
}
function send(speaker: (typeof speakers)[number], readings: Reading[]): void {
  sent += readings.length;
  speaker.open++;
  speaker.bus
    .publish(
      'readings',
      { ward: speaker.ward, edge: speaker.edge },
      { schema: 'readings.v1', edge: speaker.edge, batch: speaker.batch++, sentAt: nowOf(), isBacklog: false, readings },
    )
    .catch((error: Error) => failures.push(error.message))
    .finally(() => speaker.open--);
}

const took = performance.now() - start;
// What is still open is ended: the next load finds a calm house.
for (const speaker of speakers) {
  const open = [...speaker.known].filter((device) => device.isOpen);
  for (const device of open) device.isOpen = false;
  const readings = open.map((device) => ({
    device: device.id,
    sequence: device.sequence++,
    measuredAt: nowOf(),
    value: readingValue(device, nowOf()),
  }));
  if (readings.length > 0) send(speaker, readings);
}
for (let waited = 0; waited < SETTLE_MS && (seen.size < alarmsExpected || speakers.some((s) => s.open > 0)); waited += 50)
  await sleep(clock, milliseconds(50));
for (const bus of [...buses, listener]) await bus[Symbol.asyncDispose]();
if (failures.length > 0) process.stderr.write(`${failures.length} batches failed: ${failures[0]}\n`);
const result: LoadResult = { sent, seconds: took / 1000, alarmsExpected, alarms: seen.size, latencyMs, behindMs: took - seconds * 1000 };
process.send?.(result);
process.disconnect?.();
process.exit(0);
