import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';
import { generate, type IConnectPacket, type IPublishPacket } from 'mqtt-packet';
import { generate as selfSigned } from 'selfsigned';
import { WebSocket } from 'ws';
import { startBroker } from '#broker/broker.ts';
import { openIdentities } from '#broker/identities.ts';
import { channels } from '#contracts/channels.ts';
import { filterOf, topicOf } from '#contracts/topics.ts';
import { milliseconds } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { silentLog } from '#runtime/log.ts';
import { startTestBroker, type TestBroker } from '#tests/broker-fixture.ts';
import { logIn, openPeer } from '#tests/mqtt-peer.ts';

const SITE = 'test';
const readings = topicOf(channels.readings, SITE, { ward: 'w1', edge: 'e1' });
const edgeStatus = topicOf(channels.edgeStatus, SITE, { ward: 'w1', edge: 'e1' });
const publish = (topic: string, text: string, more: Partial<IPublishPacket> = {}): IPublishPacket => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(text),
  qos: 1,
  retain: false,
  dup: false,
  messageId: 1,
  ...more,
});
const rejectedOf = (user: string) => topicOf(channels.rejected, SITE, { client: user });
const subscribed = async (peer: Awaited<ReturnType<typeof logIn>>, topic: string, qos: 0 | 1 | 2 = 1) => {
  peer.send({ cmd: 'subscribe', messageId: 77, subscriptions: [{ topic, qos }] });
  return (await peer.next('suback')).granted[0];
};
const codeOf = async (broker: TestBroker, options: Parameters<typeof logIn>[1]) => {
  using peer = await logIn(broker.url, options);
  return peer.connack.returnCode;
};

test('only the right secret, the own client id and an allowed will get in', async () => {
  await using broker = await startTestBroker();
  const edge = broker.credential('edge.e1');
  assert.equal(await codeOf(broker, edge), 0);
  assert.equal(await codeOf(broker, { ...edge, clientId: 'edge.e1:second' }), 0);
  assert.equal(await codeOf(broker, { ...edge, secret: 'wrong' }), 4);
  assert.equal(await codeOf(broker, { ...edge, secret: broker.credential('service.watch').secret }), 4);
  assert.equal(await codeOf(broker, { ...edge, username: undefined, password: undefined } as never), 4);
  assert.equal(await codeOf(broker, { ...edge, clientId: 'service.watch' }), 2);
  assert.equal(await codeOf(broker, { ...edge, protocolVersion: 5 }), 1);
  const will = { topic: edgeStatus, payload: Buffer.from('gone'), qos: 1, retain: true } as const;
  assert.equal(await codeOf(broker, { ...edge, will }), 0);
  for (const wrong of [
    { topic: topicOf(channels.edgeStatus, SITE, { ward: 'w1', edge: 'e2' }) },
    { topic: filterOf(channels.edgeStatus, SITE) },
    { qos: 0 as const },
  ])
    assert.equal(await codeOf(broker, { ...edge, will: { ...will, ...wrong } }), 5, JSON.stringify(wrong));
});

/** Where the flags of a CONNECT packet stand: its length takes one byte or two. */
const flagsAt = (bytes: Buffer): number => (bytes[1]! & 0x80 ? 10 : 9);

test('a kept session without a client id, a will of QoS 3 and a packet id 0 end the connection; the broker goes on', async () => {
  await using broker = await startTestBroker();
  const { user, secret } = broker.credential('edge.e1');
  const connect: IConnectPacket = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: user,
    keepalive: 10,
    username: user,
    password: Buffer.from(secret),
    will: { topic: edgeStatus, payload: Buffer.from('x'), qos: 2, retain: true },
  };
  const ofQos3 = generate(connect);
  ofQos3[flagsAt(ofQos3)]! |= 0x18;
  const nameless = generate({ ...connect, clientId: '' });
  nameless[flagsAt(nameless)]! &= ~0x02;
  for (const [bytes, code] of [
    [generate(connect), 5],
    [ofQos3, 5],
    [nameless, 2],
  ] as const) {
    using strange = await openPeer(broker.url);
    strange.send(bytes);
    assert.equal((await strange.next('connack')).returnCode, code);
    await strange.closed;
  }
  for (const packet of [
    generate(publish(readings, 'x', { messageId: 9 })),
    Buffer.of(0x82, 6, 0, 0, 0, 1, 97, 1),
    Buffer.of(0x36, 3, 0, 1, 97),
  ]) {
    if (packet[0] === 0x32) packet.writeUInt16BE(0, packet.length - 3);
    using peer = await logIn(broker.url, broker.credential('edge.e1'));
    peer.send(packet);
    await peer.closed;
  }
  assert.equal(await codeOf(broker, broker.credential('edge.e1')), 0);
});

