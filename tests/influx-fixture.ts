import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
      });
  });
}

export interface TestInflux extends AsyncDisposable {
  readonly url: string;
  readonly database: string;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Rows of an InfluxQL query, one object each with its tags. */
  query(influxQl: string): Promise<Record<string, unknown>[]>;
}

/** A real InfluxDB 1.6 (Debian's package) with a database of its own in a temporary folder. */
export async function startInflux(): Promise<TestInflux> {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-influx-'));
  const [http, rpc] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[logging]
  level = "error"
`,
  );
  const url = `http://127.0.0.1:${http}`;
  const database = 'wardline';
  let child: ChildProcess | undefined;

  const start = async () => {
    child = spawn('influxd', ['-config', config], { stdio: 'ignore' });
    for (let i = 0; i < 150; i++) {
      try {
        await fetch(`${url}/ping`);
        await fetch(`${url}/query?q=${encodeURIComponent(`CREATE DATABASE ${database}`)}`, { method: 'POST' });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100)); // Not listening yet.
      }
    }
    throw new Error('influxd did not start within 15 s');
  };
  const kill = async () => {
    const gone = child;
    if (!gone || gone.exitCode !== null) return;
    const ended = new Promise((resolve) => gone.once('exit', resolve));
    gone.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url,
    database,
    kill,
    start,
    async query(influxQl) {
      const response = await fetch(`${url}/query?db=${database}&epoch=ms&q=${encodeURIComponent(influxQl)}`);
      const body = (await response.json()) as {
        results: { error?: string; series?: { columns: string[]; values: unknown[][]; tags?: Record<string, string> }[] }[];
        error?: string;
      };
      const failure = body.error ?? body.results.find((r) => r.error)?.error;
      if (failure) throw new Error(`${influxQl}: ${failure}`);
      return body.results.flatMap((r) =>
        (r.series ?? []).flatMap((s) =>
          s.values.map((row) => ({ ...s.tags, ...Object.fromEntries(s.columns.map((column, i) => [column, row[i]])) })),
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
