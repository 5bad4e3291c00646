import { fileURLToPath } from 'node:url';
import { hours } from '#contracts/units.ts';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { openRequester } from '#runtime/commands.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { accountsFile, openAccounts } from './accounts.ts';
import { openConsoleStore } from './accounts-store.ts';
import { openAudit } from './audit.ts';
import { openLiveFeed } from './live-feed.ts';
import { openMirror } from './mirror.ts';
import { openServer } from './server.ts';

/** The web console: who is logged in, the live state for the screens, and their commands to the services. */
await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const { settings } = house;
  const log = openLog('console');
  await using store = openConsoleStore(accountsFile(settings.dataDir));
  const accounts = openAccounts(store, systemClock);
  const audit = openAudit(store, systemClock);
  await accounts.sweep();
  systemClock.every(hours(1), () => {
    accounts.sweep().catch((error: unknown) => log.error({ err: error }, 'old sessions not removed'));
  });

  await using bus = await connectBus(house.serviceBus('console', { isDurable: false }), { log, clock: systemClock });
  await using _metrics = serveMetrics(house.settings.dataDir, 'console');
  const requester = await openRequester(bus);
  await using mirror = await openMirror(bus, systemClock);
  await using feed = openLiveFeed(mirror, systemClock, () => bus.isConnected);

  const { host, port, certFile, keyFile } = settings.console;
  const app = await openServer({
    accounts,
    audit,
    mirror,
    feed,
    requester,
    site: house.site,
    isSimulated: settings.isSimulated,
    flows: { ...settings.flows, tokenFile: house.path('flows', 'proxy-token') },
    metrics: { dataDir: settings.dataDir, tokenFile: house.path('console', 'metrics-token') },
    webRoot: fileURLToPath(new URL('web/dist', import.meta.url)),
    log,
    clock: systemClock,
    ...(certFile && keyFile ? { tls: { certFile, keyFile } } : {}),
  });
  await app.listen({ host, port });
  announceService(bus, 'console', log);
  announceReady();
  await stop.requested;
  await app.close();
});
