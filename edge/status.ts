import { type Instant, milliseconds } from '#contracts/units.ts';
import type { DeviceStatus, EdgeStatus } from '#contracts/ward-state.ts';
import type { Bus } from '#runtime/bus.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Agents } from './devices.ts';
import type { Outbox } from './outbox.ts';

/** A change of state is told with the next look; what only counts up is told after the repeat. */
const LOOK = milliseconds(1000);
const EDGE_REPEAT_MS = 10_000;
/** More batches than are usually under way: falling behind and catching up are told at once. */
const BEHIND_BATCHES = 5;
const DEVICE_REPEAT_MS = 60_000;
/** Device statuses told in one look: a big ward's repeat spreads over some seconds. */
const TOLD_MAX = 50;

export interface StatusTeller extends AsyncDisposable {
  /** Tells everything anew: the broker may have lost it. */
  connected(): void;
}

/** Keeps the retained status of the edge and of its devices true. */
export function tellStatus(
  { edge, ward }: { edge: string; ward: string },
  { bus, agents, outbox, log, startedAt }: { bus: Bus; agents: Agents; outbox: Outbox; log: Log; startedAt: Instant },
): StatusTeller {
  const { clock } = bus;
  const told = new Map<string, { state: string; at: number }>();
  let edgeToldAt = Number.NEGATIVE_INFINITY;
  let lostTold = -1;
  let wasBehind = false;

  // Statuses are told again from what is true then: there is no use in sending an old one after a break.
  const keep = (sent: Promise<void>, again: () => void) => {
    sent.catch((thrown: unknown) => {
      if (!(thrown instanceof OperationalError)) throw thrown;
      log.debug({ reason: asError(thrown).message }, 'status not sent');
      again();
    });
  };
  const edgeStatus = (state: EdgeStatus['state']): EdgeStatus => ({
    schema: 'edge-status.v1',
    edge,
    ward,
    state,
    startedAt,
    outboxDepth: outbox.depth,
    outboxLostReadings: outbox.lostReadings,
    at: clock.now(),
  });

  const isBehind = () => outbox.depth > BEHIND_BATCHES;

  function tellEdge(): void {
    edgeToldAt = clock.elapsed();
    lostTold = outbox.lostReadings;
    wasBehind = isBehind();
    keep(bus.publish('edgeStatus', { ward, edge }, edgeStatus('online'), { isFleeting: true }), () => {
      edgeToldAt = Number.NEGATIVE_INFINITY;
    });
  }
  function look(): void {
    if (!bus.isConnected) return;
    const now = clock.elapsed();
    if (now - edgeToldAt >= EDGE_REPEAT_MS || outbox.lostReadings !== lostTold || isBehind() !== wasBehind) tellEdge();
    let count = 0;
    for (const agent of agents.all) {
      const status = agent.status();
      const before = told.get(agent.device);
      if (before && before.state === status.state && now - before.at < DEVICE_REPEAT_MS) continue;
      if (++count > TOLD_MAX) break;
      told.set(agent.device, { state: status.state, at: now });
      const message: DeviceStatus = { schema: 'device-status.v1', device: agent.device, ward, ...status, at: clock.now() };
      keep(bus.publish('deviceStatus', { ward, device: agent.device }, message, { isFleeting: true }), () => told.delete(agent.device));
    }
  }
  const stop = clock.every(LOOK, look);
  return {
    connected() {
      told.clear();
      tellEdge();
    },
    async [Symbol.asyncDispose]() {
      stop();
      if (!bus.isConnected) return;
      try {
        await bus.publish('edgeStatus', { ward, edge }, edgeStatus('offline'), { isFleeting: true });
      } catch (thrown) {
        if (!(thrown instanceof OperationalError)) throw thrown;
        log.debug({ reason: thrown.message }, 'farewell not sent');
      }
    },
  };
}
