import type { Socket } from 'node:net';
import { CONNECT_TIMEOUT_MS, type Connection, type Ears, WAITING_BYTES_MAX } from './transport.ts';

/** What TCP and Unix sockets have in common. `greeting` is written first. */
export function listenTo(socket: Socket, ears: Ears, what: string, greeting?: Uint8Array): Connection {
  let isClosed = false;
  const end = (reason: string) => {
    if (isClosed) return;
    isClosed = true;
    socket.destroy();
    ears.closed(reason);
  };
  socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(`${what} does not take the connection within ${CONNECT_TIMEOUT_MS} ms`));
  socket.once('connect', () => {
    socket.setTimeout(0);
    if (greeting) socket.write(greeting);
    ears.opened();
  });
  socket.on('data', (bytes: Buffer) => ears.heard(bytes));
  socket.on('error', (error) => end(`${what}: ${error.message}`));
  socket.on('close', () => end(`${what} closed the connection`));
  return {
    write(bytes) {
      if (isClosed || socket.connecting || socket.writableLength > WAITING_BYTES_MAX) return false;
      socket.write(bytes);
      return true;
    },
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}