test('much before login, silence and endless packets are cut off', async () => {
  await using broker = await startTestBroker({ bounds: { loginTimeout: milliseconds(300) } });
  using talker = await openPeer(broker.url);
  for (let i = 0; i < 40; i++) talker.send(Buffer.concat([Buffer.of(0x10, 0x80, 0x80, 0x01), Buffer.alloc(1000)]));
  await talker.closed;
  using silent = await openPeer(broker.url);
  await silent.closed;
  using endless = await logIn(broker.url, broker.credential('edge.e1'));
  endless.send(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f));
  await endless.closed;
});

test('a refused message is acknowledged, goes nowhere and is reported; its sender stays', async () => {
  await using broker = await startTestBroker();
  using watch = await logIn(broker.url, broker.credential('service.watch'));
  assert.equal(await subscribed(watch, filterOf(channels.readings, SITE)), 1);
  using edge = await logIn(broker.url, broker.credential('edge.e1'));
  assert.equal(await subscribed(edge, rejectedOf('edge.e1')), 1);
  const wrong: [IPublishPacket, RegExp][] = [
    [publish(topicOf(channels.readings, SITE, { ward: 'w1', edge: 'e2' }), '{}'), /may not publish/],
    [publish(readings, '{}', { qos: 0 }), /QoS 0/],
    [publish(readings, '{}', { retain: true, messageId: 3 }), /not retained/],
    [publish(edgeStatus, 'x'.repeat(300_000), { messageId: 4 }), /300000 bytes/],
    [publish('$SYS/x', '{}', { messageId: 5 }), /may not publish/],
    [publish(`${readings}�`, '{}', { messageId: 6 }), /characters/],
  ];
  for (const [packet, because] of wrong) {
    edge.send(packet);
    if (packet.qos > 0) assert.equal((await edge.next('puback')).messageId, packet.messageId);
    const report = JSON.parse((await edge.next('publish')).payload.toString()) as {
      schema: string;
      topic: string;
      because: string;
      by: string;
    };
    assert.equal(report.schema, 'rejected.v1');
    assert.equal(report.topic, packet.topic);
    assert.equal(report.by, 'service.broker');
    assert.match(report.because, because);
  }
  edge.send(publish(readings, 'good', { messageId: 7 }));
  assert.equal((await edge.next('puback')).messageId, 7);
  assert.equal((await watch.next('publish')).payload.toString(), 'good');
  assert.deepEqual(watch.received.filter(({ cmd }) => cmd === 'publish').length, 1);
});

test('acknowledgements come in the order of arrival, whatever waits for the disk', async () => {
  await using broker = await startTestBroker();
  using edge = await logIn(broker.url, broker.credential('edge.e1'));
  const packets = Array.from({ length: 30 }, (_, i) =>
    i % 3 === 0
      ? publish(edgeStatus, `${i}`, { retain: true, messageId: i + 1 })
      : publish(i % 3 === 1 ? readings : '$bad', '{}', { messageId: i + 1 }),
  );
  edge.send(Buffer.concat(packets.map((packet) => generate(packet))));
  for (let i = 0; i < packets.length; i++) assert.equal((await edge.next('puback')).messageId, i + 1);
});

