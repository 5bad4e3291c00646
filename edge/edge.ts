import { userNameOf } from '#contracts/access.ts';
import { channels } from '#contracts/channels.ts';
import type { Site } from '#contracts/site.ts';
import { topicOf } from '#contracts/topics.ts';
import { hours, milliseconds } from '#contracts/units.ts';
import { type Bus, type BusOptions, connectBus } from '#runtime/bus.ts';
import type { Clock } from '#runtime/clock.ts';
import { ConfigError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { createAssignments } from './assignments.ts';
import { startAgents } from './devices.ts';
import { keepMetrics } from './metrics.ts';
import { type OutboxLimits, openOutbox } from './outbox.ts';
import { openSender } from './sender.ts';
import { tellStatus } from './status.ts';
import { openTimeline } from './timeline.ts';
import { spreadOf } from './transports/connect.ts';

/** Three days of a ward's readings, if they are fewer than this many bytes. */
const OUTBOX_LIMITS: OutboxLimits = { ageMax: hours(72), bytesMax: 512 * 1024 * 1024 };
const TICK = milliseconds(1000);

export interface EdgeOptions {
  readonly site: Site;
  readonly edge: string;
  /** How this edge signs on; its last will is added here. */
  readonly busOf: (user: string) => BusOptions;
  /** Folder of this edge's own files. */
  readonly folder: string;
  readonly dataDir: string;
  readonly timeFactor: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly outboxLimits?: OutboxLimits;
  readonly backlogPerSecond?: number;
}

export interface Edge extends AsyncDisposable {
  /** Resolves when the edge is on the bus; devices are read and kept before that. */
  readonly onBus: Promise<void>;
}

/** An edge agent: its devices, its outbox, and the bus when there is one. Throws ConfigError for an edge or devices that make no sense. */
export function startEdge({ site, edge, busOf, folder, dataDir, timeFactor, clock, log, ...options }: EdgeOptions): Edge {
  const ward = site.wards.find(({ id }) => id === site.edges?.find((entry) => entry.id === edge)?.ward);
  if (!ward) throw new ConfigError('--edge', [`${edge}: must be one of ${(site.edges ?? []).map(({ id }) => id).join(', ')}`]);
  const devices = (site.devices ?? []).filter((device) => device.edge === edge);
  const startedAt = clock.now();
  const outbox = openOutbox(`${folder}/outbox.sqlite`, options.outboxLimits ?? OUTBOX_LIMITS, clock, log);
  const timeline = openTimeline(clock, timeFactor);
  const agents = startAgents(devices, { outbox, timeline, clock, log, dataDir, timeFactor });
  const metrics = keepMetrics(`${folder}/metrics.prom`, edge, { outbox, agents, clock, log });
  // The edges of a house that start together do not all speak in the same moment.
  let stopTicking = clock.after(milliseconds(spreadOf(edge) * TICK), () => {
    stopTicking = clock.every(TICK, () => agents.tick());
  });
  const address = { ward: ward.id, edge };
  const assignments = createAssignments(edge, ward, devices);

  async function join(bus: Bus): Promise<AsyncDisposable> {
    const stack = new AsyncDisposableStack();
    stack.use(bus);
    const sender = openSender({
      edge,
      outbox,
      clock,
      log,
      publish: (batch) => bus.publish('readings', address, batch, { isFleeting: true }),
      ...(options.backlogPerSecond === undefined ? {} : { backlogPerSecond: options.backlogPerSecond }),
    });
    const status = stack.use(tellStatus(address, { bus, agents, outbox, log, startedAt }));
    stack.defer(() => sender.close());
    const connected = () => {
      sender.connected();
      status.connected();
    };
    bus.onState((isConnected) => (isConnected ? connected() : sender.disconnected()));
    if (bus.isConnected) connected();
    await Promise.all([
      bus.subscribe('order', { ward: ward!.id }, (order, { params }) => {
        for (const [device, now] of assignments.order(params.bed, params.line, order)) agents.byDevice.get(device)?.assign(now);
      }),
      bus.subscribe('placement', { ward: ward!.id }, (placement, { params }) => {
        for (const [device, now] of assignments.placement(params.device, placement)) agents.byDevice.get(device)?.assign(now);
      }),
      bus.subscribe('rejected', { client: bus.user }, (rejected) => {
        if (rejected) log.error({ topic: rejected.topic, because: rejected.because, by: rejected.by }, 'our message was refused');
      }),
    ]);
    return stack;
  }

  const will = JSON.stringify({ schema: 'edge-status.v1', edge, ward: ward.id, state: 'offline', startedAt, at: startedAt });
  const joined = connectBus(
    { ...busOf(userNameOf('edge', edge)), will: { topic: topicOf(channels.edgeStatus, site.site, address), payload: will, retain: true } },
    { clock, log },
  ).then(join);
  return {
    onBus: joined.then(() => undefined),
    async [Symbol.asyncDispose]() {
      stopTicking();
      agents.close();
      outbox.flush();
      // A bus that never stood has nothing to end; its process goes away with it.
      const here = await Promise.race([joined, Promise.resolve(undefined)]);
      await here?.[Symbol.asyncDispose]();
      metrics[Symbol.dispose]();
      await outbox[Symbol.asyncDispose]();
    },
  };
}
