import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, Server } from 'node:http';
import { ID_PATTERN } from '#contracts/schema.ts';
import { OperationalError } from '#runtime/errors.ts';

/** What the console's proxy sends along: that it is the console, and for whom it asks. */
const TOKEN = 'x-wardline-flows-token';
const USER = 'x-wardline-user';
/** From here to Node-RED within this process; never taken from outside. */
export const ADMITTED = 'x-wardline-admitted';

const digest = (text: string) => createHash('sha256').update(text).digest();
const isName = new RegExp(ID_PATTERN);

export interface EditorDoor extends AsyncDisposable {
  /** Node-RED's own server: it never listens, only what has passed the door is handed to it. */
  readonly inner: Server;
  /** Node-RED's admin application. */
  serve(app: RequestListener): void;
  /** Whom an admitted request is for. */
  userOf(admission: string): string | undefined;
  readonly port: number;
}

/** Node-RED's admin API is open to anybody by default; behind this door it answers the console's proxy and nobody else, on every path and on WebSocket. */
export async function openEditorDoor(at: { host: string; port: number }, proxyToken: string): Promise<EditorDoor> {
  const inner = new Server();
  const expected = digest(proxyToken);
  // Binds an admission to this process: a header of that name from outside is overwritten, and would not fit.
  const seal = digest(`${proxyToken} ${process.pid} ${performance.now()}`).toString('base64url');
  let app: RequestListener | undefined;

  function admit(request: IncomingMessage): boolean {
    const { [TOKEN]: token, [USER]: user } = request.headers;
    delete request.headers[ADMITTED];
    if (typeof token !== 'string' || typeof user !== 'string' || !isName.test(user)) return false;
    if (!timingSafeEqual(digest(token), expected)) return false;
    delete request.headers[TOKEN];
    delete request.headers.authorization;
    request.headers[ADMITTED] = `${seal} ${user}`;
    return true;
  }

  const outer = createServer((request, response) => {
    if (!admit(request)) {
      response.writeHead(401, { 'content-type': 'text/plain' }).end('The flows are edited through the console.\n');
      return;
    }
    if (app) app(request, response);
    else response.writeHead(503, { 'retry-after': '1' }).end();
  });
  outer.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (admit(request) && inner.listenerCount('upgrade') > 0) inner.emit('upgrade', request, socket, head);
    else socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    outer.once('error', (cause) =>
      reject(new OperationalError('PORT_GONE', `the editor cannot listen on ${at.host}:${at.port}`, { cause })),
    );
    outer.listen(at.port, at.host, resolve);
  });
  const address = outer.address();
  return {
    inner,
    serve(application) {
      app = application;
    },
    userOf(admission) {
      const [given, user] = admission.split(' ');
      return given !== undefined && timingSafeEqual(digest(given), digest(seal)) ? user : undefined;
    },
    port: typeof address === 'object' && address ? address.port : at.port,
    async [Symbol.asyncDispose]() {
      outer.closeAllConnections();
      await new Promise((resolve) => outer.close(resolve));
    },
  };
}

/** Mounts an Express application below a path: it sees the rest of the path, and the whole as `originalUrl`. */
export const below =
  (root: string, app: RequestListener): RequestListener =>
  (request, response) => {
    const url = request.url ?? '/';
    if (url !== root && !url.startsWith(`${root}/`) && !url.startsWith(`${root}?`)) {
      response.writeHead(404).end();
      return;
    }
    const rest = url.slice(root.length);
    Object.assign(request, { originalUrl: url, baseUrl: root, url: rest.startsWith('/') ? rest : `/${rest}` });
    app(request, response);
  };
