import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connectAsync } from 'mqtt';
import { SerialPort } from 'serialport';
import { Compile } from 'typebox/schema';
import { userNameOf } from '#contracts/access.ts';
import type { DoorState, LiftState } from '#contracts/fleet.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { loadSite } from '#runtime/site.ts';
import { levelPictures } from '#simulators/devices/level-picture.ts';
import { serveShared, serveTcp } from '#simulators/devices/serve.ts';
import { facility, runFacility } from '#simulators/facility/facility.ts';
import { hospital, live } from '#simulators/hospital.ts';
import { readRecords } from '#simulators/records.ts';
import { startRobots } from '#simulators/robots/start-robots.ts';
import { openStageDoor } from '#simulators/stage-door.ts';
import { startTestBroker } from '#tests/broker-fixture.ts';
import { until } from '#tests/house.ts';
import { openPty } from '#tests/pty.ts';
import { missingProgram } from '#tests/requirements.ts';

const demo = loadSite(join(import.meta.dirname, '../../sites/demo/site.yaml'));
const clock = systemClock;
const simulated = () => hospital(demo, readRecords(demo), { seed: 1, clock, timeFactor: 1, pictures: levelPictures() });

describe('simulated wires', { timeout: 30_000 }, () => {
  it('serves every device of the demo behind one Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wardline-sim-'));
    const of = simulated();
    using _life = live(of, clock);
    const path = join(folder, 'sim/devices.sock');
    await using _served = await serveShared(path, (id) => of.devices.get(id));
    const hear = async (device: string, say: string, isEnough: (text: string) => boolean): Promise<string> => {
      const socket = connect({ path });
      socket.write(`DEVICE ${device}\n${say}`, 'latin1');
      let text = '';
      for await (const bytes of socket) {
        text += (bytes as Buffer).toString('latin1');
        if (isEnough(text)) break;
      }
      socket.destroy();
      return text;
    };
    assert.match(await hear('w1-02-scale', 'SI\r\n', (text) => text.includes('\n')), /^S [SD] +\d+\.\d g\r\n$/);
    assert.match(await hear('w1-02-drip', '', (text) => text.includes('A,')), /A,\d+,\d+/);
    assert.match(await hear('w1-04-pump', '!INF|4961\r', (text) => text.endsWith('\r')), /^!INF\^8002-\d+\^-\^INF\^/);
    assert.match(await hear('w1-r01-presence', '', () => true), /^P,1\r\n$/);
    const tags = await hear('w1-r01-reader', '\xbb\x00\x27\x00\x03\x22\x27\x10\x83\x7e', (text) => text.length >= 24);
    assert.equal(tags.charCodeAt(0), 0xbb);
    assert.equal(await hear('w9-99-scale', 'SI\r\n', () => true), '');
    rmSync(folder, { recursive: true, force: true });
  });

  it('speaks MT-SICS over a real terminal', { skip: missingProgram('socat') ?? false }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wardline-sim-'));
    const of = simulated();
    await using served = await serveTcp(of.devices.get('w1-02-scale')!);
    const path = join(folder, 'scale');
    await using _pty = await openPty(path, served.port);
    const port = new SerialPort({ path, baudRate: 9600 });
    await once(port, 'open');
    port.write('SI\r\n');
    let text = '';
    while (!text.includes('\r\n')) text += String((await once(port, 'data'))[0]);
    assert.match(text, /^S [SD] +\d+\.\d g\r\n$/);
    await new Promise((done) => port.close(done));
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives pictures over HTTP and lends a hand', async () => {
    const of = simulated();
    const building = facility(demo.site, demo.layout, clock);
    await using door = await openStageDoor({ hospital: of, facility: building, now: clock.now }, { host: '127.0.0.1', port: 0 });
    const url = `http://127.0.0.1:${door.port}`;
    const picture = await fetch(`${url}/camera/w1-03-camera.jpg`);
    const bytes = new Uint8Array(await picture.arrayBuffer());
    assert.deepEqual([picture.status, bytes[0], bytes[1]], [200, 0xff, 0xd8]);
    assert.equal((await fetch(`${url}/camera/none.jpg`)).status, 404);
    assert.equal((await fetch(`${url}/hand/line/w1/03/1/take_away?seconds=60`, { method: 'POST' })).status, 200);
    assert.equal(of.lines.get('w1/03/1')?.phase, 'no_bag');
    const wrong = await fetch(`${url}/hand/line/w1/03/1/explode`, { method: 'POST' });
    assert.deepEqual([wrong.status, await wrong.json()], [404, { because: 'no deed explode' }]);
  });
});

