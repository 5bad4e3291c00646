import { randomUUID } from 'node:crypto';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { serveCommands } from '#runtime/commands.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { fleetCommands } from './commands.ts';
import { openFleet } from './fleet.ts';
import { openFleetStore } from './store.ts';

await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('fleet');
  await using store = openFleetStore(house.path('fleet', 'fleet.sqlite'));
  await using bus = await connectBus(house.serviceBus('fleet', { isDurable: true }), { log, clock: systemClock });
  await using _metrics = serveMetrics(house.settings.dataDir, 'fleet');
  using fleet = await openFleet({ loaded: house.site, store, bus, log, newId: randomUUID });
  await serveCommands(bus, 'fleet', fleetCommands(fleet, systemClock), log);
  announceService(bus, 'fleet', log);
  announceReady();
  await stop.requested;
});
