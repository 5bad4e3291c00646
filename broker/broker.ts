import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import { loginHooks } from './authenticate.ts';
import { type Bounds, defaultBounds } from './bounds.ts';
import { type Connection, Connections } from './connections.ts';
import { type Disk, openLevelDisk } from './disk.ts';
import { Fifo } from './fifo.ts';
import { frameGuard } from './frame-guard.ts';
import type { Identities } from './identities.ts';
import { openJournal } from './journal.ts';
import { type Listen, type Listening, listenTcp, listenTls, listenWebSocket } from './listeners.ts';
import { openPersistence } from './persistence.ts';
import { watchReaders } from './readers.ts';
import { openRejections } from './rejections.ts';
import { openRetained } from './retained.ts';
import { openSessions } from './sessions.ts';
import { announceBroker } from './status.ts';
import { trafficHooks } from './traffic.ts';
import { WardBroker } from './ward-broker.ts';
import { readWhole } from './whole-reads.ts';

export interface BrokerOptions {
  readonly site: string;
  readonly identities: Identities;
  readonly listeners: {
    readonly mqtt?: Listen;
    readonly mqtts?: Listen & { readonly cert: string; readonly key: string };
    readonly websocket?: Listen;
  };
  /** Sessions, queues and retained messages lie in `<dataDir>/broker`. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds?: Partial<Bounds>;
  /** Where they are kept instead. */
  readonly disk?: Disk;
}

export interface Counts {
  readonly connections: number;
  readonly sessions: number;
  readonly retained: number;
  /** Messages that wait in durable sessions, and those lost by full queues. */
  readonly queued: number;
  readonly dropped: number;
  readonly rejected: number;
}

export interface Broker extends AsyncDisposable {
  readonly listening: { readonly mqtt?: Listening; readonly mqtts?: Listening; readonly websocket?: Listening };
  readonly counts: Counts;
}

const IDENTITIES_POLL = milliseconds(500);
const EXPIRY_POLL = milliseconds(60_000);
/** Wills that a crash left behind are published four of these after the start. */
const HEARTBEAT_MS = 2500;

