import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageOf } from '#runtime/bus.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { openRequester, type Requester } from '#runtime/commands.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import { silentLog } from '#runtime/log.ts';
import type { TestBroker } from './broker-fixture.ts';

/** The fleet process beside a test's broker. */
export interface TestFleet extends AsyncDisposable {
  /** Asks as the console does. */
  readonly console: Requester;
  readonly consoleBus: Bus;
  /** Every mission message, oldest first. */
  readonly missions: MessageOf<'mission'>[];
  /** The newest word about each robot. */
  readonly robots: Map<string, MessageOf<'robot'>>;
  readonly findings: MessageOf<'finding'>[];
  start(): Promise<void>;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
}

const fleetMain = new URL('../fleet/main.ts', import.meta.url).pathname;

export async function startTestFleet(broker: TestBroker, layout: LayoutFile): Promise<TestFleet> {
  const { dataDir, site } = broker;
  mkdirSync(join(dataDir, 'site'), { recursive: true });
  writeFileSync(join(dataDir, 'site', 'layout.lif.json'), JSON.stringify(layout));
  writeFileSync(join(dataDir, 'site', 'site.yaml'), JSON.stringify({ ...site, layout: 'layout.lif.json' }));
  const settingsFile = join(dataDir, 'settings.json');
  writeFileSync(
    settingsFile,
    JSON.stringify({
      siteFile: join(dataDir, 'site', 'site.yaml'),
      dataDir,
      brokerUrl: broker.url,
      mqtt: { host: '127.0.0.1', port: 0 },
      console: { host: '127.0.0.1', port: 0 },
      flows: { host: '127.0.0.1', port: 0 },
      history: { type: 'embedded' },
      isSimulated: true,
      timeFactor: 1,
    }),
  );

  const consoleBus = await connectBus(broker.busOf('service.console'), { clock: systemClock, log: silentLog() });
  const missions: MessageOf<'mission'>[] = [];
  const robots = new Map<string, MessageOf<'robot'>>();
  const findings: MessageOf<'finding'>[] = [];
  await consoleBus.subscribe('mission', {}, (message) => void (message && missions.push(message)));
  await consoleBus.subscribe('robot', {}, (message) => void (message && robots.set(message.robot, message)));
  await consoleBus.subscribe('finding', {}, (message) => void (message && findings.push(message)));
  const requester = await openRequester(consoleBus);

  let child: ChildProcess | undefined;
  const start = async () => {
    const next = fork(fleetMain, ['--settings', settingsFile], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child = next;
    await new Promise<void>((resolve, reject) => {
      next.once('message', () => resolve());
      next.once('exit', (code) => reject(new Error(`fleet ended with ${code} before it was ready`)));
    });
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    const leaving = child;
    child = undefined;
    if (!leaving || leaving.exitCode !== null || leaving.signalCode !== null) return;
    const gone = new Promise((resolve) => leaving.once('exit', resolve));
    leaving.kill(signal);
    await gone;
  };
  return {
    console: requester,
    consoleBus,
    missions,
    robots,
    findings,
    start,
    kill: () => end('SIGKILL'),
    async [Symbol.asyncDispose]() {
      await end('SIGTERM');
      await consoleBus[Symbol.asyncDispose]();
    },
  };
}

/** Waits until `isSo`; rejects with what was waited for. */
export async function until(isSo: () => boolean, what: string | (() => string), timeoutMs = 30_000): Promise<void> {
  for (const end = performance.now() + timeoutMs; !isSo(); ) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
