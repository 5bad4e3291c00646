import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { channels } from '#contracts/channels.ts';
import type { ServiceStatus } from '#contracts/service.ts';
import { filterOf, topicOf } from '#contracts/topics.ts';
import { systemClock } from '#runtime/clock.ts';
import { connectMqtt } from '#runtime/mqtt-connection.ts';
import { smallSite, startTestBroker } from '#tests/broker-fixture.ts';
import { memoryDisk } from '#tests/memory-disk.ts';
import { logIn } from '#tests/mqtt-peer.ts';

const topic = topicOf(channels.readings, smallSite.site, { ward: 'w1', edge: 'e1' });
async function until(what: string, isSo: () => boolean, timeoutMs = 10_000): Promise<void> {
  for (const end = performance.now() + timeoutMs; !isSo(); await pause(10))
    if (performance.now() > end) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
}

test('a full disk: said at once, messages still pass live, none is confirmed that is not kept, all come when there is room', {
  timeout: 50_000,
}, async () => {
  const disk = memoryDisk();
  await using broker = await startTestBroker({ disk });
  const connect = (user: string, isDurable: boolean, onText: (text: string) => void) =>
    connectMqtt({
      url: broker.url,
      clientId: user,
      username: user,
      password: broker.credential(user).secret,
      clean: !isDurable,
      clock: systemClock,
      onMessage(packet, acknowledge) {
        onText(packet.payload.toString());
        acknowledge();
      },
      onState: () => undefined,
    });
  const states: string[] = [];
  await using console = connect('service.console', false, (text) => states.push((JSON.parse(text) as ServiceStatus).state));
  await console.subscribe(topicOf(channels.service, smallSite.site, { service: 'broker' }), 1);
  const live: string[] = [];
  await using watch = connect('service.watch', true, (text) => live.push(text));
  await watch.subscribe(filterOf(channels.readings, smallSite.site), 1);
  {
    // Somebody who is away: for him messages must be kept.
    using history = await logIn(broker.url, { ...broker.credential('service.history'), clean: false });
    history.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filterOf(channels.readings, smallSite.site), qos: 1 }] });
    await history.next('suback');
  }
  await pause(100);
  await using edge = connect('edge.e1', false, () => undefined);
  await edge.publish(topic, 'before', 1, false);

  disk.isFull = true;
  const confirmed: string[] = [];
  const sent = ['1', '2', '3'].map((text) => edge.publish(topic, text, 1, false).then(() => confirmed.push(text)));
  await until('the live way', () => live.includes('3'));
  await until('the bad news', () => states.at(-1) === 'degraded');
  await pause(300);
  assert.deepEqual(confirmed, []);

  disk.isFull = false;
  await until('the good news', () => states.at(-1) === 'up');
  await Promise.all(sent);
  const kept = new Set<string>();
  await using history = connect('service.history', true, (text) => kept.add(text));
  await until('everything for him who was away', () => kept.size === 4);
  assert.deepEqual([...kept], ['before', '1', '2', '3']);
  assert.ok(history.isConnected);
});