test('a subscription wider than the right is refused, alone and beside a granted one', async () => {
  await using broker = await startTestBroker();
  const record = broker.credential('service.records');
  {
    using records = await logIn(broker.url, { ...record, clean: false });
    for (const filter of ['#', '+/+', '$SYS/#', '$share/g/#', 'a+', filterOf(channels.reply, SITE), filterOf(channels.readings, SITE)])
      assert.equal(await subscribed(records, filter), 128, filter);
    const granted = filterOf(channels.mission, SITE);
    records.send({
      cmd: 'subscribe',
      messageId: 5,
      subscriptions: [
        { topic: granted, qos: 1 },
        { topic: '#', qos: 1 },
        { topic: 'wardline/#', qos: 1 },
      ],
    });
    assert.deepEqual((await records.next('suback')).granted, [1, 128, 128]);
    records.send({ cmd: 'disconnect' });
    await records.closed;
  }
  // What was refused must not gather in the durable session either.
  using edge = await logIn(broker.url, broker.credential('edge.e1'));
  edge.send(publish(readings, '{}'));
  await edge.next('puback');
  using again = await logIn(broker.url, { ...record, clean: false });
  assert.equal(again.connack.sessionPresent, true);
  await pause(200);
  assert.deepEqual(
    again.received.filter(({ cmd }) => cmd === 'publish'),
    [],
  );
});

test('a will is published when a client breaks off, not when it leaves', async () => {
  await using broker = await startTestBroker();
  using watch = await logIn(broker.url, broker.credential('service.watch'));
  await subscribed(watch, edgeStatus);
  const will = (text: string) => ({ topic: edgeStatus, payload: Buffer.from(text), qos: 1, retain: true }) as const;
  {
    using leaving = await logIn(broker.url, { ...broker.credential('edge.e1'), will: will('left') });
    leaving.send({ cmd: 'disconnect' });
    await leaving.closed;
  }
  {
    using breaking = await logIn(broker.url, { ...broker.credential('edge.e1'), will: will('broken') });
    breaking.socket.resetAndDestroy();
  }
  assert.equal((await watch.next('publish')).payload.toString(), 'broken');
  using late = await logIn(broker.url, broker.credential('service.history'));
  await subscribed(late, edgeStatus);
  const retained = await late.next('publish');
  assert.deepEqual([retained.retain, retained.payload.toString()], [true, 'broken']);
});

test('MQTT over WebSocket, also when the login comes byte by byte', async () => {
  await using broker = await startTestBroker();
  const { user, secret } = broker.credential('edge.e1');
  const client = await mqtt.connectAsync(broker.websocketUrl, { clientId: user, username: user, password: secret });
  await client.publishAsync(readings, '{}', { qos: 1 });
  await client.endAsync();

  const socket = new WebSocket(broker.websocketUrl, 'mqtt');
  await once(socket, 'open');
  const bytes = generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: user,
    keepalive: 10,
    username: user,
    password: Buffer.from(secret),
  });
  for (const byte of bytes) socket.send(Buffer.of(byte));
  const [connack] = (await once(socket, 'message')) as [Buffer];
  assert.deepEqual([...connack], [0x20, 2, 0, 0]);
  socket.close();

  const plain = new WebSocket(broker.websocketUrl);
  const [error] = (await once(plain, 'error')) as [Error];
  assert.match(error.message, /400/);
});

