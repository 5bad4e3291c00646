import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket } from 'ws';

/** The byte stream of a WebSocket. What is written together leaves in one frame: an MQTT packet is written in pieces. */
export const streamOf = (webSocket: WebSocket): Duplex =>
  createWebSocketStream(webSocket, {
    writev(this: Duplex, pieces, done) {
      this._write(Buffer.concat(pieces.map(({ chunk }) => chunk as Buffer)), 'buffer' as BufferEncoding, done);
    },
  });
