import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { milliseconds } from '#contracts/units.ts';
import { type Clock, sleep } from './clock.ts';
import { asError, OperationalError } from './errors.ts';

/**
 * An MQTT 3.1.1 connection that acknowledges QoS 1 when the receiver has kept the message, many at a time. The usual client acknowledges strictly
 * one by one: with a disk sync of 4 ms each that is 250 messages a second.
 */
export interface MqttConnectionOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  /** False keeps the session at the broker while away, so that nothing is missed. */
  readonly clean: boolean;
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain: boolean };
  readonly ca?: string;
  readonly clock: Clock;
  /** `acknowledge` must be called once the message is kept. */
  readonly onMessage: (packet: IPublishPacket, acknowledge: () => void) => void;
  readonly onState: (isConnected: boolean, reason?: string) => void;
}

export interface MqttConnection extends AsyncDisposable {
  readonly isConnected: boolean;
  /** Resolves when the broker has the message (QoS 1) or the socket has it (QoS 0). Rejects BUS_OVERLOADED beyond 20,000 unacknowledged messages, BUS_OFFLINE for QoS 0 without a connection. */
  /** `isFleeting`: rejects BUS_OFFLINE when there is no connection or it breaks, in place of sending again later: the caller keeps the message and decides anew. */
  publish(topic: string, payload: string | Buffer, qos: 0 | 1, retain: boolean, isFleeting?: boolean): Promise<void>;
  /** Resolves when the broker grants it; rejects BUS_REFUSED when it does not. Renewed at every reconnection without a session. */
  subscribe(filter: string, qos: 0 | 1): Promise<void>;
}

const PENDING_MAX = 20_000;
const UNACKNOWLEDGED_MAX = 5_000;
const KEEPALIVE_S = 10;
const CONNECT_TIMEOUT_MS = 10_000;

interface Pending {
  packet: Packet;
  isSent: boolean;
  isFleeting?: boolean;
  resolve(): void;
  reject(error: Error): void;
}

