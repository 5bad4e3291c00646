import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { channels } from '#contracts/channels.ts';
import { filterOf, topicOf } from '#contracts/topics.ts';
import { systemClock } from '#runtime/clock.ts';
import { connectMqtt, type MqttConnection } from '#runtime/mqtt-connection.ts';
import { smallSite } from '#tests/broker-fixture.ts';
import { type BrokerProcess, startBrokerProcess } from '#tests/broker-process.ts';
import { logIn } from '#tests/mqtt-peer.ts';

const EDGES = ['e1', 'e2', 'e3', 'e4'];
const site = { ...smallSite, edges: EDGES.map((id) => ({ id, ward: 'w1' })) };
const filter = filterOf(channels.readings, site.site);

function connect(
  broker: BrokerProcess,
  user: string,
  isDurable: boolean,
  onText: (text: string) => void = () => undefined,
): MqttConnection {
  return connectMqtt({
    url: broker.url,
    clientId: user,
    username: user,
    password: broker.secretOf(user),
    clean: !isDurable,
    clock: systemClock,
    onMessage(packet, acknowledge) {
      onText(packet.payload.toString());
      acknowledge();
    },
    onState: () => undefined,
  });
}

async function until(what: string, isSo: () => boolean, timeoutMs = 20_000): Promise<void> {
  for (const end = performance.now() + timeoutMs; !isSo(); await pause(20))
    if (performance.now() > end) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
}

/** First arrivals of each edge's numbers; a repetition is allowed, a swap is not. */
function inbox() {
  const seen = new Map<string, Set<number>>(EDGES.map((edge) => [edge, new Set()]));
  const swapped: string[] = [];
  return {
    swapped,
    take(text: string) {
      const [edge = '', number = ''] = text.split(' ');
      const of = seen.get(edge)!;
      const isNew = !of.has(Number(number));
      of.add(Number(number));
      if (isNew && of.size !== Number(number) + 1) swapped.push(text);
    },
    get count() {
      return [...seen.values()].reduce((sum, of) => sum + of.size, 0);
    },
    has: (edge: string, number: number) => seen.get(edge)!.has(number),
  };
}

test('kill -9 under load: nothing acknowledged is lost, order is kept, for those present and those away', { timeout: 60_000 }, async () => {
  await using broker = await startBrokerProcess({ site });
  const present = inbox();
  await using watch = connect(broker, 'service.watch', true, present.take);
  await watch.subscribe(filter, 1);
  {
    await using away = connect(broker, 'service.history', true);
    await away.subscribe(filter, 1);
  }
  const acknowledged: [string, number][] = [];
  let sent = 0;
  let isOver = false;
  const senders = EDGES.map(async (edge) => {
    await using connection = connect(broker, `edge.${edge}`, false);
    const topic = topicOf(channels.readings, site.site, { ward: 'w1', edge });
    const open: Promise<unknown>[] = [];
    for (let number = 0; !isOver; number++) {
      sent++;
      open.push(connection.publish(topic, `${edge} ${number}`, 1, false).then(() => acknowledged.push([edge, number])));
      if (number % 10 === 9) await pause(20);
    }
    await Promise.all(open);
  });
  for (let kills = 0; kills < 3; kills++) {
    const [before, had] = [acknowledged.length, present.count];
    await until('traffic', () => acknowledged.length > before + 200 && present.count > had + 200);
    await broker.kill();
    await broker.start();
  }
  isOver = true;
  await Promise.all(senders);
  assert.equal(acknowledged.length, sent);
  assert.ok(sent > 1000, `${sent}`);
  await until('everything reached who was there', () => present.count === sent);

  const late = inbox();
  await using history = connect(broker, 'service.history', true, late.take);
  await until('everything reached who was away', () => late.count === sent);
  assert.deepEqual(
    acknowledged.filter(([edge, number]) => !present.has(edge, number) || !late.has(edge, number)),
    [],
  );
  assert.deepEqual([present.swapped, late.swapped], [[], []]);
  assert.ok(history.isConnected);
});

test('after kill -9 retained messages and sessions are there again within a second', { timeout: 60_000 }, async () => {
  await using broker = await startBrokerProcess({ site });
  const credential = (user: string) => ({ user, secret: broker.secretOf(user) });
  const statusOf = (edge: string) => topicOf(channels.edgeStatus, site.site, { ward: 'w1', edge });
  const publish = (topic: string, text: string, messageId: number, more: object = {}) =>
    ({ cmd: 'publish', topic, payload: Buffer.from(text), qos: 1, retain: false, dup: false, messageId, ...more }) as const;
  {
    using history = await logIn(broker.url, { ...credential('service.history'), clean: false });
    history.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] });
    await history.next('suback');
    using edge = await logIn(broker.url, { ...credential('edge.e1') });
    edge.send(publish(statusOf('e1'), 'first', 1, { retain: true }));
    edge.send(publish(statusOf('e1'), 'second', 2, { retain: true }));
    await edge.next('puback');
    await edge.next('puback');
    using other = await logIn(broker.url, { ...credential('edge.e2') });
    other.send(publish(statusOf('e2'), 'x', 1, { retain: true }));
    other.send(publish(statusOf('e2'), '', 2, { retain: true }));
    await other.next('puback');
    await other.next('puback');
    history.socket.pause();
    edge.send(publish(topicOf(channels.readings, site.site, { ward: 'w1', edge: 'e1' }), 'kept', 3));
    await edge.next('puback');
  }
  await broker.kill();
  const startedAt = performance.now();
  await broker.start();
  const readyAt = performance.now();
  using history = await logIn(broker.url, { ...credential('service.history'), clean: false });
  assert.equal(history.connack.sessionPresent, true);
  assert.equal((await history.next('publish')).payload.toString(), 'kept');
  history.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: filterOf(channels.edgeStatus, site.site), qos: 1 }] });
  const retained = await history.next('publish');
  assert.deepEqual([retained.payload.toString(), retained.retain], ['second', true]);
  const seconds = (performance.now() - readyAt) / 1000;
  assert.ok(seconds < 1, `${seconds} s after the broker was ready, which took ${(readyAt - startedAt) / 1000} s`);
  await pause(100);
  const others = history.received.filter((packet) => packet.cmd === 'publish' && packet.payload.toString() === 'x');
  assert.deepEqual(others, [], 'what was withdrawn stays withdrawn');
});

test('the will of a client that does not come back after the crash of the broker is published', { timeout: 60_000 }, async () => {
  await using broker = await startBrokerProcess({ site });
  const topic = topicOf(channels.edgeStatus, site.site, { ward: 'w1', edge: 'e1' });
  const will = { topic, payload: Buffer.from('lost'), qos: 1, retain: true } as const;
  using edge = await logIn(broker.url, { user: 'edge.e1', secret: broker.secretOf('edge.e1'), will });
  await pause(100);
  await broker.kill();
  await edge.closed;
  await broker.start();
  using watch = await logIn(broker.url, { user: 'service.watch', secret: broker.secretOf('service.watch') });
  watch.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });
  assert.equal((await watch.next('publish', 25_000)).payload.toString(), 'lost');
});
