import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '#contracts/access.ts';
import { channels } from '#contracts/channels.ts';
import { filterOf, topicOf } from '#contracts/topics.ts';
import { checkPublish, checkSubscribe, checkWill, isFilter } from './authorize.ts';
import { defaultBounds as bounds } from './bounds.ts';
import { rightsOf } from './rights.ts';

const SITE = 'h1';
const rights = (principal: Principal) => rightsOf(principal, SITE, 100);
const edge = rights({ kind: 'edge', user: 'edge.e1', edge: 'e1', ward: 'w1' });
const flows = rights({ kind: 'service', user: 'service.flows', service: 'flows' });
const fleet = rights({ kind: 'service', user: 'service.fleet', service: 'fleet' });
const robot = rights({ kind: 'robot', user: 'robot.r1', interfaceName: 'uagv', major: 'v2', manufacturer: 'acme', serialNumber: '1' });
const payload = Buffer.from('{}');
const readings = topicOf(channels.readings, SITE, { ward: 'w1', edge: 'e1' });
const none = new Set<string>();

const because = (verdict: ReturnType<typeof checkPublish>) => (verdict.ok ? 'allowed' : verdict.because);

test('an edge publishes its own topics only', () => {
  assert.equal(because(checkPublish(edge, { topic: readings, payload, qos: 1, retain: false }, bounds)), 'allowed');
  for (const params of [
    { ward: 'w1', edge: 'e2' },
    { ward: 'w2', edge: 'e1' },
  ])
    assert.match(
      because(checkPublish(edge, { topic: topicOf(channels.readings, SITE, params), payload, qos: 1, retain: false }, bounds)),
      /may not publish/,
    );
  assert.match(
    because(checkPublish(edge, { topic: topicOf(channels.duty, SITE, { ward: 'w1' }), payload, qos: 1, retain: true }, bounds)),
    /may not publish/,
  );
  assert.match(because(checkPublish(edge, { topic: '$SYS/x', payload, qos: 1, retain: false }, bounds)), /may not publish/);
});

test("QoS and retain flag are the channel's; a last unretained word is allowed", () => {
  assert.match(
    because(checkPublish(edge, { topic: readings, payload, qos: 0, retain: false }, bounds)),
    /QoS 0: readings is published with QoS 1/,
  );
  assert.match(because(checkPublish(edge, { topic: readings, payload, qos: 2, retain: false }, bounds)), /QoS 2/);
  assert.match(because(checkPublish(edge, { topic: readings, payload, qos: 1, retain: true }, bounds)), /not retained/);
  const status = topicOf(channels.edgeStatus, SITE, { ward: 'w1', edge: 'e1' });
  for (const retain of [true, false])
    assert.equal(because(checkPublish(edge, { topic: status, payload, qos: 1, retain }, bounds)), 'allowed');
});

test('payloads are bounded, those of commands and readings more widely', () => {
  const big = Buffer.alloc(300_000, 32);
  const status = topicOf(channels.edgeStatus, SITE, { ward: 'w1', edge: 'e1' });
  assert.equal(because(checkPublish(edge, { topic: readings, payload: big, qos: 1, retain: false }, bounds)), 'allowed');
  assert.match(because(checkPublish(edge, { topic: status, payload: big, qos: 1, retain: true }, bounds)), /300000 bytes: at most 262144/);
  const topic = topicOf(channels.command, SITE, { service: 'records', verb: 'admit' });
  const command = (bytes: number) => Buffer.from(JSON.stringify({ caller: 'service.flows', args: 'x'.repeat(bytes) }));
  assert.equal(because(checkPublish(flows, { topic, payload: command(300_000), qos: 1, retain: false }, bounds)), 'allowed');
  assert.match(because(checkPublish(flows, { topic, payload: command(1_300_000), qos: 1, retain: false }, bounds)), /at most 1200000/);
});

