import type { Duplex } from 'node:stream';
import type { Client, PublishPacket } from 'aedes';
import { channels } from '#contracts/channels.ts';
import type { ServiceStatus } from '#contracts/service.ts';
import { topicOf } from '#contracts/topics.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import { version } from '#runtime/service.ts';
import { loginHooks } from './authenticate.ts';
import { checkPublish, checkSubscribe } from './authorize.ts';
import { type Bounds, defaultBounds } from './bounds.ts';
import { type Connection, Connections } from './connections.ts';
import { frameGuard } from './frame-guard.ts';
import type { Identities } from './identities.ts';
import { type Listen, type Listening, listenTcp, listenTls, listenWebSocket } from './listeners.ts';
import { openRejections } from './rejections.ts';
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
}

export interface Broker extends AsyncDisposable {
  readonly listening: { readonly mqtt?: Listening; readonly mqtts?: Listening; readonly websocket?: Listening };
}

const REVOCATION_POLL = milliseconds(500);

/** Runs the ward's MQTT 3.1.1 broker until it is disposed of. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { site, identities, clock, log } = options;
  const bounds: Bounds = { ...defaultBounds, ...options.bounds };
  const connections = new Connections();
  const clients = new Map<string, Client>();
  const userOf = (client: Client) => connections.of(client).rights?.principal.user;

  const login = loginHooks({
    identities,
    connections,
    site,
    bounds,
    clock,
    log,
    ownerOf: (clientId) => {
      const client = clients.get(clientId);
      return client && userOf(client);
    },
    connectionsOf: (user, except) => {
      let count = 0;
      for (const client of clients.values()) if (client.id !== except && userOf(client) === user) count++;
      return count;
    },
  });

  const aedes = new WardBroker({
    concurrency: 10_000,
    connectTimeout: bounds.loginTimeout,
    drainTimeout: bounds.drainTimeout,
    heartbeatInterval: 5000,
    ...login,
    authorizePublish(client, packet, next) {
      if (packet.qos > 0 && packet.messageId === 0) return next(new Error('packet id 0')); // [MQTT-2.3.1-1]
      const rights = client && connections.of(client).rights;
      // A will of a client that is gone was judged at its login.
      if (!rights) return next();
      const verdict = checkPublish(rights, packet as PublishPacket, bounds);
      if (verdict.ok) packet.retain = verdict.retain;
      else {
        aedes.refuse(packet);
        rejections.report(rights.principal.user, packet.topic, verdict.because);
      }
      next();
    },
    authorizeSubscribe(client, subscription, next) {
      const connection = connections.of(client);
      const { rights } = connection;
      if (!rights) return next(null, null);
      const verdict = checkSubscribe(rights, subscription.topic, connection.subscriptions, bounds);
      if (!verdict.ok) {
        rejections.report(rights.principal.user, subscription.topic, `subscription: ${verdict.because}`);
        return next(null, null);
      }
      connection.subscriptions++;
      next(null, subscription);
    },
  });
  const rejections = openRejections({
    site,
    bounds,
    clock,
    log,
    publish: (topic, payload, qos, retain) => aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, () => undefined),
  });
  aedes.on('client', (client) => void clients.set(client.id, client));
  aedes.on('clientDisconnect', (client) => void (clients.get(client.id) === client && clients.delete(client.id)));
  aedes.on('unsubscribe', (filters, client) => {
    if (!client.closed) connections.of(client).subscriptions -= filters.length;
  });
  const troubled = (client: Client, error: Error) =>
    log.debug({ client: client.id, address: connections.of(client).address, reason: error.message }, 'connection ended');
  aedes.on('clientError', troubled);
  aedes.on('connectionError', troubled);
  await aedes.listen();

  const accept = (stream: Duplex, address: string) => {
    if (connections.open >= bounds.connectionsMax || connections.waiting >= bounds.loginsOpenMax) return void stream.destroy();
    const connection: Connection = { address, guard: frameGuard(bounds), subscriptions: 0 };
    connections.add(stream, connection);
    const see = (chunk: Buffer) => connection.guard.take(chunk, connection.rights !== undefined);
    aedes.handle(readWhole(stream, see));
  };
  const { mqtt, mqtts, websocket } = options.listeners;
  const listening: { mqtt?: Listening; mqtts?: Listening; websocket?: Listening } = {};
  if (mqtt) listening.mqtt = await listenTcp(mqtt, accept, bounds);
  if (mqtts) listening.mqtts = await listenTls(mqtts, mqtts, accept, bounds, log);
  if (websocket) listening.websocket = await listenWebSocket(websocket, accept, bounds, log);

  const startedAt = clock.now();
  const say = (state: ServiceStatus['state'], because?: string) => {
    const status: ServiceStatus = {
      schema: 'service.v1',
      service: 'broker',
      state,
      version,
      ...(because === undefined ? {} : { because }),
      startedAt,
      at: clock.now(),
    };
    const { qos, retain } = channels.service;
    aedes.publish(
      {
        cmd: 'publish',
        topic: topicOf(channels.service, site, { service: 'broker' }),
        payload: JSON.stringify(status),
        qos,
        retain,
        dup: false,
      },
      () => undefined,
    );
  };
  say('up');

  let seenVersion = identities.version();
  const stopPolling = clock.every(REVOCATION_POLL, () => {
    const next = identities.version();
    if (next === seenVersion) return;
    seenVersion = next;
    for (const client of clients.values()) {
      const rights = connections.of(client).rights;
      if (!rights) continue;
      const identity = identities.find(rights.principal.user);
      // Changed rights come into force by connecting anew.
      if (!identity || identity.revokedAt !== undefined || JSON.stringify(identity.principal) !== JSON.stringify(rights.principal)) {
        log.info({ user: rights.principal.user, client: client.id }, 'disconnected: revoked or changed');
        client.close();
      }
    }
  });

  return {
    listening,
    async [Symbol.asyncDispose]() {
      stopPolling();
      for (const server of Object.values(listening)) await server[Symbol.asyncDispose]();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}