const schemas = join(import.meta.dirname, '../../../shared/data/vda5050-schemas');
const schemaFiles: Record<string, string> = {
  state: '2.0.0/state.schema',
  connection: '2.0.0-branch/connection.schema',
  visualization: '2.0.0-branch/visualization.schema',
  factsheet: '2.0.0-branch/factsheet.schema',
};

describe('simulated robots, lifts and doors on the broker', { timeout: 60_000 }, () => {
  it('a foreign master drives a robot through two floors; every message fits the official schema', async (t) => {
    if (!existsSync(schemas)) t.diagnostic('the VDA 5050 schemas are not on this machine: messages are not checked against them');
    const checks = new Map(
      Object.entries(existsSync(schemas) ? schemaFiles : {}).map(([name, file]) => [
        name,
        Compile(JSON.parse(readFileSync(join(schemas, file), 'utf8'))),
      ]),
    );
    const robot = demo.site.robots![0]!;
    const site = { ...demo.site, robots: [robot] };
    await using broker = await startTestBroker({ site });
    const shell = { clock, log: silentLog() };
    const building = facility(site, demo.layout, clock);
    await using facilityBus = await connectBus(broker.busOf(userNameOf('facility', 'main')), shell);
    using _facility = await runFacility(building, facilityBus, shell.log);

    // The master is a plain MQTT client with fleet's rights.
    const master = await connectAsync(broker.url, { ...toMqtt(broker.credential('service.fleet')), clientId: 'service.fleet:foreign' });
    await using fleetBus = await connectBus(broker.busOf('service.fleet'), shell);
    const base = `uagv/v2/wardline/${robot.adapter.serialNumber}`;
    const last = new Map<string, Record<string, never>>();
    const problems: string[] = [];
    master.on('message', (topic, payload) => {
      const name = topic.split('/').at(-1)!;
      const message = JSON.parse(payload.toString());
      last.set(name, message);
      const check = checks.get(name);
      if (check && !check.Check(message)) problems.push(`${name}: ${JSON.stringify(check.Errors(message)[1]).slice(0, 500)}`);
    });
    await master.subscribeAsync(Object.keys(schemaFiles).map((name) => `${base}/${name}`));
    const robots = await startRobots(site, demo.layout, building, (user) => broker.busOf(user), shell);
    await until(() => last.get('state') && last.get('factsheet') && last.get('visualization'), 'first messages');
    assert.equal(last.get('connection')?.connectionState, 'ONLINE');

    let headerId = 0;
    const send = (name: 'order' | 'instantActions', body: object) =>
      master.publishAsync(
        `${base}/${name}`,
        JSON.stringify({
          headerId: headerId++,
          timestamp: new Date().toISOString(),
          version: '2.0.0',
          manufacturer: 'wardline',
          serialNumber: robot.adapter.serialNumber,
          ...body,
        }),
      );
    // From its charger to the lift, up, and out: nodes of the layout.
    const way = ['F1-core.charger1', 'F1.E0020', 'F1.E0005', 'F1.W0005'];
    const lobby = ['F1.L1.queue', 'F1.L1.cabin', 'F2.L1.cabin', 'F2.L1.exit'];
    const places = new Map(
      demo.layout!.layouts.flatMap((floor) => floor.nodes.map((n) => [n.nodeId, { ...n.nodePosition, mapId: n.mapId! }] as const)),
    );
    const order = (names: string[], update: number, firstSequence: number, released: number, actions: object[] = []) => ({
      orderId: 'o1',
      orderUpdateId: update,
      nodes: names.map((nodeId, i) => ({
        nodeId,
        sequenceId: firstSequence + 2 * i,
        released: i < released,
        nodePosition: places.get(nodeId)!,
        actions: i === names.length - 1 ? actions : [],
      })),
      edges: names.slice(1).map((to, i) => ({
        edgeId: `${names[i]}>${to}`,
        sequenceId: firstSequence + 2 * i + 1,
        released: i + 1 < released,
        startNodeId: names[i],
        endNodeId: to,
        actions: [],
      })),
    });
    for (const name of [...way, ...lobby]) assert.ok(places.has(name), name);
    // The road of the test need not be a lane: the robot drives what it is ordered to.
    await send('order', order([way[0]!, way[1]!, lobby[0]!, ...lobby.slice(1)], 0, 0, 3));
    const state = () =>
      last.get('state') as unknown as {
        lastNodeId: string;
        newBaseRequest: boolean;
        nodeStates: unknown[];
        actionStates: { actionId: string; actionStatus: string }[];
        agvPosition: { mapId: string };
      };
    await until(() => state().lastNodeId === lobby[0] && state().newBaseRequest, 'the robot waits before the lift', 30_000);

    const drop = { actionId: 'a1', actionType: 'drop', blockingType: 'HARD', actionParameters: [{ key: 'duration', value: 1 }] };
    await send('order', order(lobby, 1, 4, 4, [drop]));
    let lift: LiftState | undefined;
    await fleetBus.subscribe('liftState', { lift: 'L1' }, (message) => {
      lift = message;
    });
    const call = (floor: string) =>
      fleetBus.publish(
        'liftRequest',
        { lift: 'L1' },
        { schema: 'lift-request.v1', lift: 'L1', session: robot.id, verb: 'call', floor, at: clock.now() },
      );
    await call('F1');
    await until(() => state().lastNodeId === 'F1.L1.cabin', 'the robot is in the lift', 30_000);
    assert.equal(lift?.session, robot.id);
    await call('F2');
    await until(() => state().agvPosition.mapId === 'F2', 'the robot is on the other floor', 30_000);
    await until(
      () => state().actionStates.some((a) => a.actionId === 'a1' && a.actionStatus === 'FINISHED'),
      'the drop has finished',
      30_000,
    );
    assert.deepEqual([state().lastNodeId, state().nodeStates], ['F2.L1.exit', []]);

    await send('instantActions', { instantActions: [{ actionId: 'p1', actionType: 'startPause', blockingType: 'HARD' }] });
    await until(() => (last.get('state') as unknown as { paused: boolean }).paused, 'paused by the key of the 2.0.0 schema');
    await send('instantActions', { actions: [{ actionId: 'c1', actionType: 'cancelOrder', blockingType: 'HARD' }] });
    await until(() => state().actionStates.some((a) => a.actionId === 'c1' && a.actionStatus === 'FAILED'), 'nothing to cancel is said');
    await master.publishAsync(`${base}/order`, '{"nodes":');
    await until(() => JSON.stringify(last.get('state')).includes('validationError'), 'a broken order is refused');
    await robots[Symbol.asyncDispose]();
    await until(() => last.get('connection')?.connectionState === 'OFFLINE', 'the robot says good-bye');
    assert.deepEqual(problems, []);
    await master.endAsync();
  });

  it('opens a door when asked on the bus', async () => {
    await using broker = await startTestBroker({ site: demo.site });
    const shell = { clock, log: silentLog() };
    await using facilityBus = await connectBus(broker.busOf(userNameOf('facility', 'main')), shell);
    using _facility = await runFacility(facility(demo.site, demo.layout, clock), facilityBus, shell.log);
    await using fleetBus = await connectBus(broker.busOf('service.fleet'), shell);
    const states = new Map<string, DoorState>();
    await fleetBus.subscribe('doorState', {}, (message) => {
      if (message) states.set(message.door, message);
    });
    await until(() => states.size === demo.site.doors!.length, 'all doors have spoken');
    const door = 'door-w1-r01';
    assert.equal(states.get(door)?.state, 'closed');
    await fleetBus.publish('doorRequest', { door }, { schema: 'door-request.v1', door, session: 'd01', verb: 'open', at: clock.now() });
    await until(() => states.get(door)?.state === 'open', 'the door opens');
  });
});

const toMqtt = ({ user, secret }: { user: string; secret: string }) => ({ username: user, password: secret });
