import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { milliseconds } from '#contracts/units.ts';
import type { DeviceStatus, Placement } from '#contracts/ward-state.ts';
import { type Bus, connectBus, sweep } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { type CommandHandlers, openRequester, Refusal, serveCommands } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import { announceService } from '#runtime/service.ts';
import { startTestBroker } from '#tests/broker-fixture.ts';
import { startBrokerProcess } from '#tests/broker-process.ts';
import { logIn } from '#tests/mqtt-peer.ts';

const parts = { clock: systemClock, log: silentLog() };
const placement = (device: string, bed: string): Placement => ({
  schema: 'placement.v1',
  device,
  ward: 'w1',
  edge: 'e1',
  bed,
  at: systemClock.now(),
});
const place = (bus: Bus, device: string, bed: string) => bus.publish('placement', { ward: 'w1', device }, placement(device, bed));
async function until(what: string, isSo: () => boolean, timeoutMs = 10_000): Promise<void> {
  for (const end = performance.now() + timeoutMs; !isSo(); await pause(10))
    if (performance.now() > end) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
}

const recordsHandlers = {
  admit({ bed }, { caller }) {
    if (bed === 'b2') throw new Refusal('b2 is taken');
    if (bed === 'b3') throw new Error('a bug');
    return { patient: caller === 'service.flows' ? 'p1' : 'nobody' };
  },
} as Partial<CommandHandlers<'records'>> as CommandHandlers<'records'>;

test('a command is asked, answered, refused with its reason, and never taken for done unanswered', async () => {
  await using broker = await startTestBroker();
  await using flows = await connectBus(broker.busOf('service.flows'), parts);
  const requester = await openRequester(flows);
  await assert.rejects(requester.request('admit', { ward: 'w1', bed: 'b1' }, { timeout: milliseconds(200) }), { code: 'COMMAND_DEADLINE' });
  await using records = await connectBus(broker.busOf('service.records', { isDurable: true }), parts);
  await serveCommands(records, 'records', recordsHandlers, parts.log);
  assert.deepEqual(await requester.request('admit', { ward: 'w1', bed: 'b1' }), { patient: 'p1' });
  await assert.rejects(requester.request('admit', { ward: 'w1', bed: 'b2' }), /b2 is taken/);
  await assert.rejects(requester.request('admit', { ward: 'w1', bed: 'b3' }), { code: 'failed' });
  await assert.rejects(requester.request('admit', { ward: 'w1' } as never), /bed: must be given/);
  await assert.rejects(requester.request('discharge', { ward: 'w1', bed: 'b1' }), { code: 'unknown' });
});

test('a retained message is withdrawn after its last word; who comes later sees nothing', async () => {
  await using broker = await startTestBroker();
  await using records = await connectBus(broker.busOf('service.records'), parts);
  await using watch = await connectBus(broker.busOf('service.watch'), parts);
  const seen: (string | undefined)[] = [];
  await watch.subscribe('placement', {}, (message) => void seen.push(message?.bed));
  await place(records, 'd1', 'b1');
  await records.retract('placement', { ward: 'w1', device: 'd1' }, placement('d1', 'gone'));
  await until('the withdrawal', () => seen.length === 3);
  assert.deepEqual(seen, ['b1', 'gone', undefined]);
  await place(records, 'd2', 'b2');
  await using late = await connectBus(broker.busOf('service.console'), parts);
  const found: string[] = [];
  await late.subscribe(
    'placement',
    {},
    (message, { params, isRetained }) => void found.push(`${params.device} ${message?.bed} ${isRetained}`),
  );
  await until('the retained message', () => found.length > 0);
  await pause(50);
  assert.deepEqual(found, ['d2 b2 true']);
  // A second handler of the same channel finds what is retained, too.
  const again: (string | undefined)[] = [];
  await late.subscribe('placement', {}, (message) => void again.push(message?.bed));
  await until('the retained message for the second handler', () => again.length > 0);
  assert.equal(again[0], 'b2');
});

test('an owner sweeps what it no longer stands for', async () => {
  await using broker = await startTestBroker();
  await using records = await connectBus(broker.busOf('service.records'), parts);
  for (const device of ['d1', 'd2', 'd3']) await place(records, device, 'b1');
  await sweep(records, 'placement', (_, { device }) => device === 'd2');
  await using watch = await connectBus(broker.busOf('service.watch'), parts);
  await pause(200);
  const left: string[] = [];
  await watch.subscribe('placement', {}, (message, { params }) => void (message && left.push(params.device)));
  await until('the rest', () => left.length > 0);
  await pause(50);
  assert.deepEqual(left, ['d2']);
});