/** Runs the ward's MQTT 3.1.1 broker until it is disposed of. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { site, identities, clock, log } = options;
  const bounds: Bounds = { ...defaultBounds, ...options.bounds };
  const disk = options.disk ?? (await openLevelDisk(join(options.dataDir, 'broker', 'messages')));
  const journal = openJournal(disk, clock, log);
  const retained = await openRetained(disk, journal);
  const sessions = await openSessions({
    disk,
    journal,
    bounds,
    clock,
    log,
    onDropped: ({ clientId, dropped }) => status.dropped(clientId, dropped),
  });
  const connections = new Connections();
  const clients = new Map<string, Client>();
  const userOf = (clientId: string) => {
    const client = clients.get(clientId);
    return client ? connections.of(client).rights?.principal.user : undefined;
  };
  const persistence = await openPersistence({
    disk,
    journal,
    sessions,
    retained,
    userOf,
    mayRead: (client, filter) => connections.of(client).rights?.reads(filter) ?? false,
  });
  const publish = (topic: string, payload: Buffer, qos: 0 | 1, retain: boolean) =>
    aedes.route({ topic, payload, qos, retain }, (isKept) => isKept || log.debug({ topic }, 'own message not kept'));
  const rejections = openRejections({ site, bounds, clock, log, publish });
  const traffic = trafficHooks({
    connections,
    rejections,
    retained,
    bounds,
    route: (packet, whenKept) => aedes.route(packet, whenKept),
    settle: (packet) => aedes.settle(packet),
  });
  const aedes: WardBroker = new WardBroker(
    {
      persistence,
      // Aedes' own default of 100 messages under way makes delivery collapse under load.
      concurrency: 10_000,
      connectTimeout: bounds.loginTimeout,
      // Its timer would blame readers for a standstill of this process: `watchReaders` looks closer.
      drainTimeout: 2 * bounds.stuckSessionMax,
      heartbeatInterval: HEARTBEAT_MS,
      ...loginHooks({
        identities,
        connections,
        site,
        bounds,
        clock,
        log,
        ownerOf: (clientId) => userOf(clientId) ?? sessions.find(clientId)?.user,
        connectionsOf: (user, except) => [...clients.keys()].filter((id) => id !== except && userOf(id) === user).length,
      }),
      authorizePublish: traffic.authorizePublish,
      authorizeSubscribe: traffic.authorizeSubscribe,
      authorizeForward: (client, packet) => aedes.forward(client, packet),
    },
    { journal, sessions, retained, bounds },
  );

  const attach = (client: Client) => {
    const session = client.clean || client.closed ? undefined : sessions.find(client.id);
    if (!session || clients.get(client.id) !== client) return;
    session.attach(client.conn);
    sessions.note(session);
  };
  aedes.on('client', (client) => void clients.set(client.id, client));
  aedes.on('clientReady', attach);
  aedes.on('subscribe', (_, client) => attach(client));
  aedes.on('unsubscribe', (filters, client) => {
    for (const filter of filters) connections.of(client).subscriptions.delete(filter);
  });
  aedes.on('clientDisconnect', (client) => {
    if (clients.get(client.id) === client) clients.delete(client.id);
    traffic.forget(client);
    const session = sessions.find(client.id);
    if (!session?.detach(client.conn)) return;
    session.leftAt = clock.now();
    sessions.note(session);
  });
  const troubled = (client: Client, error: Error) => {
    const { address, rights } = connections.of(client);
    log[rights ? 'info' : 'debug']({ client: client.id, address, reason: error.message }, 'connection broken');
  };
  aedes.on('clientError', troubled);
  aedes.on('connectionError', troubled);
  await aedes.listen();

  const accept = (stream: Duplex, address: string) => {
    if (connections.open >= bounds.connectionsMax || connections.waiting >= bounds.loginsOpenMax) return void stream.destroy();
    const connection: Connection = { address, guard: frameGuard(bounds), subscriptions: new Set(), acknowledgements: new Fifo() };
    connections.add(stream, connection);
    aedes.handle(readWhole(stream, (chunk) => connection.guard.take(chunk, connection.rights !== undefined)));
  };
  const { mqtt, mqtts, websocket } = options.listeners;
  const listening: { mqtt?: Listening; mqtts?: Listening; websocket?: Listening } = {};
  if (mqtt) listening.mqtt = await listenTcp(mqtt, accept, bounds);
  if (mqtts) listening.mqtts = await listenTls(mqtts, mqtts, accept, bounds, log);
  if (websocket) listening.websocket = await listenWebSocket(websocket, accept, bounds, log);

  const status = announceBroker({ site, clock, log, publish });
  journal.onState((isFailing, because) => {
    status.disk(isFailing, because);
    // Those who were not confirmed send again when they come back.
    if (!isFailing) traffic.unconfirmed().forEach((client) => void client.close());
  });
  const stopPolling = watchIdentities();
  const stopWatching = watchReaders({
    clock,
    bounds,
    clients: () => clients.values(),
    onStuck: (client, unsent) => log.warn({ client: client.id, unsent }, 'disconnected: reads nothing'),
  });
  const stopExpiry = clock.every(EXPIRY_POLL, () => sessions.expire());

  /** Another process revokes: its client goes within the poll's period, and its sessions with it. Changed rights come into force by connecting anew. */
  function watchIdentities(): () => void {
    let seen = identities.version();
    return clock.every(IDENTITIES_POLL, () => {
      const next = identities.version();
      if (next === seen) return;
      seen = next;
      for (const client of [...clients.values()]) {
        const principal = connections.of(client).rights?.principal;
        if (!principal) continue;
        const identity = identities.find(principal.user);
        const isRevoked = !identity || identity.revokedAt !== undefined;
        if (!isRevoked && JSON.stringify(identity.principal) === JSON.stringify(principal)) continue;
        log.info({ user: principal.user, client: client.id }, isRevoked ? 'revoked: disconnected' : 'rights changed: disconnected');
        client.close();
      }
      for (const { principal, revokedAt } of identities.list()) if (revokedAt !== undefined) sessions.removeOf(principal.user);
    });
  }

  return {
    listening,
    get counts() {
      const { sessions: kept, queued, dropped } = sessions.counts;
      return { connections: connections.open, sessions: kept, retained: retained.count, queued, dropped, rejected: rejections.counted };
    },
    async [Symbol.asyncDispose]() {
      stopPolling();
      stopExpiry();
      stopWatching();
      status[Symbol.dispose]();
      for (const server of Object.values(listening)) await server[Symbol.asyncDispose]();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await journal[Symbol.asyncDispose]();
      await disk.close();
    },
  };
}
