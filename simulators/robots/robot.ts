import { connectAsync } from 'mqtt';
import { channels } from '#contracts/channels.ts';
import type { Robot as RobotSpec } from '#contracts/site.ts';
import { topicOf } from '#contracts/topics.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import { factsheetOf, headers, stateOf, visualizationOf } from './messages.ts';
import { InstantActions, Order } from './vda5050.ts';
import type { Vehicle } from './vehicle.ts';

export interface RobotLink {
  readonly url: string;
  readonly ca?: string;
  readonly site: string;
  readonly user: string;
  readonly secret: string;
}

const TICK = milliseconds(200);
const VISUALIZATION_MS = 1000;
/** The standard asks for a state at least every 30 s. */
const STATE_MS = 15_000;
const RECONNECT_MS = 2000;
const MESSAGE_MAX = 256 * 1024;

const orders = parser(Order);
const instantActions = parser(InstantActions);

/** A simulated robot on the broker: hears orders and instant actions, tells state, position, connection and factsheet. */
export async function startRobot(
  spec: RobotSpec,
  robot: Vehicle,
  link: RobotLink,
  { clock, log }: { clock: Clock; log: Log },
): Promise<AsyncDisposable> {
  const { interfaceName, manufacturer, serialNumber, version } = spec.adapter;
  const params = { interfaceName, manufacturer, serialNumber, major: `v${version.split('.')[0]}` };
  const topic = {
    order: topicOf(channels.vdaOrder, link.site, params),
    instantActions: topicOf(channels.vdaInstantActions, link.site, params),
    state: topicOf(channels.vdaState, link.site, params),
    visualization: topicOf(channels.vdaVisualization, link.site, params),
    connection: topicOf(channels.vdaConnection, link.site, params),
    factsheet: topicOf(channels.vdaFactsheet, link.site, params),
  };
  const head = headers({ manufacturer, serialNumber });
  const connection = (connectionState: 'ONLINE' | 'OFFLINE' | 'CONNECTIONBROKEN') =>
    JSON.stringify({ ...head('connection', clock.now()), connectionState });

  const client = await connectAsync(link.url, {
    clientId: link.user,
    username: link.user,
    password: link.secret,
    reconnectPeriod: RECONNECT_MS,
    keepalive: 15,
    ...(link.ca ? { ca: link.ca } : {}),
    will: { topic: topic.connection, payload: Buffer.from(connection('CONNECTIONBROKEN')), qos: 1, retain: true },
  });
  const said = (error?: Error | null) => {
    if (error) log.debug({ robot: spec.id, reason: error.message }, 'message not sent');
  };
  const send = (name: 'state' | 'visualization' | 'factsheet', body: object) => {
    if (!client.connected) return;
    client.publish(topic[name], JSON.stringify({ ...head(name, clock.now()), ...body }), { qos: 0, retain: name === 'factsheet' }, said);
  };
  const greet = () => {
    client.publish(topic.connection, connection('ONLINE'), { qos: 1, retain: true }, said);
    send('factsheet', factsheetOf(spec.kind));
    send('state', stateOf(robot.view));
  };
  client.on('connect', greet);
  client.on('error', (error) => log.warn({ robot: spec.id, reason: error.message }, 'robot has trouble with its connection'));
  client.on('message', (at, payload) => {
    const message = read(payload);
    if (message instanceof Error) return robot.refuse({ errorType: 'validationError', errorDescription: message.message });
    const parsed = at === topic.order ? orders.parse(message) : instantActions.parse(message);
    if (!parsed.ok) return robot.refuse({ errorType: 'validationError', errorDescription: sayProblems(parsed.problems.slice(0, 3)) });
    if (at === topic.order) robot.receiveOrder(parsed.value as Order);
    else {
      const value = parsed.value as InstantActions;
      robot.receiveInstantActions([...(value.actions ?? []), ...(value.instantActions ?? [])]);
    }
  });
  await client.subscribeAsync([topic.order, topic.instantActions], { qos: 0 });
  greet();

  let at = clock.elapsed();
  let told = robot.revision;
  let facts = robot.factsheetRequests;
  let stateAt = at;
  let shownAt = at;
  const cancel = clock.every(TICK, () => {
    const now = clock.elapsed();
    robot.advance(now - at);
    at = now;
    if (robot.factsheetRequests !== facts) {
      facts = robot.factsheetRequests;
      send('factsheet', factsheetOf(spec.kind));
    }
    if (robot.revision !== told || now - stateAt >= STATE_MS) {
      told = robot.revision;
      stateAt = now;
      send('state', stateOf(robot.view));
    }
    if (now - shownAt >= VISUALIZATION_MS) {
      shownAt = now;
      send('visualization', visualizationOf(robot.view));
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      cancel();
      if (client.connected) await client.publishAsync(topic.connection, connection('OFFLINE'), { qos: 1, retain: true });
      await client.endAsync();
    },
  };
}

function read(payload: Buffer): unknown {
  if (payload.length > MESSAGE_MAX) return new RangeError(`a message of ${payload.length} bytes is longer than ${MESSAGE_MAX}`);
  try {
    return JSON.parse(payload.toString());
  } catch (error) {
    return asError(error);
  }
}
