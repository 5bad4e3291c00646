import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Log } from '#runtime/log.ts';
import type { Bounds } from './bounds.ts';
import { streamOf } from './websocket-stream.ts';

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface Listening extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** What a listener does with a connection that it has made ready. */
export type Accept = (stream: Duplex, address: string) => void;

const TCP_KEEPALIVE_MS = 30_000;

/** Small messages at once, and dead peers noticed even without an MQTT keepalive. */
function tune(socket: Socket): Socket {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
  return socket;
}

/** MQTT over TCP. */
export const listenTcp = (listen: Listen, accept: Accept, bounds: Bounds): Promise<Listening> =>
  open(
    createTcpServer((socket) => accept(tune(socket), addressOf(socket))),
    listen,
    bounds,
  );

/** MQTT over TLS. `cert` and `key` are PEM. */
export const listenTls = (
  listen: Listen,
  { cert, key }: { cert: string; key: string },
  accept: Accept,
  bounds: Bounds,
  log: Log,
): Promise<Listening> => {
  const server = createTlsServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: bounds.loginTimeout }, (socket) =>
    accept(tune(socket), addressOf(socket)),
  );
  server.on('tlsClientError', (error, socket) => log.debug({ address: addressOf(socket), reason: error.message }, 'TLS handshake failed'));
  return open(server, listen, bounds);
};

/** MQTT over WebSocket, subprotocol `mqtt`. [MQTT-6.0.0-3] */
export const listenWebSocket = (listen: Listen, accept: Accept, bounds: Bounds, log: Log): Promise<Listening> => {
  const http = createHttpServer({ requestTimeout: bounds.loginTimeout, headersTimeout: bounds.loginTimeout }, (_, response) => {
    response.writeHead(426, { connection: 'close', 'content-type': 'text/plain' }).end('MQTT over WebSocket only\n');
  });
  const upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: bounds.packetBytesMax,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug({ reason: error.message }, 'WebSocket failed'));
    if (!/\bmqtt/.test(request.headers['sec-websocket-protocol'] ?? '')) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nSubprotocol mqtt is required\n');
      return;
    }
    tune(request.socket);
    upgrades.handleUpgrade(request, socket, head, (webSocket) => accept(streamOf(webSocket), addressOf(request.socket)));
  });
  return open(http, listen, bounds);
};

const addressOf = (socket: Socket): string => socket.remoteAddress ?? 'gone';

async function open(server: Server, { host, port }: Listen, bounds: Bounds): Promise<Listening> {
  server.maxConnections = bounds.connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    // Connections are Aedes' to close; the server only stops taking new ones.
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
