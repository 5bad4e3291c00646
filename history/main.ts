import { type Finding, HOUSE } from '#contracts/findings.ts';
import { milliseconds } from '#contracts/units.ts';
import { type Bus, connectBus, sweep } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { serveCommands } from '#runtime/commands.ts';
import { asError } from '#runtime/errors.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { groupCommit } from './group-commit.ts';
import type { Point } from './measurements.ts';
import { openHistoryStore } from './open-store.ts';
import { pointsOf, recordedChannels } from './points.ts';

await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('history');
  const clock = systemClock;
  await using store = openHistoryStore(house.settings.history, (file) => house.path('history', file), { clock, log });
  await using bus = await connectBus(house.serviceBus('history', { isDurable: true }), { log, clock });
  const health = announceService(bus, 'history', log);
  await using metrics = serveMetrics(house.settings.dataDir, 'history');
  const recorded = metrics.counter('wardline_points_recorded_total', 'Points on disk in the store or its spool.');
  metrics.gauge('wardline_points_waiting', 'Points that wait for their commit.', () => commits.waiting);
  const diskFull = diskFullFinding(bus);
  let diskTrouble: string | undefined;
  const commits = groupCommit<Point>(
    clock,
    (points) => {
      store.keep(points);
      recorded.add(points.length);
    },
    (error) => {
      diskTrouble = error === undefined ? undefined : `takes nothing more: ${asError(error).message}`;
      if (error !== undefined) log.error({ reason: asError(error).message, waiting: commits.waiting }, 'history cannot be kept');
      diskFull(diskTrouble !== undefined).catch((thrown: unknown) => log.warn({ reason: asError(thrown).message }, 'finding not sent'));
      say();
    },
  );
  const say = () => {
    const because = diskTrouble ?? store.trouble();
    health.say(because === undefined ? 'up' : 'degraded', because?.slice(0, 300));
  };
  clock.every(milliseconds(2000), say);

  await sweep(bus, 'finding', (message) => message.subject !== 'history' || message.kind !== 'disk_full');
  for (const channel of recordedChannels) {
    await bus.subscribe(channel, {}, (message, { params }) => {
      // What is retained at subscription may have been said before history listened; recorded twice it is still one point.
      if (message === undefined) return;
      return commits.add(pointsOf(channel, message, params));
    });
  }
  await serveCommands(bus, 'history', { query: (question) => store.trend(question), counts: () => store.counts() }, log);
  announceReady();
  await stop.requested;
});

/** Says on the bus, once per episode, that the history's disk is full. */
function diskFullFinding(bus: Bus): (isFull: boolean) => Promise<void> {
  let since: ReturnType<typeof bus.clock.now> | undefined;
  let occurrence = 0;
  return async (isFull) => {
    if (isFull === (since !== undefined)) return;
    const now = bus.clock.now();
    if (isFull) {
      since = now;
      occurrence = Math.floor(now / 1000);
    }
    const finding: Finding = {
      schema: 'finding.v1',
      ward: HOUSE,
      kind: 'disk_full',
      subject: 'history',
      isPresent: isFull,
      occurrence,
      since: since ?? now,
      at: now,
      evidence: [],
    };
    const params = { ward: HOUSE, kind: finding.kind, subject: finding.subject };
    if (isFull) return bus.publish('finding', params, finding);
    since = undefined;
    return bus.retract('finding', params, finding);
  };
}
