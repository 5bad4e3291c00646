import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import helper from 'node-red-node-test-helper';
import type { Finding } from '#contracts/findings.ts';
import { milliseconds } from '#contracts/units.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { type ArgsOf, openRequester, Refusal, serveCommands } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import { smallSite, startTestBroker } from '#tests/broker-fixture.ts';
import type { FlowsHouse } from '../flows-house.ts';
import { openSentOnce } from '../sent-once.ts';
import { openWardFeed } from '../ward-feed.ts';
import alarmEvents from './alarm-events/alarm-events.ts';
import type { FlowMessage, FlowNode, NodeRed } from './define-node.ts';
import dispatchRobot from './dispatch-robot/dispatch-robot.ts';
import findings from './findings/findings.ts';
import locationEvents from './location-events/location-events.ts';
import markBed from './mark-bed/mark-bed.ts';
import missionEvents from './mission-events/mission-events.ts';
import raiseAlarm from './raise-alarm/raise-alarm.ts';
import recordEvents from './record-events/record-events.ts';

const site = {
  ...smallSite,
  pharmacyStation: 'pharmacy',
  wards: smallSite.wards.map((ward) => ({
    ...ward,
    beds: ward.beds.map((bed) => ({ ...bed, station: `st-${bed.id}`, zone: `z-${bed.id}` })),
  })),
};
const at = () => systemClock.now();