test('a durable process misses nothing while it is away, and gets again what it had not kept', async () => {
  await using broker = await startTestBroker();
  await using records = await connectBus(broker.busOf('service.records'), parts);
  const options = broker.busOf('service.watch', { isDurable: true });
  {
    await using first = await connectBus(options, parts);
    // Never kept: the handler does not come to its end.
    await first.subscribe('placement', {}, () => new Promise<void>(() => undefined));
    await place(records, 'd0', 'unkept');
    await pause(100);
  }
  for (let i = 1; i <= 500; i++) void place(records, 'd1', `b${i}`);
  await place(records, 'd1', 'last');
  const got: string[] = [];
  await using second = await connectBus(options, parts);
  // Its queue arrives before it has said what it reads.
  await pause(200);
  await second.subscribe('placement', {}, (message, { isRetained }) => void (!isRetained && got.push(message?.bed ?? '')));
  await until('everything', () => got.length >= 502);
  assert.deepEqual(got, ['unkept', ...Array.from({ length: 500 }, (_, i) => `b${i + 1}`), 'last']);
});

test('input against the schema is refused by its consumer and reported to the edge', async () => {
  await using broker = await startTestBroker();
  await using watch = await connectBus(broker.busOf('service.watch'), parts);
  const seen: string[] = [];
  await watch.subscribe('deviceStatus', {}, (message) => void seen.push(message?.state ?? ''));
  await using edge = await connectBus(broker.busOf('edge.e1'), parts);
  const because: string[] = [];
  await edge.subscribe('rejected', { client: 'edge.e1' }, (message) => void because.push(`${message?.by}: ${message?.because}`));
  const status: DeviceStatus = { schema: 'device-status.v1', device: 'd1', ward: 'w1', state: 'online', at: systemClock.now() };
  await edge.publish('deviceStatus', { ward: 'w1', device: 'd1' }, status);
  await edge.publish(
    'edgeStatus',
    { ward: 'w1', edge: 'e1' },
    { schema: 'edge-status.v1', edge: 'e1', ward: 'w1', state: 'bright' as never, at: systemClock.now() },
  );
  await watch.subscribe('edgeStatus', {}, () => void seen.push('never'));
  await until('the report', () => because.length > 0);
  assert.match(because[0]!, /^service\.watch: state: "bright": must be one of online, offline/);
  assert.deepEqual(seen, ['online']);
});

test('a service that dies is said to be down, and up when it is back', async () => {
  await using broker = await startTestBroker();
  await using console = await connectBus(broker.busOf('service.console'), parts);
  const states: string[] = [];
  await console.subscribe('service', { service: 'fleet' }, (message) => void states.push(message?.state ?? 'withdrawn'));
  {
    await using fleet = await connectBus(broker.busOf('service.fleet'), parts);
    announceService(fleet, 'fleet', parts.log);
    await until('up', () => states.at(-1) === 'up');
    // Another connection under its name, which breaks: what a crash looks like to the broker.
    const { user, secret } = broker.credential('service.fleet');
    using thief = await logIn(broker.url, { user, secret });
    thief.socket.resetAndDestroy();
    await until('down and up again', () => states.includes('down') && states.at(-1) === 'up');
  }
});

test('the bus outlives a crash of the broker: subscriptions stand, what was on its way arrives', { timeout: 50_000 }, async () => {
  await using broker = await startBrokerProcess();
  await using records = await connectBus(broker.busOf('service.records', { isDurable: true }), parts);
  await using watch = await connectBus(broker.busOf('service.watch'), parts);
  await using flows = await connectBus(broker.busOf('service.flows'), parts);
  await serveCommands(records, 'records', recordsHandlers, parts.log);
  const requester = await openRequester(flows);
  const beds: (string | undefined)[] = [];
  const states: boolean[] = [];
  watch.onState((isConnected) => states.push(isConnected));
  await watch.subscribe('placement', {}, (message) => void beds.push(message?.bed));
  await place(records, 'd1', 'before');
  await until('the first', () => beds.includes('before'));
  await broker.kill();
  await until('the break', () => !watch.isConnected && !records.isConnected && !flows.isConnected);
  const during = place(records, 'd1', 'during');
  const asked = requester.request('admit', { ward: 'w1', bed: 'b1' }, { timeout: milliseconds(20_000) });
  await assert.rejects(records.publish('placement', { ward: 'w1', device: 'd1' }, placement('d1', 'fleeting'), { isFleeting: true }), {
    code: 'BUS_OFFLINE',
  });
  await broker.start();
  await during;
  assert.deepEqual(await asked, { patient: 'p1' });
  await until('the second', () => beds.includes('during'));
  assert.deepEqual(states.slice(-2), [false, true]);
  assert.ok(!beds.includes('fleeting'));
});
