import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ensurePrincipals } from '#broker/identities.ts';
import { type Part, parts, planHouse } from '#cli/house-plan.ts';
import { settingsOf, writeSettings } from '#cli/settings-file.ts';
import { root } from '#cli/site-choice.ts';
import { type Supervised, supervise } from '#cli/supervise.ts';
import { ensureFirstAccounts, type FirstAccount } from '#console/accounts.ts';
import type { HistoryStore, Site } from '#contracts/site.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import { silentLog } from '#runtime/log.ts';
import { openHouse, type Settings } from '#runtime/settings.ts';
import { loadSite } from '#runtime/site.ts';
import { freePort } from './influx-fixture.ts';

export interface TestHouse extends AsyncDisposable {
  readonly settings: Settings;
  readonly site: Site;
  readonly consoleUrl: string;
  readonly accounts: readonly FirstAccount[];
  readonly processes: readonly Supervised[];
  /** A bus connection with the rights of `user`; closed with the house. */
  bus(user: string, options?: { isDurable?: boolean; connectionName?: string }): Promise<Bus>;
  /** `kill -9`; the supervisor starts it again. */
  kill(name: string): number;
  /** Resolves when the process is ready again; rejects after `timeoutMs`. */
  whenBack(name: string, killedPid: number, timeoutMs: number): Promise<void>;
}

export interface TestHouseOptions {
  /** A shipped site, or one of the test's own with its layout; `adapt` may change it. */
  readonly site?: 'demo' | 'reference' | { readonly site: Site; readonly layout: LayoutFile; readonly orders: string };
  readonly adapt?: (site: Site) => void;
  readonly only?: readonly Part[];
  readonly isSimulated?: boolean;
  readonly timeFactor?: number;
  readonly history?: HistoryStore;
  readonly readyMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a real house: the product's processes under its supervisor, on ports of its own and a temporary data folder. */
export async function startHouse({
  site: chosen = 'demo',
  adapt,
  only = parts,
  isSimulated = true,
  timeFactor = 1,
  history,
  readyMs = 60_000,
  env = {},
}: TestHouseOptions = {}): Promise<TestHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wardline-house-'));
  Object.assign(process.env, env);
  const site = typeof chosen === 'string' ? shippedSite(chosen) : ownSite(chosen, dataDir);
  const cameraPort = await freePort();
  for (const device of site.devices ?? [])
    if (device.transport.type === 'http' && typeof chosen === 'string')
      device.transport.url = device.transport.url.replace(/:\d+\//, `:${cameraPort}/`);
  adapt?.(site);
  const siteFile = join(dataDir, 'site.yaml');
  writeFileSync(siteFile, JSON.stringify(site));
  loadSite(siteFile);

  const settings: Settings = {
    ...settingsOf({
      siteFile,
      site,
      dataDir,
      isSimulated,
      timeFactor,
      mqttPort: await freePort(),
      consolePort: await freePort(),
      flowsPort: await freePort(),
    }),
    ...(history ? { history } : {}),
  };
  ensurePrincipals(dataDir, site);
  const accounts = await ensureFirstAccounts(dataDir, site, { isDemo: true });
  const said: string[] = [];
  const supervisor = supervise(planHouse(site, writeSettings(settings, site), only, isSimulated), {
    root,
    logDir: join(dataDir, 'log'),
    say: (line) => said.push(line),
  });
  const opened: Bus[] = [];
  const dispose = async () => {
    await Promise.all(opened.map((bus) => bus[Symbol.asyncDispose]()));
    await supervisor.stop();
    if (process.env.WARDLINE_KEEP) process.stdout.write(`kept ${dataDir}\n`);
    else rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await supervisor.whenReady(readyMs);
    const ended = supervisor.processes.filter((p) => p.ended !== undefined);
    if (ended.length > 0) throw new Error(ended.map((p) => `${p.name}: ${p.ended}`).join('\n'));
  } catch (error) {
    await dispose();
    throw new Error(`the house does not stand: ${said.join('\n')}`, { cause: error });
  }
  const house = openHouse(settings);
  const find = (process: string): Supervised => {
    const found = supervisor.processes.find((p) => p.name === process);
    if (!found) throw new RangeError(`no process ${process} among ${supervisor.processes.map((p) => p.name).join(', ')}`);
    return found;
  };
  return {
    settings,
    site,
    consoleUrl: `http://127.0.0.1:${settings.console.port}`,
    accounts,
    processes: supervisor.processes,
    async bus(user, { isDurable = false, connectionName = 'test' } = {}) {
      const bus = await connectBus(house.busOf(user, { isDurable, connectionName }), { clock: systemClock, log: silentLog() });
      opened.push(bus);
      return bus;
    },
    kill(process_) {
      const { pid } = find(process_);
      if (pid === undefined) throw new RangeError(`${process_} does not run`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    async whenBack(process_, killedPid, timeoutMs) {
      const state = find(process_);
      for (const until = performance.now() + timeoutMs; performance.now() < until; ) {
        if (state.isReady && state.pid !== killedPid) return;
        await new Promise((done) => setTimeout(done, 20));
      }
      throw new Error(`${process_} is not back after ${timeoutMs} ms: ${said.slice(-3).join('\n')}`);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function shippedSite(name: 'demo' | 'reference'): Site {
  const shipped = loadSite(join(root, 'sites', name, 'site.yaml'));
  const site = structuredClone(shipped.site);
  const beside = (path: string) => resolve(dirname(shipped.file), path);
  if (site.layout) site.layout = beside(site.layout);
  for (const [kind, path] of Object.entries(site.seed ?? {})) Object.assign(site.seed!, { [kind]: beside(path as string) });
  return site;
}

function ownSite({ site, layout, orders }: { site: Site; layout: LayoutFile; orders: string }, folder: string): Site {
  writeFileSync(join(folder, 'layout.lif.json'), JSON.stringify(layout));
  writeFileSync(join(folder, 'orders.csv'), orders);
  return { ...structuredClone(site), layout: join(folder, 'layout.lif.json'), seed: { orders: join(folder, 'orders.csv') } };
}

/** Waits until `isSo` holds, looking every 50 ms; fails with `what` after `timeoutMs`. */
export async function until<T>(
  isSo: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = 20_000,
): Promise<T> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; ) {
    const found = await isSo();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`);
}