test('MQTT over TLS', async () => {
  await using broker = await startTestBroker();
  const { cert, private: key } = await selfSigned([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  using identities = openIdentities(broker.dataDir, systemClock.now);
  await using secured = await startBroker({
    site: SITE,
    identities,
    listeners: { mqtts: { host: '127.0.0.1', port: 0, cert, key } },
    dataDir: `${broker.dataDir}/secured`,
    clock: systemClock,
    log: silentLog(),
  });
  const url = `mqtts://127.0.0.1:${secured.listening.mqtts!.port}`;
  await using watch = await connectBus({ ...broker.busOf('service.watch'), url, ca: cert }, { clock: systemClock, log: silentLog() });
  assert.ok(watch.isConnected);
  const got = new Promise((resolve) => void watch.subscribe('service', { service: 'broker' }, (status) => resolve(status?.state)));
  assert.equal(await got, 'up');
  const { user, secret } = broker.credential('edge.e1');
  await assert.rejects(
    mqtt.connectAsync(url, { clientId: user, username: user, password: secret, reconnectPeriod: 0 }),
    /self-signed|self signed/,
  );
});

test('a revoked client is gone within two seconds and does not come back', async () => {
  await using broker = await startTestBroker();
  using edge = await logIn(broker.url, broker.credential('edge.e1'));
  using other = await logIn(broker.url, broker.credential('service.watch'));
  using identities = openIdentities(broker.dataDir, systemClock.now);
  const startedAt = performance.now();
  identities.revoke('edge.e1');
  await edge.closed;
  assert.ok(performance.now() - startedAt < 2000);
  assert.equal(await codeOf(broker, broker.credential('edge.e1')), 4);
  assert.equal(other.socket.destroyed, false);
});

test('an address that fails to log in too often waits for its answer; right secrets do not', async () => {
  await using broker = await startTestBroker({ bounds: { failedLoginsMax: 3, failedLoginDelay: milliseconds(600) } });
  const wrong = { user: 'edge.e1', secret: 'wrong' };
  const timed = async (options: Parameters<typeof logIn>[1]) => {
    const startedAt = performance.now();
    await codeOf(broker, options);
    return performance.now() - startedAt;
  };
  const times: number[] = [];
  for (let i = 0; i < 4; i++) times.push(await timed(wrong));
  assert.ok(times[3]! >= 550, `${times}`);
  assert.ok(times[0]! < 500, `${times}`);
  const waiting = timed(wrong);
  assert.ok((await timed(broker.credential('edge.e1'))) < 500);
  await waiting;
});

test("nobody takes over a vehicle's connection or session", async () => {
  const { smallSite } = await import('#tests/broker-fixture.ts');
  const [robot] = smallSite.robots!;
  await using broker = await startTestBroker({
    site: { ...smallSite, robots: [robot!, { ...robot!, id: 'r2', adapter: { ...robot!.adapter, serialNumber: '0002' } }] },
  });
  const one = broker.credential('robot.r1');
  const order = topicOf(channels.vdaOrder, SITE, { interfaceName: 'uagv', major: 'v2', manufacturer: 'acme', serialNumber: '0001' });
  {
    using vehicle = await logIn(broker.url, { ...one, clientId: 'agv', clean: false });
    assert.equal(vehicle.connack.returnCode, 0);
    await subscribed(vehicle, order, 2);
    assert.equal(await codeOf(broker, { ...broker.credential('robot.r2'), clientId: 'agv' }), 2);
    vehicle.send({ cmd: 'disconnect' });
    await vehicle.closed;
  }
  assert.equal(await codeOf(broker, { ...broker.credential('robot.r2'), clientId: 'agv', clean: false }), 2);
  using back = await logIn(broker.url, { ...one, clientId: 'agv', clean: false });
  assert.equal(back.connack.sessionPresent, true);
});

test('a vehicle that publishes with QoS 2 is heard once', async () => {
  await using broker = await startTestBroker();
  using fleet = await logIn(broker.url, broker.credential('service.fleet'));
  await subscribed(fleet, filterOf(channels.vdaConnection, SITE));
  using vehicle = await logIn(broker.url, broker.credential('robot.r1'));
  const topic = topicOf(channels.vdaConnection, SITE, { interfaceName: 'uagv', major: 'v2', manufacturer: 'acme', serialNumber: '0001' });
  vehicle.send(publish(topic, 'ONLINE', { qos: 2, messageId: 4 }));
  await vehicle.next('pubrec');
  vehicle.send(publish(topic, 'ONLINE', { qos: 2, messageId: 4, dup: true }));
  await vehicle.next('pubrec');
  vehicle.send({ cmd: 'pubrel', messageId: 4 });
  await vehicle.next('pubcomp');
  assert.equal((await fleet.next('publish')).payload.toString(), 'ONLINE');
  await pause(100);
  assert.equal(fleet.received.filter(({ cmd }) => cmd === 'publish').length, 1);
});
