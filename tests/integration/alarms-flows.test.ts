import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import type { Alarm } from '#contracts/alarms.ts';
import type { Finding } from '#contracts/findings.ts';
import { millilitres, millilitresPerHour, milliseconds } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import type { Bus } from '#runtime/bus.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { type ArgsOf, openRequester, type Requester, serveCommands } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import { startHouse, type TestHouse, until } from '../house.ts';

const now = () => systemClock.now();
const wait = (ms: number) => sleep(systemClock, milliseconds(ms));

/** How much slower than it should this machine is just now: an empty process starts within 150 ms where there is a core for it. */
function slowness(): number {
  const from = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return Math.max(1, (performance.now() - from) / 150);
}

/** Real broker, ledger and Node-RED under the supervisor; the test stands for watch, records, fleet and console at their ends of the bus. */
describe('alarms and flows', () => {
  let house: TestHouse;
  let watch: Bus;
  let records: Bus;
  let fleet: Bus;
  let nurse: Requester;
  const heard: Alarm[] = [];
  const arrivals = new Map<string, number>();
  const sent: ArgsOf<'sendRobot'>[] = [];
  const marked: string[] = [];
  let count = 0;

  before(async () => {
    house = await startHouse({ only: ['broker', 'alarms', 'flows'], isSimulated: false });
    watch = await house.bus('service.watch');
    records = await house.bus('service.records');
    fleet = await house.bus('service.fleet');
    const screen = await house.bus('service.console');
    nurse = await openRequester(screen);
    await screen.subscribe('alarm', {}, (alarm) => {
      if (!alarm || heard.some((known) => known.alarm === alarm.alarm && known.revision === alarm.revision)) return;
      heard.push(alarm);
      if (!arrivals.has(alarm.subject)) arrivals.set(alarm.subject, performance.now());
    });
    const robots = { sendRobot: (args: ArgsOf<'sendRobot'>) => ({ mission: `m${sent.push(args)}` }) };
    await serveCommands(fleet, 'fleet', robots as never, silentLog());
    const beds = {
      bedCleaned({ bed }: { bed: string }) {
        marked.push(`${bed} cleaned`);
        return {};
      },
    };
    await serveCommands(records, 'records', beds as never, silentLog());
  });
  after(() => house?.[Symbol.asyncDispose]());

  const say = async (kind: Finding['kind'], subject: string, change: Partial<Finding> = {}) => {
    const finding: Finding = {
      schema: 'finding.v1',
      ward: 'w1',
      kind,
      subject,
      isPresent: true,
      occurrence: 1,
      since: now(),
      at: now(),
      evidence: [],
      ...change,
    };
    const params = { ward: finding.ward, kind, subject };
    await (finding.isPresent ? watch.publish('finding', params, finding) : watch.retract('finding', params, finding));
    return finding;
  };
  const raisedFor = (subject: string, timeoutMs = 5000) =>
    until(() => heard.find((alarm) => alarm.subject === subject), `an alarm for ${subject}`, timeoutMs);
  const editor = async (method: 'GET' | 'POST', body?: unknown) => {
    const { host, port } = house.settings.flows;
    const token = readFileSync(join(house.settings.dataDir, 'flows', 'proxy-token'), 'utf8').trim();
    return fetch(`http://${host}:${port}/flows/flows`, {
      method,
      headers: {
        'x-wardline-flows-token': token,
        'x-wardline-user': 'engineer',
        'content-type': 'application/json',
        'node-red-deployment-type': 'full',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };

  it('a flow decides within milliseconds; the alarm is acknowledged once and ends with its condition', async () => {
    const before = performance.now();
    const finding = await say('occlusion', '01.1');
    const alarm = await raisedFor('01.1');
    assert.equal(alarm.decidedBy, 'flow');
    assert.ok(arrivals.get('01.1')! - before < 500, `took ${arrivals.get('01.1')! - before} ms`);
    assert.deepEqual([alarm.priority, alarm.annunciation, alarm.route], ['high', 'on', ['nurse', 'charge_nurse', 'ward']]);

    await assert.rejects(nurse.request('acknowledge', { alarm: alarm.alarm, occurrence: 7 }, { person: 'nurse' }), /occurrence 7/);
    await nurse.request('acknowledge', { alarm: alarm.alarm, occurrence: 1 }, { person: 'nurse' });
    await until(
      () => heard.some(({ subject, acknowledgedBy }) => subject === '01.1' && acknowledgedBy === 'nurse'),
      'the answer on the bus',
    );
    await say('occlusion', '01.1', { ...finding, isPresent: false });
    await until(() => heard.some(({ subject, isClosed }) => subject === '01.1' && isClosed), 'the end after the off-delay', 8000);
    const { transitions } = await nurse.request('alarmLog', { ward: 'w1', limit: 20 });
    assert.deepEqual(
      transitions.filter(({ alarm: name }) => name === alarm.alarm).map(({ what, person }) => (person ? `${what} by ${person}` : what)),
      ['closed', 'clearing', 'acknowledged by nurse', 'raised', 'decided', 'pending'],
    );
  });

  it('a wandering patient is told to the whole ward first', async () => {
    await say('tag_left_ward', 'tag-1', { since: (now() - 60_000) as Finding['since'] });
    assert.equal((await raisedFor('tag-1')).route[0], 'ward');
  });

  it('near empty sends one robot for a running order, none without', async () => {
    const order: Order = {
      schema: 'order.v1',
      order: 'o-0301',
      ward: 'w1',
      bed: '03',
      line: '1',
      state: 'running',
      label: 'NaCl 0.9 %',
      volumeMl: millilitres(500),
      rateMlPerHour: millilitresPerHour(100),
      delivery: 'gravity',
      at: now(),
    };
    await records.publish('order', { ward: 'w1', bed: '03', line: '1' }, order);
    await wait(200);
    await say('near_empty', '03.1', { bed: '03', line: '1' });
    await say('near_empty', '04.1', { bed: '04', line: '1' });
    await until(() => sent.length > 0, 'a robot is sent');
    await say('near_empty', '03.1', { bed: '03', line: '1', occurrence: 2 });
    await wait(300);
    assert.deepEqual(
      sent.map(({ kind, from, to, key }) => [kind, from, to, key]),
      [['delivery', house.site.pharmacyStation, 'bed-w1-03', 'delivery/o-0301']],
    );
  });

  it('a discharged bed is disinfected and given free', async () => {
    await records.publish(
      'occupancy',
      { ward: 'w1', bed: '05' },
      { schema: 'occupancy.v1', ward: 'w1', bed: '05', state: 'discharged', at: now() },
    );
    const robot = await until(() => sent.find(({ kind }) => kind === 'disinfection'), 'a disinfection');
    assert.deepEqual([robot.zone, robot.bed], ['w1-r03', '05']);
    const mission = {
      schema: 'mission.v1',
      mission: 'd1',
      kind: 'disinfection',
      state: 'done',
      phases: [{ kind: 'disinfect', place: 'w1-r03', state: 'done' }],
      ward: 'w1',
      bed: '05',
      isUrgent: false,
      requestedBy: 'service.flows',
      createdAt: now(),
      revision: 5,
      at: now(),
      isClosed: true,
    } as const;
    await fleet.retract('mission', { mission: 'd1' }, { ...mission, phases: [...mission.phases] });
    await until(() => marked.includes('05 cleaned'), 'the bed is marked');
  });

  it('the editor answers nobody without the token', async () => {
    const { host, port } = house.settings.flows;
    for (const path of ['/', '/flows', '/flows/', '/flows/settings', '/flows/flows', '/flows/auth/login', '/flows/comms'])
      assert.equal((await fetch(`http://${host}:${port}${path}`)).status, 401, path);
    const forged = { 'x-wardline-user': 'engineer', 'x-wardline-flows-token': 'x'.repeat(43), 'x-wardline-admitted': 'x engineer' };
    assert.equal((await fetch(`http://${host}:${port}/flows/flows`, { method: 'POST', headers: forged, body: '[]' })).status, 401);
  });

  it('every deploy is a commit by the one who deployed', {
    skip: spawnSync('git', ['--version']).status !== 0 && 'git is not installed',
  }, async () => {
    const project = join(house.settings.dataDir, 'flows', 'project');
    const flows = (await (await editor('GET')).json()) as { id: string; name?: string }[];
    const renamed = flows.map((node) => (node.id === 'wl-raise' ? { ...node, name: 'renamed' } : node));
    assert.equal((await editor('POST', renamed)).status, 204);
    const log = () => spawnSync('git', ['-C', project, 'log', '--format=%an'], { encoding: 'utf8' }).stdout.trim().split('\n');
    await until(() => log()[0] === 'engineer', 'a commit by engineer');
    assert.equal(log().at(-1), 'wardline');
  });

  it('the editor answers the console, in the name of who is logged in', async () => {
    const { host, port } = house.settings.flows;
    const token = readFileSync(join(house.settings.dataDir, 'flows', 'proxy-token'), 'utf8').trim();
    const headers = { 'x-wardline-flows-token': token, 'x-wardline-user': 'engineer' };
    const get = (path: string, accept = 'application/json') =>
      fetch(`http://${host}:${port}/flows${path}`, { headers: { ...headers, accept } });
    assert.match(await (await get('/', 'text/html')).text(), /Wardline flows/);
    const settings = (await (await get('/settings')).json()) as { user: { username: string } };
    assert.equal(settings.user.username, 'engineer');
    const palette = await (await get('/nodes', 'text/html')).text();
    for (const type of ['findings', 'raise alarm', 'dispatch robot', 'mark bed'])
      assert.ok(palette.includes(`registerType('${type}'`), type);
    assert.ok(!palette.includes("registerType('exec'"), 'no shell from a flow');
    const words = (await (await get('/wardline/words')).json()) as { wards: string[] };
    assert.deepEqual(words.wards, ['w1', 'w2']);
    const comms = new WebSocket(`ws://${host}:${port}/flows/comms`, { headers });
    await once(comms, 'open');
    comms.send(JSON.stringify({ subscribe: 'status/#' }));
    assert.match(String((await once(comms, 'message'))[0]), /hb|status/);
    comms.close();
    const stranger = new WebSocket(`ws://${host}:${port}/flows/comms`);
    assert.match(String((await once(stranger, 'error'))[0]), /401/);
  });

  it('with every flow deleted the ledger raises the default after 2 s; a redeploy puts the flows back', async () => {
    const flows = (await (await editor('GET')).json()) as unknown[];
    assert.ok(flows.length > 5);
    assert.equal((await editor('POST', [])).status, 204);
    const before = performance.now();
    await say('occlusion', '06.1');
    const alarm = await raisedFor('06.1');
    const took = arrivals.get('06.1')! - before;
    assert.equal(alarm.decidedBy, 'default');
    assert.ok(took > 1900 && took < 2600, `took ${took} ms`);

    assert.equal((await editor('POST', flows)).status, 204);
    await say('occlusion', '07.1');
    assert.equal((await raisedFor('07.1')).decidedBy, 'flow');
  });

  it('kill -9 of the ledger in mid-stream loses no transition', async () => {
    const subjects = Array.from({ length: 200 }, () => `k.${++count}`);
    let pid = 0;
    for (const [i, subject] of subjects.entries()) {
      await say('occlusion', subject);
      if (i === 100) pid = house.kill('alarms');
    }
    await house.whenBack('alarms', pid, 10_000);
    for (const subject of subjects) await raisedFor(subject, 15_000);
    for (const subject of subjects) {
      const revisions = heard.filter((alarm) => alarm.subject === subject).map(({ revision }) => revision);
      assert.deepEqual(
        revisions,
        [...revisions.keys()].map((i) => i + 1),
        `${subject}: ${revisions}`,
      );
      assert.equal(
        new Set(heard.filter((alarm) => alarm.subject === subject).map(({ alarm }) => alarm)).size,
        1,
        `${subject} is one alarm`,
      );
    }
  });

  it('kill -9 of the flows: no ward falls silent, and they are back within 5 s with what is so', async () => {
    const robots = sent.length;
    const limitMs = 5000 * slowness();
    const killed = performance.now();
    const pid = house.kill('flows');
    await say('occlusion', 'f.1');
    await house.whenBack('flows', pid, 20_000);
    const backMs = performance.now() - killed;
    assert.ok(backMs < limitMs, `back after ${backMs} ms, of ${limitMs}`);
    await raisedFor('f.1');
    await say('occlusion', 'f.2');
    assert.equal((await raisedFor('f.2')).decidedBy, 'flow');
    await wait(300);
    assert.equal(sent.length, robots, 'what is so is seen again, and sends no second robot');
  });

  it('a service that stays down is an alarm of the house', async () => {
    const at = (now() - 10_000) as Finding['since'];
    await records.publish(
      'service',
      { service: 'records' },
      { schema: 'service.v1', service: 'records', state: 'down', because: 'gone', at },
    );
    const alarm = await raisedFor('records');
    assert.deepEqual([alarm.ward, alarm.kind, alarm.priority], ['house', 'service_lost', 'high']);
    await records.publish('service', { service: 'records' }, { schema: 'service.v1', service: 'records', state: 'up', at: now() });
    await until(() => heard.some(({ subject, condition }) => subject === 'records' && condition === 'clearing'), 'its end');
  });
});
