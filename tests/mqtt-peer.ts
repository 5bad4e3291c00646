import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { generate, type IConnackPacket, type IConnectPacket, type Packet, parser } from 'mqtt-packet';

/** A bare MQTT peer for tests: sends exactly what it is told and keeps what comes. */
export interface MqttPeer extends Disposable {
  readonly socket: Socket;
  readonly received: Packet[];
  send(packet: Packet | Buffer): void;
  /** The next packet of this kind that has not been waited for; rejects when the connection ends or after `timeoutMs`. */
  next<C extends Packet['cmd']>(cmd: C, timeoutMs?: number): Promise<Extract<Packet, { cmd: C }>>;
  /** Resolves when the broker closes the connection. */
  readonly closed: Promise<void>;
}

export async function openPeer(url: string): Promise<MqttPeer> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const received: Packet[] = [];
  const taken = new Set<Packet>();
  const waiting = new Set<() => void>();
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      resolve();
      for (const look of waiting) look();
    });
  });
  socket.on('error', () => socket.destroy());
  const packets = parser({ protocolVersion: 4 });
  packets.on('packet', (packet: Packet) => {
    received.push(packet);
    for (const look of waiting) look();
  });
  socket.on('data', (chunk: Buffer) => packets.parse(chunk));
  return {
    socket,
    received,
    closed,
    send: (packet) => void socket.write(Buffer.isBuffer(packet) ? packet : generate(packet)),
    next: (cmd, timeoutMs = 3000) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          waiting.delete(look);
          clearTimeout(timer);
        };
        const look = () => {
          const found = received.find((packet) => packet.cmd === cmd && !taken.has(packet));
          if (found) {
            taken.add(found);
            stop();
            resolve(found as Extract<Packet, { cmd: typeof cmd }>);
          } else if (isClosed) {
            stop();
            reject(new Error(`connection closed before ${cmd}`));
          }
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`no ${cmd} within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.add(look);
        look();
      }),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Logs in and returns the return code of CONNACK with the peer. */
export async function logIn(
  url: string,
  { user, secret, ...more }: { user: string; secret: string } & Partial<IConnectPacket>,
): Promise<MqttPeer & { readonly connack: IConnackPacket }> {
  const peer = await openPeer(url);
  peer.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: user,
    keepalive: 30,
    username: user,
    password: Buffer.from(secret),
    ...more,
  });
  const connack = (await peer.next('connack')) as IConnackPacket;
  return Object.assign(peer, { connack });
}
