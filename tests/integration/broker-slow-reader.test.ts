import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { channels } from '#contracts/channels.ts';
import { filterOf, topicOf } from '#contracts/topics.ts';
import { systemClock } from '#runtime/clock.ts';
import { connectMqtt } from '#runtime/mqtt-connection.ts';
import { smallSite } from '#tests/broker-fixture.ts';
import { type BrokerProcess, startBrokerProcess } from '#tests/broker-process.ts';
import { logIn } from '#tests/mqtt-peer.ts';

const filter = filterOf(channels.readings, smallSite.site);
const topic = topicOf(channels.readings, smallSite.site, { ward: 'w1', edge: 'e1' });
const BYTES = 10_000;

/** 500 messages of 10 kB a second for four seconds: far more than the sockets on the way can hold. */
async function load(broker: BrokerProcess) {
  const latencies: number[] = [];
  const acknowledgements: number[] = [];
  await using reader = connectMqtt({
    url: broker.url,
    clientId: 'service.watch',
    username: 'service.watch',
    password: broker.secretOf('service.watch'),
    clean: false,
    clock: systemClock,
    onMessage(packet, acknowledge) {
      latencies.push(performance.now() - (packet.payload as Buffer).readDoubleBE());
      acknowledge();
    },
    onState: () => undefined,
  });
  await reader.subscribe(filter, 1);
  await using edge = connectMqtt({
    url: broker.url,
    clientId: 'edge.e1',
    username: 'edge.e1',
    password: broker.secretOf('edge.e1'),
    clean: true,
    clock: systemClock,
    onMessage: (_, acknowledge) => acknowledge(),
    onState: () => undefined,
  });
  const open: Promise<void>[] = [];
  let sent = 0;
  for (const startedAt = performance.now(); performance.now() - startedAt < 4000; await pause(5)) {
    for (const due = (performance.now() - startedAt) / 2; sent < due; sent++) {
      const at = performance.now();
      const payload = Buffer.alloc(BYTES);
      payload.writeDoubleBE(at);
      open.push(edge.publish(topic, payload, 1, false).then(() => void acknowledgements.push(performance.now() - at)));
    }
  }
  await Promise.all(open);
  for (let waited = 0; latencies.length < sent && waited < 5000; waited += 20) await pause(20);
  assert.equal(latencies.length, sent);
  return { sent, latency: Math.max(...latencies), acknowledgement: Math.max(...acknowledgements) };
}

for (const isDurable of [true, false]) {
  test(`a reader ${isDurable ? 'with' : 'without'} a durable session that stops reading delays nobody by a second`, {
    timeout: 50_000,
  }, async () => {
    await using broker = await startBrokerProcess();
    const credential = { user: 'service.history', secret: broker.secretOf('service.history') };
    using stuck = await logIn(broker.url, { ...credential, clean: !isDurable });
    stuck.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] });
    await stuck.next('suback');
    stuck.socket.pause();
    const { sent, latency, acknowledgement } = await load(broker);
    assert.ok(latency < 1000, `latency ${latency} ms`);
    assert.ok(acknowledgement < 1000, `acknowledgement ${acknowledgement} ms`);
    if (!isDurable) return;
    stuck.socket.destroy();
    // Its session has kept what it missed.
    let missed = 0;
    await using history = connectMqtt({
      url: broker.url,
      clientId: credential.user,
      username: credential.user,
      password: credential.secret,
      clean: false,
      clock: systemClock,
      onMessage(_, acknowledge) {
        missed++;
        acknowledge();
      },
      onState: () => undefined,
    });
    for (let waited = 0; missed < sent && waited < 15_000; waited += 20) await pause(20);
    assert.equal(missed, sent);
    assert.ok(history.isConnected);
  });
}
