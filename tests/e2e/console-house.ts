import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAccounts } from '#console/accounts.ts';
import { openConsoleStore } from '#console/accounts-store.ts';
import { openAudit } from '#console/audit.ts';
import { openLiveFeed } from '#console/live-feed.ts';
import { openMirror } from '#console/mirror.ts';
import { openServer } from '#console/server.ts';
import { userNameOf } from '#contracts/access.ts';
import { type ChannelName, channels } from '#contracts/channels.ts';
import { type Bus, type BusOptions, connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { openRequester } from '#runtime/commands.ts';
import { silentLog } from '#runtime/log.ts';
import { loadSite } from '#runtime/site.ts';
import { startTestBroker } from '#tests/broker-fixture.ts';
import { type Asked, answerCommands } from './console-owners.ts';

export const PASSWORD = 'koma-tiru-4711';

/** A console over the real broker, with the commands of the other services answered and noted. */
export interface ConsoleHouse extends AsyncDisposable {
  readonly url: string;
  /** Speaks as the rightful writer of each channel, with that writer's own credentials. */
  readonly bus: Pick<Bus, 'publish' | 'retract' | 'clock'>;
  readonly asked: readonly Asked[];
  /** Cuts the console, and nobody else, off from the broker. */
  setBrokerAway(isAway: boolean): void;
}

/** Starts it on ephemeral ports; every role has a user with PASSWORD, `nurse` works with the site's first ward alone. */
export async function openConsoleHouse({
  site = 'demo',
  flowsPort = 9,
}: {
  site?: string;
  flowsPort?: number;
} = {}): Promise<ConsoleHouse> {
  const log = silentLog();
  const loaded = loadSite(fileURLToPath(new URL(`../../sites/${site}/site.yaml`, import.meta.url)));
  await using kept = new AsyncDisposableStack();
  const broker = kept.use(await startTestBroker({ site: loaded.site }));

  let isAway = false;
  const sockets = new Set<Socket>();
  const cable = createServer((socket) => {
    if (isAway) return socket.destroy();
    const onward = connect(Number(new URL(broker.url).port), '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((resolve) => cable.listen(0, '127.0.0.1', resolve));
  kept.defer(() => void cable.close());
  kept.defer(() => {
    for (const socket of sockets) socket.destroy();
  });

  const writers = new Map<string, Promise<Bus>>();
  const as = (user: string): Promise<Bus> => {
    const found =
      writers.get(user) ?? connectBus(withoutWill(broker.busOf(user, { connectionName: 'voice' })), { log, clock: systemClock });
    writers.set(user, found);
    return found;
  };
  kept.defer(async () => {
    for (const writer of writers.values()) await (await writer)[Symbol.asyncDispose]();
  });
  const writerOf = (name: ChannelName, params: Record<string, string>): Promise<Bus> => {
    if (name === 'service') return as(userNameOf('service', params.service as string));
    const [party] = channels[name].writers;
    if (party === 'edge') return as(userNameOf('edge', loaded.site.edges?.find((edge) => edge.ward === params.ward)?.id ?? ''));
    return as(party === 'facility' ? userNameOf('facility', 'main') : userNameOf('service', party ?? ''));
  };
  const asked: Asked[] = [];
  for (const service of ['alarms', 'fleet', 'records', 'history'] as const)
    await answerCommands(await as(userNameOf('service', service)), service, asked);

  const store = kept.use(openConsoleStore(join(broker.dataDir, 'console', 'console.sqlite')));
  const accounts = openAccounts(store, systemClock);
  const firstWard = loaded.site.wards[0]?.id ?? '';
  for (const [username, roles, wards] of [
    ['nurse', ['nurse'], [firstWard]],
    ['charge', ['charge_nurse'], undefined],
    ['logistics', ['logistics'], undefined],
    ['command', ['command_centre'], undefined],
    ['engineer', ['engineer'], undefined],
    ['admin', ['admin'], undefined],
  ] as const)
    await accounts.create({ username, displayName: username, roles, wards, password: PASSWORD });

  const url = `mqtt://127.0.0.1:${(cable.address() as AddressInfo).port}`;
  const bus = kept.use(await connectBus({ ...broker.busOf('service.console'), url }, { log, clock: systemClock }));
  const requester = await openRequester(bus);
  const mirror = kept.use(await openMirror(bus, systemClock));
  const feed = openLiveFeed(mirror, systemClock, () => bus.isConnected);
  const app = await openServer({
    accounts,
    audit: openAudit(store, systemClock),
    mirror,
    feed,
    requester,
    site: loaded,
    isSimulated: true,
    flows: { host: '127.0.0.1', port: flowsPort, tokenFile: join(broker.dataDir, 'flows', 'proxy-token') },
    webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
    log,
    clock: systemClock,
  });
  kept.defer(() => app.close());
  kept.use(feed);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });

  const owned = kept.move();
  return {
    url: address,
    bus: {
      clock: systemClock,
      publish: async (name, params, message) => (await writerOf(name, params)).publish(name, params, message),
      retract: async (name, params, last) => (await writerOf(name, params)).retract(name, params, last),
    },
    asked,
    setBrokerAway(next) {
      isAway = next;
      if (isAway) for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      isAway = false;
      await owned.disposeAsync();
    },
  };
}

/** The writers here are voices of the test: their end is no service's death. */
function withoutWill({ service: _, ...options }: BusOptions): BusOptions {
  return options;
}