/** Every node in a real Node-RED, on a real broker; the other services answer at their end of the bus. */
describe('nodes in Node-RED', () => {
  const open = new AsyncDisposableStack();
  const raised: ArgsOf<'raise'>[] = [];
  const sent: ArgsOf<'sendRobot'>[] = [];
  const marked: string[] = [];
  let watch: Bus;
  let records: Bus;
  let refuseRaise: Refusal | undefined;

  before(async () => {
    const broker = open.use(await startTestBroker({ site }));
    const connect = async (service: string, connectionName?: string) =>
      open.use(
        await connectBus(broker.busOf(`service.${service}`, connectionName ? { connectionName } : {}), {
          clock: systemClock,
          log: silentLog(),
        }),
      );
    watch = await connect('watch');
    records = await connect('records');
    const alarms = await connect('alarms');
    const fleet = await connect('fleet');
    await serveCommands(
      alarms,
      'alarms',
      {
        raise(args: ArgsOf<'raise'>) {
          if (refuseRaise) throw refuseRaise;
          raised.push(args);
          return { alarm: `a${raised.length}` };
        },
      } as never,
      silentLog(),
    );
    await serveCommands(
      fleet,
      'fleet',
      { sendRobot: (args: ArgsOf<'sendRobot'>) => ({ mission: `m${sent.push(args)}` }) } as never,
      silentLog(),
    );
    await serveCommands(
      records,
      'records',
      {
        bedCleaned({ bed }: { bed: string }) {
          marked.push(`${bed} cleaned`);
          return {};
        },
        bedCleaning() {
          throw new Refusal('somebody lies in bed b1');
        },
      } as unknown as never,
      silentLog(),
    );
    const flows = await connect('flows');
    const { request } = await openRequester(flows);
    const { feed, subscribed } = openWardFeed(flows, await connect('flows', 'quick'));
    await subscribed;
    feed.begin();
    const wardline: FlowsHouse = { site, feed, sentOnce: open.use(openSentOnce(':memory:')), clock: systemClock, request };
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    helper.settings({ wardline });
    await new Promise<void>((done) => helper.startServer(done));
    open.defer(() => new Promise<void>((done) => helper.stopServer(done)));
  });
  afterEach(() => helper.unload());
  after(() => open.disposeAsync());

  let caught: FlowMessage[] = [];
  const catcher = (RED: NodeRed) =>
    RED.nodes.registerType('catcher', function (this: FlowNode, config) {
      RED.nodes.createNode(this, config);
      this.on('input', (message, _, done) => {
        caught.push(message);
        done();
      });
    });
  const nodes = [catcher, findings, raiseAlarm, alarmEvents, dispatchRobot, missionEvents, locationEvents, recordEvents, markBed];
  /** Loads one node wired to a catcher; gives the next message that comes out. */
  async function load(node: Record<string, unknown>) {
    caught = [];
    await helper.load(nodes, [
      { id: 'flow', type: 'tab' },
      { id: 'n', z: 'flow', wires: [['out']], ...node },
      { id: 'out', z: 'flow', type: 'catcher' },
    ]);
    return {
      receive: (payload: unknown) => helper.getNode('n').receive({ payload }),
      async next(count = 1) {
        for (const end = performance.now() + 5000; caught.length < count; await sleep(systemClock, milliseconds(10)))
          assert.ok(performance.now() < end, `only ${caught.length} of ${count} messages came out`);
        return caught[count - 1]!;
      },
    };
  }
  const finding = (change: Partial<Finding> = {}): Finding => ({
    schema: 'finding.v1',
    ward: 'w1',
    kind: 'near_empty',
    subject: 'b1.l1',
    bed: 'b1',
    line: 'l1',
    isPresent: true,
    occurrence: 1,
    since: at(),
    at: at(),
    evidence: [],
    ...change,
  });

  it('findings: tells what begins, and after a redeploy what is so', async () => {
    const first = await load({ type: 'findings', kinds: ['near_empty'] });
    await watch.publish('finding', { ward: 'w1', kind: 'near_empty', subject: 'b1.l1' }, finding());
    const message = await first.next();
    assert.deepEqual([message.topic, message.isReplay], ['w1/near_empty/b1.l1', false]);
    await helper.unload();
    await helper.unload();
    const again = await load({ type: 'findings', ward: 'w1' });
    assert.equal((await again.next()).isReplay, true);
  });

  it('raise alarm: decides with the form, passes the message on, and lets a refusal be', async () => {
    const node = await load({ type: 'raise alarm', priority: 'high', route: ['ward'], onDelaySeconds: '' });
    node.receive(finding());
    assert.equal((await node.next()).alarm, 'a1');
    assert.deepEqual(raised.at(-1), { ward: 'w1', kind: 'near_empty', subject: 'b1.l1', occurrence: 1, priority: 'high', route: ['ward'] });
    node.receive(finding({ isPresent: false }));
    refuseRaise = new Refusal('the finding has ended');
    node.receive(finding({ occurrence: 2 }));
    await sleep(systemClock, milliseconds(100));
    refuseRaise = undefined;
    node.receive(finding({ occurrence: 3 }));
    assert.equal((await node.next(2)).alarm, 'a2');
    assert.equal(raised.at(-1)?.occurrence, 3);
  });

  it('raise alarm: a payload that is no finding is an error of the message, not of the process', async () => {
    const node = await load({ type: 'raise alarm' });
    const failed = once(helper.getNode('n') as never, 'call:error');
    node.receive({ ward: 'w1' });
    const [call] = (await failed) as [{ firstArg: Error }];
    assert.match(String(call.firstArg), /payload is no finding/);
  });

  it('a form that cannot be used is said at the node and starts nothing', async () => {
    const node = await load({ type: 'raise alarm', priority: 'urgent' });
    node.receive(finding());
    await sleep(systemClock, milliseconds(100));
    assert.equal(caught.length, 0);
  });

  it('dispatch robot: one robot for an order, however often it is asked', async () => {
    await records.publish(
      'order',
      { ward: 'w1', bed: 'b1', line: 'l1' },
      {
        schema: 'order.v1',
        order: 'o1',
        ward: 'w1',
        bed: 'b1',
        line: 'l1',
        state: 'running',
        label: 'NaCl 0.9 %',
        volumeMl: 500 as never,
        rateMlPerHour: 100 as never,
        delivery: 'gravity',
        at: at(),
      },
    );
    await sleep(systemClock, milliseconds(100));
    const node = await load({ type: 'dispatch robot', kind: 'delivery', oncePer: 'order', load: 'next bag for bed' });
    node.receive(finding());
    assert.equal((await node.next()).mission, 'm1');
    node.receive(finding({ occurrence: 2 }));
    await sleep(systemClock, milliseconds(100));
    assert.deepEqual(
      sent.map(({ from, to, key }) => [from, to, key]),
      [['pharmacy', 'st-b1', 'delivery/o1']],
    );
  });

  it('mark bed: tells the records, and lets out nothing when they refuse', async () => {
    const cleaned = await load({ type: 'mark bed', state: 'cleaned' });
    cleaned.receive({ ward: 'w1', bed: 'b1' });
    await cleaned.next();
    assert.deepEqual(marked, ['b1 cleaned']);
    await helper.unload();
    const cleaning = await load({ type: 'mark bed', state: 'cleaning' });
    cleaning.receive({ ward: 'w1', bed: 'b1' });
    await sleep(systemClock, milliseconds(100));
    assert.equal(caught.length, 0);
  });

  it('record, mission, location and alarm events come out as they happen', async () => {
    const bed = await load({ type: 'record events', record: 'occupancy', state: 'discharged' });
    await records.publish(
      'occupancy',
      { ward: 'w1', bed: 'b2' },
      { schema: 'occupancy.v1', ward: 'w1', bed: 'b2', state: 'discharged', at: at() },
    );
    assert.deepEqual([(await bed.next()).topic, caught[0]?.event], ['w1/b2', 'discharged']);
    await helper.unload();
    const tag = await load({ type: 'location events', event: 'entered', zone: 'z-b1' });
    await watch.publish(
      'location',
      { tag: 't1' },
      { schema: 'location.v1', tag: 't1', kind: 'patient', zone: 'z-b1', ward: 'w1', since: at(), seenAt: at(), at: at() },
    );
    assert.equal((await tag.next()).topic, 't1');
  });
});

it('every node has a shell of three lines, a form and help in both languages', () => {
  const folder = import.meta.dirname;
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'words');
  assert.ok(names.length >= 8);
  for (const { name } of names) {
    const files = readdirSync(join(folder, name));
    for (const suffix of ['js', 'html', 'ts', 'test.ts'])
      if (name !== 'mark-bed' || suffix !== 'test.ts') assert.ok(files.includes(`${name}.${suffix}`), `${name}.${suffix}`);
    assert.ok(readdirSync(join(folder, '..', 'locales', 'zh-CN', name)).includes(`${name}.html`));
  }
});
