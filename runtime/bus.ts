import type { IPublishPacket } from 'mqtt-packet';
import type { Static } from 'typebox';
import { userNameOf } from '#contracts/access.ts';
import { type Channel, type ChannelName, type Channels, channels, type ParamsOf } from '#contracts/channels.ts';
import type { ServiceName } from '#contracts/commands.ts';
import { filterMatches, filterOf, paramsOf, topicOf } from '#contracts/topics.ts';
import { type Instant, milliseconds } from '#contracts/units.ts';
import { type Clock, sleep } from './clock.ts';
import { asError, OperationalError } from './errors.ts';
import type { Log } from './log.ts';
import { connectMqtt } from './mqtt-connection.ts';
import { type Parser, parser, sayProblems } from './validate.ts';

export type MessageOf<C extends ChannelName> = Static<Channels[C]['schema']>;
export type TopicParams<C extends ChannelName> = ParamsOf<Channels[C]>;

export interface Delivery<C extends ChannelName> {
  readonly params: TopicParams<C>;
  /** Sent from the broker's store at subscription, not just published. */
  readonly isRetained: boolean;
  readonly receivedAt: Instant;
}

/** `message` is undefined where a retained message was withdrawn. The message is acknowledged when the promise resolves: keep it before that. A throw is our bug and ends the process. */
export type Handler<C extends ChannelName> = (message: MessageOf<C> | undefined, delivery: Delivery<C>) => void | Promise<void>;

export interface Bus extends AsyncDisposable {
  readonly site: string;
  readonly user: string;
  readonly clock: Clock;
  readonly isConnected: boolean;
  /** Resolves when the broker holds the message. QoS and retain flag are the channel's. `isFleeting`: rejects BUS_OFFLINE in place of sending again after a break. */
  publish<C extends ChannelName>(name: C, params: TopicParams<C>, message: MessageOf<C>, options?: { isFleeting?: boolean }): Promise<void>;
  /** Withdraws a retained message, after a last live one where given. */
  retract<C extends ChannelName>(name: C, params: TopicParams<C>, last?: MessageOf<C>): Promise<void>;
  /** Parameters that are not given match anything. */
  subscribe<C extends ChannelName>(name: C, params: Partial<TopicParams<C>>, handler: Handler<C>): Promise<void>;
  onState(listener: (isConnected: boolean) => void): void;
}

export interface BusOptions {
  readonly url: string;
  readonly ca?: string;
  readonly site: string;
  readonly user: string;
  readonly secret: string;
  /** Keeps the session at the broker while away. */
  readonly isDurable: boolean;
  /** Distinguishes several connections of one user. */
  readonly connectionName?: string;
  /** Announces the service as down when the connection breaks. */
  readonly service?: ServiceName;
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain: boolean };
}

/** A process has subscribed to all that it reads this long after it is on the bus. */
/** An orderly end waits this long for the broker to take the farewell. */
const FAREWELL_MS = milliseconds(500);
const HELD_MS = milliseconds(10_000);

interface Subscription {
  readonly name: ChannelName;
  readonly channel: Channel;
  readonly filter: string;
  readonly parser: Parser<unknown>;
  readonly handler: Handler<ChannelName>;
}

