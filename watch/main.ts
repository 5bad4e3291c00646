import { userNameOf } from '#contracts/access.ts';
import { milliseconds } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { sleep, systemClock } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { houseMapOf } from './domain/house-map.ts';
import { createWatch } from './domain/watch.ts';
import { keyOfFinding, openEpisodeStore, paramsOfFinding } from './episode-store.ts';
import { openFindingVoice } from './finding-voice.ts';
import { mergeFindings, openSweep, readRemains } from './restore.ts';
import { serveWatch } from './serve.ts';
import { openStateVoice } from './state-voice.ts';

/** The broker sends what records retains right after the subscription: by then everything is known that a finding may end with. */
const SETTLE = milliseconds(1500);

/** Owner of infusions, locations and the findings about them. */
await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('watch');
  const map = houseMapOf(house.site.site);
  const user = userNameOf('service', 'watch');

  await using store = openEpisodeStore(house.path('watch', 'episodes.sqlite'));
  const remains = await readRemains(house.busOf(user, { isDurable: false, connectionName: 'restore' }), { clock: systemClock, log });
  await using bus = await connectBus(house.serviceBus('watch', { isDurable: true }), { log, clock: systemClock });
  await using metrics = serveMetrics(house.settings.dataDir, 'watch');
  const health = announceService(bus, 'watch', log);
  const readings = metrics.counter('wardline_watch_readings_total', 'Readings evaluated');
  const findings = metrics.counter('wardline_watch_findings_total', 'Findings opened or ended');
  const refusals = metrics.counter('wardline_watch_refusals_total', 'Refused senders told');

  const voice = openFindingVoice(bus, store, log, (because) => health.say(because ? 'degraded' : 'up', because));
  const states = openStateVoice(bus, log);
  const watch = createWatch({
    map,
    now: systemClock.now(),
    findings: mergeFindings(store.all(), remains.findings),
    sayFinding(finding) {
      findings.add();
      voice.say(finding);
    },
    sayInfusion: states.infusion,
    sayLocation: states.location,
    sayPresence: states.presence,
    sayRefused(sender, because) {
      refusals.add();
      log.warn({ sender, because }, 'readings refused');
      const client = userNameOf(map.edges.has(sender) ? 'edge' : 'device', sender);
      bus
        .publish('rejected', { client }, { schema: 'rejected.v1', topic: 'readings', because, by: user, at: systemClock.now() })
        .catch((error: unknown) => log.debug({ reason: asError(error).message }, 'refusal not reported'));
    },
  });
  remains.infusions.forEach(watch.restoreInfusion);

  const sweeping = openSweep(bus, log);
  const retained = new Map(remains.findings.map((finding) => [keyOfFinding(finding), finding.occurrence]));
  const present = [...watch.present()];
  const presentKeys = new Set(present.map(keyOfFinding));
  // Ended but not confirmed, or present and gone at a broker that lost its state.
  voice.sayAgain([
    ...store.unsaid().filter(({ isPresent }) => !isPresent),
    ...present.filter((finding) => retained.get(keyOfFinding(finding)) !== finding.occurrence),
  ]);
  for (const finding of remains.findings) if (!presentKeys.has(keyOfFinding(finding))) sweeping('finding', paramsOfFinding(finding));
  for (const { ward, bed, line } of remains.infusions) if (!watch.owns(ward, bed, line)) sweeping('infusion', { ward, bed, line });

  await serveWatch(bus, watch, voice, readings.add);
  await sleep(systemClock, SETTLE);
  for (const location of remains.locations)
    if (watch.knows(location.tag)) watch.restoreLocation(location);
    else sweeping('location', { tag: location.tag });
  watch.settle(systemClock.now());
  announceReady();
  await stop.requested;
  await voice.kept();
  voice.finish();
});
