import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Finding } from '#contracts/findings.ts';
import type { ReadingValue } from '#contracts/readings.ts';
import { millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Duty, Infusion, Occupancy, Order } from '#contracts/ward-state.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { openRequester, Refusal, type Requester } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import type { Settings } from '#runtime/settings.ts';
import { startTestBroker, type TestBroker } from '#tests/broker-fixture.ts';
import { until } from '#tests/house.ts';
import { watchSite, weight } from '#tests/watch-ward.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'wardline-records-watch-'));
const site = { ...watchSite, seed: { orders: 'orders.csv', occupancy: 'occupancy.csv', duty: 'duty.csv' } };
const running: ChildProcess[] = [];
let broker: TestBroker;
let edge: Bus;
let console_: Bus;
let ask: Requester;
let settingsFile: string;
let watch: ChildProcess;
let records: ChildProcess;

const findings: Finding[] = [];
const infusions = new Map<string, Infusion>();
const orders = new Map<string, Order>();
const occupancies = new Map<string, Occupancy>();
const duties = new Map<string, Duty>();

async function start(name: 'watch' | 'records'): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, '..', '..', name, 'main.ts'), ['--settings', settingsFile], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, WARDLINE_LOG: 'fatal' },
  });
  running.push(child);
  const [message] = (await once(child, 'message')) as [{ ready?: boolean }];
  assert.equal(message.ready, true);
  return child;
}
async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

let sequence = 0;
const read = (values: Record<string, ReadingValue>): Promise<void> => {
  const now = systemClock.now();
  const readings = Object.entries(values).map(([device, value]) => ({ device, sequence: ++sequence, measuredAt: now, value }));
  return edge.publish(
    'readings',
    { ward: 'w1', edge: 'e1' },
    { schema: 'readings.v1', edge: 'e1', batch: sequence, sentAt: now, isBacklog: false, readings },
  );
};
const told = () => findings.splice(0).map(({ kind, isPresent, occurrence, bed }) => `${bed} ${kind}${isPresent ? '+' : '-'}${occurrence}`);
const tells = async (...words: string[]) => {
  await until(
    () => findings.length >= words.length,
    `findings ${words.join(', ')} (have ${findings.map(({ kind }) => kind).join(', ')})`,
    5000,
  );
  assert.deepEqual(told(), words);
};
/** What a newcomer finds retained. */
async function retainedFindings(): Promise<string[]> {
  const found: string[] = [];
  await using bus = await connectBus(broker.busOf('service.console', { connectionName: `newcomer${++sequence}` }), {
    clock: systemClock,
    log: silentLog(),
  });
  await bus.subscribe('finding', {}, (finding, { isRetained }) => {
    if (finding && isRetained) found.push(`${finding.bed} ${finding.kind} ${finding.occurrence}`);
  });
  await new Promise((done) => setTimeout(done, 300));
  return found;
}

before(async () => {
  const siteFile = join(dataDir, 'site.yaml');
  writeFileSync(siteFile, JSON.stringify(site));
  writeFileSync(
    join(dataDir, 'orders.csv'),
    'ward,bed,line,label,volumeMl,rateMlPerHour,delivery,start\nw1,b1,1,NaCl 0.9 %,500,120,gravity,true\nw1,b1,9,NaCl,500,120,gravity,true\n',
  );
  writeFileSync(join(dataDir, 'occupancy.csv'), 'ward,bed,patient,tag\nw1,b1,p1,band\n');
  writeFileSync(
    join(dataDir, 'duty.csv'),
    'ward,shift,from,until,person,role,beds\nw1,day,00:00,12:00,nurse.li,nurse,b1 b2\nw1,late,12:00,00:00,nurse.li,nurse,b1 b2\n',
  );
  broker = await startTestBroker({ site, dataDir: join(dataDir, 'house') });
  settingsFile = join(dataDir, 'settings.json');
  const settings: Settings = {
    siteFile,
    dataDir: join(dataDir, 'house'),
    brokerUrl: broker.url,
    mqtt: { host: '127.0.0.1', port: 0 },
    console: { host: '127.0.0.1', port: 0 },
    flows: { host: '127.0.0.1', port: 0 },
    history: { type: 'embedded' },
    isSimulated: false,
    timeFactor: 1,
  };
  writeFileSync(settingsFile, JSON.stringify(settings));
  const peers = { clock: systemClock, log: silentLog() };
  edge = await connectBus(broker.busOf('edge.e1'), peers);
  console_ = await connectBus(broker.busOf('service.console'), peers);
  ask = await openRequester(console_);
  await console_.subscribe('finding', {}, (finding, { isRetained }) => {
    if (finding && !isRetained) findings.push(finding);
  });
  const keep = <T>(map: Map<string, T>, key: string, message: T | undefined) => void (message ? map.set(key, message) : map.delete(key));
  await console_.subscribe('infusion', {}, (message, { params: p }) => keep(infusions, `${p.ward}/${p.bed}/${p.line}`, message));
  await console_.subscribe('order', {}, (message, { params: p }) => keep(orders, `${p.ward}/${p.bed}/${p.line}`, message));
  await console_.subscribe('occupancy', {}, (message, { params: p }) => keep(occupancies, `${p.ward}/${p.bed}`, message));
  await console_.subscribe('duty', {}, (message, { params: p }) => keep(duties, p.ward, message));
  [records, watch] = await Promise.all([start('records'), start('watch')]);
});

