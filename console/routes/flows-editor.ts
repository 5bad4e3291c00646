import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import proxy from '@fastify/http-proxy';
import type { FastifyRequest } from 'fastify';
import { type RawData, WebSocket } from 'ws';
import { OperationalError } from '#runtime/errors.ts';
import { type App, personOf } from '../app.ts';
import type { Audit } from '../audit.ts';

export interface FlowsEditor {
  readonly host: string;
  readonly port: number;
  /** Written by the flows process; whoever shows it may use the editor. */
  readonly tokenFile: string;
}

const TOKEN = 'x-wardline-flows-token';
const USER = 'x-wardline-user';
const WAITING_BYTES_MAX = 1 << 20;

/** The editor of the flows, behind an engineer's login. It listens on loopback and takes only requests with the token. */
export async function flowsEditorRoutes(app: App, { host, port, tokenFile }: FlowsEditor, audit: Audit): Promise<void> {
  const token = async () => {
    try {
      return (await readFile(tokenFile, 'utf8')).trim();
    } catch (cause) {
      throw new OperationalError('BUS_OFFLINE', 'The flows are not running: their editor cannot be opened.', { cause });
    }
  };
  const tokens = new WeakMap<FastifyRequest, string>();
  const isWrite = (request: FastifyRequest) => request.method !== 'GET' && request.method !== 'HEAD';

  app.get('/flows/comms', { websocket: true, config: { access: 'edit_flows' }, schema: { hide: true } }, (socket, request) => {
    const { username } = personOf(request);
    const waiting: [data: RawData, isBinary: boolean][] = [];
    let waitingBytes = 0;
    let upstream: WebSocket | undefined;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (upstream?.readyState === WebSocket.OPEN) return upstream.send(data, { binary: isBinary });
      waitingBytes += Buffer.byteLength(data.toString());
      if (waitingBytes > WAITING_BYTES_MAX) return socket.terminate();
      waiting.push([data, isBinary]);
      return undefined;
    });
    socket.on('close', () => upstream?.terminate());
    socket.on('error', () => upstream?.terminate());
    void token()
      .then((secret) => {
        upstream = new WebSocket(`ws://${host}:${port}/flows/comms`, { headers: { [TOKEN]: secret, [USER]: username } });
        upstream.on('open', () => {
          for (const [data, isBinary] of waiting.splice(0)) upstream?.send(data, { binary: isBinary });
        });
        upstream.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
        upstream.on('close', () => socket.close());
        upstream.on('error', () => socket.close(1013, 'the flows are not running'));
      })
      .catch(() => socket.close(1013, 'the flows are not running'));
  });

  await app.register(proxy, {
    upstream: `http://${host}:${port}`,
    prefix: '/flows',
    rewritePrefix: '/flows',
    httpMethods: ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'],
    config: { access: 'edit_flows' },
    proxyPayloads: true,
    async preHandler(request) {
      tokens.set(request, await token());
      if (isWrite(request)) await audit.write(personOf(request).username, 'edit-flows', `${request.method} ${request.url}`, 'ok');
    },
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => ({
        ...withoutCredentials(headers),
        [TOKEN]: tokens.get(request as FastifyRequest) ?? '',
        [USER]: (request as FastifyRequest).session?.person.username ?? '',
      }),
    },
  });
}

/** The person's session is the console's: it goes no further. */
function withoutCredentials({ cookie: _, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
