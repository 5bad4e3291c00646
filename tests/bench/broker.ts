import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { channels } from '#contracts/channels.ts';
import { filterOf, topicOf } from '#contracts/topics.ts';
import { milliseconds } from '#contracts/units.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { connectMqtt, type MqttConnection } from '#runtime/mqtt-connection.ts';
import { smallSite } from '#tests/broker-fixture.ts';
import { type BrokerProcess, startBrokerProcess } from '#tests/broker-process.ts';

const HELP = `Usage: bench broker [--seconds N] [--publishers N] [--bytes N]

Loads a broker process from this process: QoS 1, many publishers, one subscriber without and one with a durable session.
`;

const edgeIds = (count: number) => Array.from({ length: count }, (_, i) => `e${i + 1}`);

async function connect(
  broker: BrokerProcess,
  user: string,
  isDurable: boolean,
  onPayload: (payload: Buffer) => void,
): Promise<MqttConnection> {
  let connected: () => void = () => undefined;
  const whenConnected = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const connection = connectMqtt({
    url: broker.url,
    clientId: isDurable ? `${user}:bench` : user,
    username: user,
    password: broker.secretOf(user),
    clean: !isDurable,
    clock: systemClock,
    onMessage: (packet, acknowledge) => {
      onPayload(packet.payload as Buffer);
      acknowledge();
    },
    onState: (isConnected) => isConnected && connected(),
  });
  await whenConnected;
  return connection;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** `bench broker`: prints one JSON line. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      publishers: { type: 'string', default: '200' },
      bytes: { type: 'string', default: '200' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const seconds = Number(values.seconds);
  const ids = edgeIds(Number(values.publishers));
  const result: Record<string, unknown> = { bench: 'broker', publishers: ids.length, bytes: Number(values.bytes) };
  for (const isDurable of [false, true])
    result[isDurable ? 'durable' : 'clean'] = await measure(ids, Number(values.bytes), seconds, isDurable);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function measure(ids: readonly string[], bytes: number, seconds: number, isDurable: boolean) {
  const site = { ...smallSite, edges: ids.map((id) => ({ id, ward: 'w1' })) };
  await using broker = await startBrokerProcess({ site });
  let received = 0;
  let latencies: number[] = [];
  await using subscriber = await connect(broker, 'service.history', isDurable, (payload) => {
    received++;
    latencies.push(performance.now() - payload.readDoubleBE(0));
  });
  await subscriber.subscribe(filterOf(channels.readings, site.site), 1);
  const publishers = await Promise.all(
    ids.map(async (id) => ({ id, connection: await connect(broker, `edge.${id}`, false, () => undefined) })),
  );
  const send = ({ id, connection }: (typeof publishers)[number]) => {
    const payload = Buffer.alloc(bytes);
    payload.writeDoubleBE(performance.now());
    return connection.publish(topicOf(channels.readings, site.site, { ward: 'w1', edge: id }), payload, 1, false);
  };

  // At a set rate: latency.
  let sent = 0;
  const rate = 2000;
  const startedAt = performance.now();
  const acknowledged: Promise<void>[] = [];
  while (performance.now() - startedAt < seconds * 1000) {
    for (const due = ((performance.now() - startedAt) / 1000) * rate; sent < due; sent++)
      acknowledged.push(send(publishers[sent % publishers.length]!));
    await sleep(systemClock, milliseconds(1));
  }
  await Promise.all(acknowledged);
  await settle(() => received >= sent);
  const sorted = latencies.sort((a, b) => a - b);
  const latencyMs = { p50: round(quantile(sorted, 0.5)), p99: round(quantile(sorted, 0.99)), max: round(sorted.at(-1) ?? Number.NaN) };
  const lostAtRate = sent - received;

  // As fast as it goes, with a window of 20 per publisher: throughput.
  received = 0;
  latencies = [];
  let isOver = false;
  let flooded = 0;
  const flood = async (publisher: (typeof publishers)[number]) => {
    while (!isOver) {
      flooded++;
      await send(publisher);
    }
  };
  const floodStart = performance.now();
  const cpuBefore = cpuSeconds(broker);
  const workers = publishers.flatMap((publisher) => Array.from({ length: 20 }, () => flood(publisher)));
  await sleep(systemClock, milliseconds(seconds * 1000));
  const during = received;
  const elapsed = (performance.now() - floodStart) / 1000;
  const cpuMicroseconds = Math.round(((cpuSeconds(broker) - cpuBefore) * 1e6) / during);
  isOver = true;
  await Promise.all(workers);
  await settle(() => received >= flooded);
  for (const { connection } of publishers) await connection[Symbol.asyncDispose]();
  return {
    latencyAt2000Ms: latencyMs,
    lostAtRate,
    messagesPerSecond: Math.round(during / elapsed),
    cpuMicroseconds,
    lost: flooded - received,
  };
}

/** Processor time of the broker so far (Linux: 100 ticks a second). */
function cpuSeconds(broker: BrokerProcess): number {
  const fields = readFileSync(`/proc/${broker.process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const round = (value: number): number => Math.round(value * 100) / 100;

async function settle(isDone: () => boolean): Promise<void> {
  for (let waited = 0; !isDone() && waited < 10_000; waited += 20) await sleep(systemClock, milliseconds(20));
}
