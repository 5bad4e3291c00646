import { instant, milliseconds } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { asError, ConfigError } from '#runtime/errors.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { openAnnouncer } from './announcer.ts';
import { problemsOfRules, rulesOf } from './domain/rules.ts';
import { openLedger } from './ledger.ts';
import { ledgerStoreIn, openLedgerFile } from './ledger-store.ts';
import { openOwnFindings } from './own-findings.ts';
import { serveLedger } from './serve.ts';

const KEEP_TRANSITIONS_MS = 400 * 86_400_000;

await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('alarms');
  const problems = problemsOfRules(house.site.site);
  if (problems.length > 0) throw new ConfigError(house.site.file, problems);

  await using store = ledgerStoreIn(openLedgerFile(house.path('alarms', 'ledger.sqlite')));
  await using bus = await connectBus(house.serviceBus('alarms', { isDurable: true }), { log, clock: systemClock });
  await using _metrics = serveMetrics(house.settings.dataDir, 'alarms');
  const own = openOwnFindings(bus, log, systemClock.now());
  const health = announceService(bus, 'alarms', log);
  using ledger = openLedger({
    store,
    ruleOf: rulesOf(house.site.site),
    announcer: openAnnouncer(bus, store.announcedUpTo, log),
    clock: systemClock,
    log,
    onDisk(state, because) {
      health.say(state === 'full' ? 'degraded' : 'up', because);
      own.disk(state, because);
    },
  });
  for (const { ward, kind, subject, condition } of ledger.openEpisodes())
    own.learn({ ward, kind, subject, ...condition.finding, isPresent: condition.state === 'pending' || condition.state === 'present' });
  await serveLedger(bus, { ledger, store, own, log });
  systemClock.every(milliseconds(60_000), () => {
    try {
      store.prune(instant(systemClock.now() - KEEP_TRANSITIONS_MS));
    } catch (error) {
      log.warn({ reason: asError(error).message }, 'old transitions not pruned');
    }
  });

  announceReady();
  await stop.requested;
});