after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all([edge, console_].map((bus) => bus?.[Symbol.asyncDispose]()));
  await broker?.[Symbol.asyncDispose]();
});

test('the first start fills the records from the site and its seed files', async () => {
  await until(() => orders.get('w1/b1/1')?.state === 'running' && duties.has('w1') && infusions.has('w2/b1/1'), 'seeded state', 5000);
  assert.equal(orders.get('w1/b1/1')?.patient, 'p1');
  assert.equal(orders.size, 1);
  assert.deepEqual([...occupancies.values()].map(({ ward, bed, state }) => `${ward}/${bed} ${state}`).sort(), [
    'w1/b1 occupied',
    'w1/b2 free',
    'w2/b1 free',
  ]);
  const { from, until: ends } = duties.get('w1')!;
  assert.ok(from <= systemClock.now() && systemClock.now() < ends);
});

test('readings become an infusion and findings, present and then absent', async () => {
  await read({ scale: weight(300) });
  await until(() => infusions.get('w1/b1/1')?.remainingMl === 300, 'infusion of 300 ml', 5000);
  const infusion = infusions.get('w1/b1/1');
  assert.deepEqual([infusion?.quality, infusion?.state, infusion?.patient, infusion?.label], ['live', 'running', 'p1', 'NaCl 0.9 %']);
  await read({ scale: weight(40) });
  await tells('b1 near_empty+1');
  assert.deepEqual(await retainedFindings(), ['b1 near_empty 1']);
  await read({ scale: weight(400) });
  await tells('b1 near_empty-1');
  assert.deepEqual(await retainedFindings(), []);
});

test('readings of a foreign device are refused and the edge is told', async () => {
  const rejected: string[] = [];
  await edge.subscribe('rejected', { client: 'edge.e1' }, (message) => void (message && rejected.push(message.because)));
  await read({ reader2: weight(10) });
  await until(() => rejected.length > 0, 'a rejection', 5000);
  assert.match(rejected[0]!, /reader2 belongs to edge e2/);
});

test('kill -9 of the watch in an episode: it goes on under its number, and its end while the watch was away is not missed', async () => {
  await read({ scale: weight(45) });
  await tells('b1 near_empty+2');
  await kill(watch);
  watch = await start('watch');
  await read({ scale: weight(44) });
  await until(() => infusions.get('w1/b1/1')?.remainingMl === 44, 'infusion of 44 ml', 5000);
  assert.deepEqual(told(), []);
  assert.deepEqual(await retainedFindings(), ['b1 near_empty 2']);

  await kill(watch);
  await read({ scale: weight(390) });
  watch = await start('watch');
  await tells('b1 near_empty-2');
  await read({ scale: weight(30) });
  await tells('b1 near_empty+3');
});

test('kill -9 of the watch withdraws what no longer holds when it is back', async () => {
  await kill(watch);
  await ask.request('stopOrder', { ward: 'w1', bed: 'b1', line: '1' });
  watch = await start('watch');
  await tells('b1 near_empty-3');
  assert.deepEqual(await retainedFindings(), []);
  await ask.request('startOrder', { ward: 'w1', bed: 'b1', line: '1' });
});

test('kill -9 of the records: what was answered is there, and commands are served again', async () => {
  const { order } = await ask.request('setOrder', {
    ward: 'w1',
    bed: 'b1',
    line: '1',
    label: 'Glucose 5 %',
    volumeMl: millilitres(250),
    rateMlPerHour: millilitresPerHour(120),
    delivery: 'gravity',
    start: true,
  });
  await kill(records);
  records = await start('records');
  const { orders: listed } = await ask.request('listOrders', { ward: 'w1', bed: 'b1' });
  assert.deepEqual(
    listed.map(({ state }) => state),
    ['running', 'done'],
  );
  assert.equal(orders.get('w1/b1/1')?.order, order);
});

test('a transfer takes the infusion and its devices to the new bed', async () => {
  await read({ scale: weight(30) });
  await tells('b1 near_empty+4');
  const moved = await ask.request('transfer', { ward: 'w1', bed: 'b1', toWard: 'w1', toBed: 'b2' }, { person: 'nurse.li' });
  assert.deepEqual([moved.patient, moved.movedDevices, moved.stayedDevices], ['p1', ['drip', 'scale'], []]);
  await tells('b1 near_empty-4');
  await read({ scale: weight(29) });
  await tells('b2 near_empty+1');
  await until(() => infusions.get('w1/b2/1')?.remainingMl === 29 && infusions.get('w1/b1/1')?.order === undefined, 'infusion at b2', 5000);
  await assert.rejects(
    ask.request('transfer', { ward: 'w1', bed: 'b1', toWard: 'w1', toBed: 'b2' }),
    (error) => error instanceof Refusal && /waiting to be cleaned/.test(error.message),
  );
});

test('a discharge stops the infusion, says so, and ends its findings', async () => {
  const order = orders.get('w1/b2/1')?.order;
  const { patient, stoppedOrders } = await ask.request('discharge', { ward: 'w1', bed: 'b2' });
  assert.deepEqual([patient, stoppedOrders], ['p1', [order]]);
  await tells('b2 near_empty-1');
  await until(() => !orders.has('w1/b2/1') && occupancies.get('w1/b2')?.state === 'discharged', 'discharged bed', 5000);
  assert.deepEqual(await retainedFindings(), []);
});
