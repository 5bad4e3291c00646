import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Transport } from '#contracts/site.ts';
import type { Device } from '#simulators/devices/device.ts';
import { serveShared, serveTcp } from '#simulators/devices/serve.ts';
import { TraceError } from '#tools/evaluate/trace-file.ts';
import type { Place } from './places.ts';

const TERMINAL_TIMEOUT_MS = 5000;
const AGAIN_MS = 100;

export interface Wires extends AsyncDisposable {
  /** The transports as they came out, with the ports that were taken. */
  readonly transports: ReadonlyMap<string, Transport>;
}

/** Counts hosts as they connect: a recording starts with the first. */
const watched = (device: Device, onHost: () => void): Device => ({
  connect(send) {
    onHost();
    return device.connect(send);
  },
});

/** A real pseudo-terminal whose other end is a TCP port of this process, connected as long as an agent holds it open. Needs socat. */
async function openTerminal(path: string, port: number): Promise<AsyncDisposable> {
  if (existsSync(path) && !lstatSync(path).isSymbolicLink()) throw new TraceError(`${path} is there and is no terminal of a replay`);
  let isEnded = false;
  let because: string | undefined;
  let child: ChildProcess;
  const start = () => {
    rmSync(path, { force: true });
    child = spawn('socat', [`pty,link=${path},raw,echo=0,wait-slave,pty-interval=0.05`, `tcp:127.0.0.1:${port},nodelay`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.once('error', (error) => {
      because = `socat cannot be started (is it installed?): ${error.message}`;
    });
    // It ends when the agent closes the terminal: the next agent finds a new one.
    child.once('exit', () => !isEnded && setTimeout(() => !isEnded && start(), AGAIN_MS));
  };
  start();
  for (let waited = 0; !existsSync(path); waited += 20) {
    if (because !== undefined || waited > TERMINAL_TIMEOUT_MS) throw new TraceError(`${path}: ${because ?? 'socat makes no terminal'}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    async [Symbol.asyncDispose]() {
      isEnded = true;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || !child.kill()) return;
      await ended;
    },
  };
}

async function servePictures(
  host: string,
  port: number,
  pictureAt: (path: string) => (() => Uint8Array | undefined) | undefined,
): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((request, response) => {
    const picture = pictureAt(new URL(request.url ?? '/', 'http://replay').pathname)?.();
    if (picture) response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length }).end(picture);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Serves every place on its wire. `onHost` is called whenever somebody connects or fetches. */
export async function openWires(places: readonly Place[], onHost: () => void): Promise<Wires> {
  await using opening = new AsyncDisposableStack();
  const transports = new Map<string, Transport>();
  const sockets = new Map<string, Map<string, Device>>();
  const cameras = new Map<string, Map<string, { id: string; picture: () => Uint8Array | undefined }>>();
  for (const { id, track, transport } of places) {
    transports.set(id, transport);
    if (transport.type === 'http') {
      const url = new URL(transport.url);
      const looked = () => {
        onHost();
        return track.picture?.();
      };
      const at = url.port === '0' ? `${url.host} ${id}` : url.host;
      cameras.set(at, (cameras.get(at) ?? new Map()).set(url.pathname, { id, picture: looked }));
      continue;
    }
    if (!track.device) throw new TraceError(`${id}: pictures can only be had over HTTP`);
    const device = watched(track.device, onHost);
    if (transport.type === 'shared') {
      sockets.set(transport.path, (sockets.get(transport.path) ?? new Map()).set(id, device));
    } else if (transport.type === 'tcp') {
      const served = opening.use(await serveTcp(device, transport.port, transport.host));
      transports.set(id, { ...transport, port: served.port });
    } else {
      const served = opening.use(await serveTcp(device));
      opening.use(await openTerminal(transport.path, served.port));
    }
  }
  for (const [path, devices] of sockets) opening.use(await serveShared(path, (id) => devices.get(id)));
  for (const [at, pictures] of cameras) {
    const { hostname, port } = new URL(`http://${at.split(' ')[0]}`);
    const served = opening.use(await servePictures(hostname, Number(port || 80), (path) => pictures.get(path)?.picture));
    for (const [path, { id }] of pictures) {
      const transport = transports.get(id)!;
      if (transport.type === 'http') transports.set(id, { ...transport, url: `http://${hostname}:${served.port}${path}` });
    }
  }
  const open = opening.move();
  return { transports, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