test('nobody asks in the name of another', () => {
  const topic = topicOf(channels.command, SITE, { service: 'records', verb: 'admit' });
  const ask = (text: string) => because(checkPublish(flows, { topic, payload: Buffer.from(text), qos: 1, retain: false }, bounds));
  assert.equal(ask('{"caller":"service.flows"}'), 'allowed');
  assert.match(ask('{"caller":"service.console"}'), /must be service.flows/);
  assert.match(ask('{}'), /caller nobody/);
  assert.match(ask('null'), /caller nobody/);
  assert.match(ask('{'), /not JSON/);
  const forbidden = topicOf(channels.command, SITE, { service: 'alarms', verb: 'acknowledge' });
  assert.match(
    because(checkPublish(flows, { topic: forbidden, payload: Buffer.from('{"caller":"service.flows"}'), qos: 1, retain: false }, bounds)),
    /may not publish/,
  );
});

test('a careless vehicle is heard: any QoS, and its retain flag dropped where it must not be', () => {
  const own = { interfaceName: 'uagv', major: 'v2', manufacturer: 'acme', serialNumber: '1' };
  for (const qos of [0, 1, 2])
    assert.deepEqual(checkPublish(robot, { topic: topicOf(channels.vdaState, SITE, own), payload, qos, retain: true }, bounds), {
      ok: true,
      retain: false,
    });
  for (const retain of [true, false])
    assert.deepEqual(checkPublish(robot, { topic: topicOf(channels.vdaConnection, SITE, own), payload, qos: 1, retain }, bounds), {
      ok: true,
      retain,
    });
  const other = topicOf(channels.vdaState, SITE, { ...own, serialNumber: '2' });
  assert.match(because(checkPublish(robot, { topic: other, payload, qos: 0, retain: false }, bounds)), /may not publish/);
});

test('broken topics are refused', () => {
  for (const topic of ['a\0b', 'a�b', 'a/+', 'a/#', `x/${'y'.repeat(600)}`])
    assert.notEqual(because(checkPublish(edge, { topic, payload, qos: 1, retain: false }, bounds)), 'allowed');
});

test('a subscription no wider than the right is granted', () => {
  const allowed = (filter: string, of = flows, held: ReadonlySet<string> = none) => checkSubscribe(of, filter, held, bounds).ok;
  assert.ok(allowed(filterOf(channels.finding, SITE)));
  assert.ok(allowed(filterOf(channels.finding, SITE, { ward: 'w1' })));
  assert.ok(allowed(topicOf(channels.reply, SITE, { client: 'service.flows' })));
  assert.ok(!allowed(topicOf(channels.reply, SITE, { client: 'service.console' })));
  assert.ok(!allowed(filterOf(channels.reply, SITE)));
  for (const filter of ['#', '+/#', '$SYS/#', '$share/g/x', filterOf(channels.readings, SITE), `${filterOf(channels.duty, SITE)}/#`])
    assert.ok(!allowed(filter), filter);
  assert.ok(allowed(filterOf(channels.vdaState, SITE), fleet));
  assert.ok(!allowed(filterOf(channels.vdaOrder, SITE), robot), 'a robot reads its own orders only');
  const full = new Set(Array.from({ length: bounds.serviceSubscriptionsMax }, (_, i) => `f${i}`));
  assert.ok(!allowed(filterOf(channels.finding, SITE), flows, full));
});

test('filters are well formed', () => {
  for (const filter of ['a', 'a/+/b', '+', '#', 'a/#', '/', '+/+']) assert.ok(isFilter(filter), filter);
  for (const filter of ['', 'a+', '+a', 'a/#/b', 'a#', '#a', 'a\0']) assert.ok(!isFilter(filter), filter);
});

test('a will obeys the right to publish', () => {
  const status = topicOf(channels.edgeStatus, SITE, { ward: 'w1', edge: 'e1' });
  assert.ok(checkWill(edge, { topic: status, payload, qos: 1, retain: true }, bounds).ok);
  for (const will of [
    { topic: status, payload, qos: 3, retain: true },
    { topic: status, payload, qos: 2, retain: true },
    { topic: filterOf(channels.edgeStatus, SITE), payload, qos: 1, retain: true },
    { topic: topicOf(channels.edgeStatus, SITE, { ward: 'w1', edge: 'e2' }), payload, qos: 1, retain: true },
  ])
    assert.ok(!checkWill(edge, will, bounds).ok, JSON.stringify(will));
});