/** Opens the bus; resolves once the first connection stands, so that a process that is ready is really on the bus. */
export async function connectBus(options: BusOptions, { clock, log }: { clock: Clock; log: Log }): Promise<Bus> {
  const { site, user } = options;
  const subscriptions: Subscription[] = [];
  const listeners: ((isConnected: boolean) => void)[] = [];
  const routes = new Map<string, Subscription[]>();
  const held: [IPublishPacket, () => void][] = [];
  let isStarting = options.isDurable;
  let refused = 0;
  let whenConnected: () => void = () => undefined;
  const firstConnection = new Promise<void>((resolve) => {
    whenConnected = resolve;
  });

  const will = options.will ?? (options.service ? lastWill(options.service, site, clock.now()) : undefined);
  const connection = connectMqtt({
    url: options.url,
    clientId: options.connectionName ? `${user}:${options.connectionName}` : user,
    username: user,
    password: options.secret,
    clean: !options.isDurable,
    clock,
    ...(options.ca ? { ca: options.ca } : {}),
    ...(will ? { will } : {}),
    onState(isConnected, reason) {
      if (isConnected) whenConnected();
      else log.warn({ reason }, 'bus connection lost');
      for (const listener of listeners) listener(isConnected);
    },
    onMessage: receive,
  });

  function receive(packet: IPublishPacket, acknowledge: () => void): void {
    const payload = packet.payload as Buffer;
    const matching = route(packet.topic);
    let open = matching.length;
    if (open === 0) {
      // What a kept session brings at once belongs to handlers that the process is about to subscribe.
      if (isStarting) held.push([packet, acknowledge]);
      else acknowledge();
      return;
    }
    let message: unknown;
    let problem: string | undefined;
    if (payload.length > 0) {
      try {
        message = JSON.parse(payload.toString());
      } catch (error) {
        problem = `not JSON: ${asError(error).message}`;
      }
    }
    const done = () => --open === 0 && acknowledge();
    for (const subscription of matching) {
      if (problem === undefined && payload.length > 0 && !subscription.parser.check(message)) {
        const parsed = subscription.parser.parse(message);
        if (!parsed.ok) problem = sayProblems(parsed.problems.slice(0, 5));
      }
      if (problem !== undefined) {
        refuse(packet.topic, subscription, problem);
        done();
        continue;
      }
      const params = paramsOf(subscription.channel, site, packet.topic) as Delivery<ChannelName>['params'];
      // A rejection is our bug: it ends the process as an unhandled one, with its stack, and the message comes again.
      void (async () => {
        await subscription.handler(message as MessageOf<ChannelName>, { params, isRetained: packet.retain, receivedAt: clock.now() });
        done();
      })();
    }
  }

  function route(topic: string): Subscription[] {
    let found = routes.get(topic);
    if (!found) {
      found = subscriptions.filter((s) => filterMatches(s.filter, topic));
      if (routes.size > 50_000) routes.clear();
      routes.set(topic, found);
    }
    return found;
  }

  /** Refused input is acknowledged, dropped, counted and reported to its sender; nothing loops on a poison message. */
  function refuse(topic: string, subscription: Subscription, because: string): void {
    refused++;
    const params = paramsOf(subscription.channel, site, topic) ?? {};
    log.warn({ topic, because, refused }, 'message refused');
    const client = params.edge ? userNameOf('edge', params.edge) : params.device ? userNameOf('device', params.device) : undefined;
    if (client && channels.rejected.writers.some((w) => userNameOf('service', w) === user)) {
      bus
        .publish('rejected', { client }, { schema: 'rejected.v1', topic, because: because.slice(0, 1000), by: user, at: clock.now() })
        .catch((error: unknown) => log.debug({ error: asError(error).message }, 'refusal not reported'));
    }
  }

  const bus: Bus = {
    site,
    user,
    clock,
    get isConnected() {
      return connection.isConnected;
    },
    publish(name, params, message, { isFleeting = false } = {}) {
      const channel: Channel = channels[name];
      return connection.publish(topicOf(channel, site, params), JSON.stringify(message), channel.qos, channel.retain, isFleeting);
    },
    async retract(name, params, last) {
      const channel: Channel = channels[name];
      const topic = topicOf(channel, site, params);
      const said = last === undefined ? undefined : connection.publish(topic, JSON.stringify(last), channel.qos, false);
      await Promise.all([said, connection.publish(topic, '', channel.qos, true)]);
    },
    async subscribe(name, params, handler) {
      const channel: Channel = channels[name];
      const filter = filterOf(channel, site, params as Record<string, string>);
      subscriptions.push({ name, channel, filter, parser: parserOf(name), handler: handler as unknown as Handler<ChannelName> });
      routes.clear();
      for (const [packet, acknowledge] of held.splice(0)) receive(packet, acknowledge);
      // Said again where another handler has the filter already: this one wants the retained messages too. [MQTT-3.8.4-3]
      await connection.subscribe(filter, channel.qos);
    },
    onState: (listener) => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      // The broker sends a last will only for a connection that broke: who leaves in order says it himself.
      if (will && connection.isConnected) {
        const said = connection.publish(will.topic, will.payload, 1, will.retain);
        await Promise.race([
          said.catch((error: unknown) => log.debug({ reason: asError(error).message }, 'farewell not said')),
          sleep(clock, FAREWELL_MS),
        ]);
      }
      await connection[Symbol.asyncDispose]();
    },
  };

  const slow = clock.every(milliseconds(10_000), () => log.warn({ url: options.url, user }, 'still waiting for the broker'));
  await firstConnection;
  slow();
  clock.after(HELD_MS, () => {
    isStarting = false;
    for (const [, acknowledge] of held.splice(0)) acknowledge();
  });
  return bus;
}

const parsers = new Map<ChannelName, Parser<unknown>>();
/** The compiled check of a channel's messages. */
export function parserOf(name: ChannelName): Parser<unknown> {
  let found = parsers.get(name);
  if (!found) {
    found = parser(channels[name].schema);
    parsers.set(name, found);
  }
  return found;
}

const lastWill = (service: ServiceName, site: string, at: Instant) => ({
  topic: topicOf(channels.service, site, { service }),
  payload: JSON.stringify({ schema: 'service.v1', service, state: 'down', because: 'connection lost', at }),
  retain: true,
});

/**
 * Withdraws the retained messages of a channel that their owner no longer stands for. Call once at start; `isMine` is asked for each retained message found.
 */
export function sweep<C extends ChannelName>(
  bus: Bus,
  name: C,
  isMine: (message: MessageOf<C>, params: TopicParams<C>) => boolean,
): Promise<void> {
  return bus.subscribe(name, {}, async (message, { params, isRetained }) => {
    if (!isRetained || message === undefined || isMine(message, params)) return;
    try {
      await bus.retract(name, params);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
    }
  });
}
