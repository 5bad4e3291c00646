import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { openAccounts } from '#console/accounts.ts';
import { openConsoleStore } from '#console/accounts-store.ts';
import { openAudit } from '#console/audit.ts';
import { openLiveFeed } from '#console/live-feed.ts';
import { openMirror } from '#console/mirror.ts';
import { openServer } from '#console/server.ts';
import type { ServiceName } from '#contracts/commands.ts';
import { instant } from '#contracts/units.ts';
import { type Bus, connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { type ArgsOf, openRequester, serveCommands } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import { loadSite } from '#runtime/site.ts';

export const PASSWORD = 'koma-tiru-4711';

/** A console over a real broker, with the commands of the other services answered and noted. */
export interface ConsoleHouse extends AsyncDisposable {
  readonly url: string;
  /** Speaks as any of the other services. */
  readonly bus: Bus;
  readonly asked: { command: string; person: string | undefined; args: unknown }[];
  /** Breaks every connection to the broker and refuses new ones until told otherwise. */
  setBrokerAway(isAway: boolean): void;
}

/** Starts it on ephemeral ports; every role has a user of its role's name with PASSWORD, `nurse` works with ward w1 alone. */
export async function openConsoleHouse({ site = 'demo', webRoot }: { site?: string; webRoot?: string } = {}): Promise<ConsoleHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'wardline-console-'));
  const broker = await Aedes.createBroker({ concurrency: 10_000 });
  let isAway = false;
  const sockets = new Set<import('node:net').Socket>();
  const listener = createServer((socket) => {
    if (isAway) return socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    return broker.handle(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = `mqtt://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const log = silentLog();
  const loaded = loadSite(fileURLToPath(new URL(`../../sites/${site}/site.yaml`, import.meta.url)));
  const connect = (user: string) =>
    connectBus({ url, site: loaded.site.site, user, secret: 'secret-of-sixteen', isDurable: false }, { log, clock: systemClock });

  const others = await connect('service.others');
  const asked: ConsoleHouse['asked'] = [];
  await answerCommands(others, asked);

  const store = openConsoleStore(join(folder, 'console.sqlite'));
  const accounts = openAccounts(store, systemClock);
  for (const [username, roles, wards] of [
    ['nurse', ['nurse'], ['w1']],
    ['charge', ['charge_nurse'], undefined],
    ['logistics', ['logistics'], undefined],
    ['command', ['command_centre'], undefined],
    ['engineer', ['engineer'], undefined],
    ['admin', ['admin'], undefined],
  ] as const)
    await accounts.create({ username, displayName: username, roles, wards, password: PASSWORD });

  const bus = await connect('service.console');
  const requester = await openRequester(bus);
  const mirror = await openMirror(bus, systemClock);
  const feed = openLiveFeed(mirror, systemClock, () => bus.isConnected);
  const app = await openServer({
    accounts,
    audit: openAudit(store, systemClock),
    mirror,
    feed,
    requester,
    site: loaded,
    isSimulated: true,
    flows: { host: '127.0.0.1', port: 9, tokenFile: join(folder, 'proxy-token') },
    webRoot: webRoot ?? fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
    log,
    clock: systemClock,
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });

  return {
    url: address,
    bus: others,
    asked,
    setBrokerAway(next) {
      isAway = next;
      if (isAway) for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      isAway = false;
      await feed[Symbol.asyncDispose]();
      await app.close();
      await mirror[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await others[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
      await new Promise<void>((resolve) => broker.close(resolve));
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The owners' answers, in the least that makes sense of each command. */
async function answerCommands(bus: Bus, asked: ConsoleHouse['asked']): Promise<void> {
  const log = silentLog();
  const note =
    <A, R>(command: string, result: (args: A) => R) =>
    (args: A, { person }: { person?: string }): R => {
      asked.push({ command, person, args });
      return result(args);
    };
  const serve = (service: ServiceName, handlers: Record<string, unknown>) => serveCommands(bus, service, handlers as never, log);
  await serve('alarms', {
    acknowledge: note('acknowledge', ({ alarm }: ArgsOf<'acknowledge'>) => ({ alarm })),
    alarmLog: note('alarmLog', () => ({
      transitions: ['w1', 'w2'].map((ward) => ({
        alarm: `near_empty-${ward}-02.1`,
        ward,
        kind: 'near_empty' as const,
        subject: '02.1',
        what: 'acknowledged',
        at: bus.clock.now(),
        person: 'nurse',
      })),
    })),
  });
  await serve('fleet', {
    sendRobot: note('sendRobot', () => ({ mission: 'm-9' })),
    cancelMission: note('cancelMission', () => ({})),
    stopAll: note('stopAll', () => ({ reached: ['d01'], notReached: [] })),
    resumeAll: note('resumeAll', () => ({})),
    fire: note('fire', () => ({})),
    listMissions: note('listMissions', () => ({ missions: [] })),
  });
  await serve('records', {
    admit: note('admit', () => ({ patient: 'p-1' })),
    discharge: note('discharge', () => ({ patient: 'p-1', stoppedOrders: [] })),
    startOrder: note('startOrder', () => ({ order: 'o-1' })),
    stopOrder: note('stopOrder', () => ({ order: 'o-1' })),
    listOrders: note('listOrders', () => ({ orders: [] })),
  });
  await serve('history', {
    query: note('query', ({ field, from, until }: ArgsOf<'query'>) => {
      const points = Array.from({ length: 120 }, (_, i) => {
        const share = i / 119;
        const mean = field === 'remainingMl' ? 500 - 420 * share : 80 + 12 * Math.sin(i / 7);
        return { at: instant(from + (until - from) * share), mean, min: mean - 3, max: mean + 3 };
      });
      return { points };
    }),
    counts: note('counts', () => ({ counts: { infusion: 1200, reading: 88_000 }, spooled: 0, lagMs: 120 })),
  });
}
