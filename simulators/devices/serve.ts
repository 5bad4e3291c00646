import { mkdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Device, Send } from './device.ts';

/** Wires for simulated devices: one Unix socket for many, or a TCP port for one. */

/** What a slow host has not read is lost beyond this, as on a serial line without flow control. */
const UNREAD_MAX = 64 * 1024;
/** The first line `DEVICE <id>` must come within these bytes. */
const GREETING_MAX = 128;
const GREETING = /^DEVICE ([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\r?$/;

export interface Served extends AsyncDisposable {
  readonly port: number;
}

const sender =
  (socket: Socket): Send =>
  (bytes) => {
    if (socket.writable && socket.writableLength < UNREAD_MAX) socket.write(bytes);
  };

function attach(socket: Socket, device: Device): void {
  const conversation = device.connect(sender(socket));
  socket.on('data', (bytes: Buffer) => conversation.receive(bytes));
  socket.once('close', () => conversation.close());
}

/** Many devices behind one listener: the first line names the device, raw bytes follow. An unknown name closes the connection. */
function serveNamed(deviceOf: (id: string) => Device | undefined): (socket: Socket) => void {
  return (socket) => {
    let greeting = Buffer.alloc(0);
    const listen = (bytes: Buffer) => {
      greeting = Buffer.concat([greeting, bytes]);
      const end = greeting.indexOf(0x0a);
      if (end < 0 && greeting.length < GREETING_MAX) return;
      socket.off('data', listen);
      const id = GREETING.exec(greeting.subarray(0, Math.max(end, 0)).toString('latin1'))?.[1];
      const device = id === undefined ? undefined : deviceOf(id);
      if (!device) return void socket.destroy();
      const rest = greeting.subarray(end + 1);
      attach(socket, device);
      if (rest.length > 0) socket.emit('data', rest);
    };
    socket.on('data', listen);
  };
}

function open(onSocket: (socket: Socket) => void, where: { path: string } | { host: string; port: number }): Promise<Served> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    // A host that goes away in the middle of a byte is no matter to a device.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      const address = server.address() as AddressInfo | string;
      resolve({
        port: typeof address === 'string' ? 0 : address.port,
        async [Symbol.asyncDispose]() {
          for (const socket of sockets) socket.destroy();
          await new Promise((done) => server.close(done));
        },
      });
    });
  });
}

/** Serves devices on a Unix socket; a socket file left behind by an earlier run is replaced. */
export function serveShared(path: string, deviceOf: (id: string) => Device | undefined): Promise<Served> {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  return open(serveNamed(deviceOf), { path });
}

/** Serves one device on a TCP port, as a serial server does; port 0 takes a free one. */
export const serveTcp = (device: Device, port = 0, host = '127.0.0.1'): Promise<Served> =>
  open((socket) => attach(socket, device), { host, port });