export function connectMqtt(options: MqttConnectionOptions): MqttConnection {
  const { clock } = options;
  const url = new URL(options.url);
  const pending = new Map<number, Pending>();
  const subscriptions = new Map<string, 0 | 1>();
  let inbound: { id: number; isDone: boolean }[] = [];
  let socket: Socket | undefined;
  let isConnected = false;
  let isClosed = false;
  let nextId = 1;
  let backoffMs = 100;
  let heardAt = clock.elapsed();

  const takeId = (): number => {
    do nextId = (nextId % 65_535) + 1;
    while (pending.has(nextId));
    return nextId;
  };
  const send = (packet: Packet): boolean => (socket?.writable ? socket.write(generate(packet)) : false);

  const flushAcknowledgements = () => {
    // [MQTT-4.6.0-2]: PUBACK in the order of arrival.
    while (inbound[0]?.isDone) send({ cmd: 'puback', messageId: inbound.shift()!.id });
    if (socket?.isPaused() && inbound.length < UNACKNOWLEDGED_MAX / 2) socket.resume();
  };

  const receive = (packet: Packet) => {
    heardAt = clock.elapsed();
    switch (packet.cmd) {
      case 'connack': {
        if (packet.returnCode !== 0) return drop(`broker refuses the connection (return code ${packet.returnCode})`);
        isConnected = true;
        backoffMs = 100;
        if (!packet.sessionPresent) for (const [topic, qos] of subscriptions) resubscribe(topic, qos);
        // Subscriptions first: the answer to a command that is sent again must find its reader.
        const entries = [...pending.values()];
        for (const entry of entries) if (entry.packet.cmd === 'subscribe') send(entry.packet);
        for (const entry of entries) {
          if (entry.packet.cmd !== 'publish') continue;
          if (entry.isSent) entry.packet = { ...entry.packet, dup: true };
          send(entry.packet);
        }
        for (const entry of entries) entry.isSent = true;
        return options.onState(true);
      }
      case 'publish': {
        if (packet.qos === 0) return options.onMessage(packet, () => undefined);
        const entry = { id: packet.messageId!, isDone: false };
        const current = inbound;
        current.push(entry);
        if (current.length >= UNACKNOWLEDGED_MAX) socket?.pause();
        return options.onMessage(packet, () => {
          entry.isDone = true;
          if (current === inbound) flushAcknowledgements();
        });
      }
      case 'puback':
        return settle(packet.messageId!, (entry) => entry.resolve());
      case 'suback':
        return settle(packet.messageId!, (entry) => {
          if (packet.granted.some((granted) => Number(granted) === 128))
            entry.reject(
              new OperationalError(
                'BUS_REFUSED',
                `broker refuses ${options.clientId} the subscription ${entry.packet.cmd === 'subscribe' ? entry.packet.subscriptions[0]?.topic : ''}`,
              ),
            );
          else entry.resolve();
        });
      default:
        return undefined;
    }
  };
  const settle = (id: number, how: (entry: Pending) => void) => {
    const entry = pending.get(id);
    pending.delete(id);
    if (entry) how(entry);
  };
  const resubscribe = (topic: string, qos: 0 | 1) => {
    if ([...pending.values()].some(({ packet }) => packet.cmd === 'subscribe' && packet.subscriptions[0]?.topic === topic)) return;
    const messageId = takeId();
    const lost = (error: Error) => drop(error.message);
    pending.set(messageId, {
      packet: { cmd: 'subscribe', messageId, subscriptions: [{ topic, qos }] },
      isSent: true,
      resolve: () => undefined,
      reject: lost,
    });
  };

  const drop = (reason: string) => {
    const gone = socket;
    if (!gone) return;
    socket = undefined;
    gone.destroy();
    inbound = [];
    isConnected = false;
    for (const [id, entry] of pending) {
      if (!entry.isFleeting) continue;
      pending.delete(id);
      entry.reject(new OperationalError('BUS_OFFLINE', `connection lost before the broker had the message: ${reason}`));
    }
    // An end of our own is no loss.
    if (isClosed) return;
    options.onState(false, reason);
    // Half fixed, half by chance: a ward's clients do not come back in one wave.
    clock.after(milliseconds(backoffMs / 2 + (Math.random() * backoffMs) / 2), open);
    backoffMs = Math.min(backoffMs * 2, 3000);
  };

  const open = () => {
    if (isClosed) return;
    const isTls = url.protocol === 'mqtts:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port || (isTls ? 8883 : 1883));
    const next = isTls ? connectTls({ host, port, ...(options.ca ? { ca: options.ca } : {}) }) : connectTcp({ host, port });
    socket = next;
    heardAt = clock.elapsed();
    next.setNoDelay(true);
    const packets = parser({ protocolVersion: 4 });
    packets.on('packet', (packet: Packet) => {
      if (socket === next) receive(packet);
    });
    packets.on('error', (error: Error) => drop(error.message));
    const connect: IConnectPacket = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: options.clean,
      clientId: options.clientId,
      keepalive: KEEPALIVE_S,
      username: options.username,
      password: Buffer.from(options.password),
    };
    if (options.will)
      connect.will = { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: options.will.retain };
    next.once(isTls ? 'secureConnect' : 'connect', () => send(connect));
    next.on('data', (chunk: Buffer) => packets.parse(chunk));
    next.on('error', (error) => socket === next && drop(asError(error).message));
    next.on('close', () => socket === next && drop('connection closed'));
  };

  const stopKeepalive = clock.every(milliseconds((KEEPALIVE_S * 1000) / 2), () => {
    const silentMs = clock.elapsed() - heardAt;
    if (socket && silentMs > (isConnected ? KEEPALIVE_S * 2000 : CONNECT_TIMEOUT_MS))
      drop(`broker silent for ${Math.round(silentMs / 1000)} s`);
    else if (isConnected) send({ cmd: 'pingreq' });
  });
  open();

  const track = (packet: Packet & { messageId?: number }, isFleeting = false) =>
    new Promise<void>((resolve, reject) => {
      if (isFleeting && !isConnected) return reject(new OperationalError('BUS_OFFLINE', 'no connection to the broker'));
      if (isClosed) return reject(new OperationalError('BUS_CLOSED', 'the connection is closed'));
      if (pending.size >= PENDING_MAX) return reject(new OperationalError('BUS_OVERLOADED', `${PENDING_MAX} messages wait for the broker`));
      pending.set(packet.messageId!, { packet, isSent: isConnected, isFleeting, resolve, reject });
      if (isConnected) send(packet);
    });

  return {
    get isConnected() {
      return isConnected;
    },
    publish(topic, payload, qos, retain, isFleeting) {
      if (qos === 0) {
        if (!isConnected) return Promise.reject(new OperationalError('BUS_OFFLINE', 'no connection to the broker'));
        send({ cmd: 'publish', topic, payload, qos, retain, dup: false });
        return Promise.resolve();
      }
      return track({ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: takeId() }, isFleeting);
    },
    subscribe(filter, qos) {
      subscriptions.set(filter, qos);
      return track({ cmd: 'subscribe', messageId: takeId(), subscriptions: [{ topic: filter, qos }] });
    },
    async [Symbol.asyncDispose]() {
      for (let waited = 0; isConnected && pending.size > 0 && waited < 1000; waited += 20) await sleep(clock, milliseconds(20));
      isClosed = true;
      stopKeepalive();
      const leaving = socket;
      if (leaving?.writable && isConnected) {
        await new Promise<void>((resolve) => {
          leaving.once('close', () => resolve());
          leaving.end(generate({ cmd: 'disconnect' }));
          clock.after(milliseconds(500), resolve);
        });
      }
      drop('closed');
      for (const entry of pending.values()) entry.reject(new OperationalError('BUS_CLOSED', 'the connection is closed'));
      pending.clear();
    },
  };
}
