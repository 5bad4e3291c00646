import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { readCredential } from '#broker/credentials.ts';
import { ensurePrincipals } from '#broker/identities.ts';
import type { Site } from '#contracts/site.ts';
import type { BusOptions } from '#runtime/bus.ts';
import type { Settings } from '#runtime/settings.ts';
import { smallSite } from '#tests/broker-fixture.ts';

export interface BrokerProcess extends AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  busOf(user: string, options?: { isDurable?: boolean; connectionName?: string }): BusOptions;
  secretOf(user: string): string;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The broker as the supervisor starts it: a process of its own, by settings file. */
export async function startBrokerProcess({
  site = smallSite,
  settings = {},
}: {
  site?: Site;
  settings?: Partial<Settings>;
} = {}): Promise<BrokerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wardline-broker-'));
  mkdirSync(join(dataDir, 'run'));
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const siteFile = join(dataDir, 'site.yaml');
  // Without a layout a site file has no robots.
  const { robots: _, ...plain } = site;
  writeFileSync(siteFile, stringify(site.layout === undefined ? plain : site));
  const all: Settings = {
    siteFile,
    dataDir,
    brokerUrl: url,
    mqtt: { host: '127.0.0.1', port },
    console: { host: '127.0.0.1', port: 0 },
    flows: { host: '127.0.0.1', port: 0 },
    history: { type: 'embedded' },
    isSimulated: false,
    timeFactor: 1,
    ...settings,
  };
  const settingsFile = join(dataDir, 'run', 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(all));
  ensurePrincipals(dataDir, site);
  const secretOf = (user: string) => {
    const secret = readCredential(dataDir, user);
    if (secret === undefined) throw new Error(`${user} is no principal of the test's site`);
    return secret;
  };

  const main = fileURLToPath(new URL('../broker/main.ts', import.meta.url));
  const launch = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [main, '--settings', settingsFile], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, WARDLINE_LOG: 'warn' },
    });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the broker ended with code ${code}`))),
    ]);
    return child;
  };
  let child = await launch();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url,
    dataDir,
    get process() {
      return child;
    },
    secretOf,
    busOf: (user, { isDurable = false, connectionName } = {}) => ({
      url,
      site: site.site,
      user,
      secret: secretOf(user),
      isDurable,
      ...(connectionName === undefined ? {} : { connectionName }),
    }),
    kill,
    async start() {
      child = await launch();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
