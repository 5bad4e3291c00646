import { randomBytes } from 'node:crypto';
import { connectBus } from '#runtime/bus.ts';
import { systemClock } from '#runtime/clock.ts';
import { serveCommands } from '#runtime/commands.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { serveMetrics } from '#runtime/metrics.ts';
import { announceService } from '#runtime/service.ts';
import { loadHouse } from '#runtime/settings.ts';
import { openStore } from '#runtime/store.ts';
import { migrations, type Tables } from './migrations.ts';
import { placesOf } from './places.ts';
import { createRecords, standing } from './records.ts';
import { seed, settleDevices } from './seed.ts';
import { followShifts, openVoice, sweepStale } from './voice.ts';

/** Owner of beds, patients, orders, placements and shifts. */
await runProcess(async () => {
  const stop = stopOnSignals();
  const house = loadHouse();
  const log = openLog('records');
  const places = placesOf(house.site.site);
  const newId = (prefix: string) => `${prefix}-${randomBytes(9).toString('hex')}`;

  await using store = openStore<Tables>(house.path('records', 'records.sqlite'), migrations);
  await settleDevices(store, places, systemClock.now());
  await seed(store, house.site, places, systemClock.now(), newId, log);

  await using bus = await connectBus(house.serviceBus('records', { isDurable: true }), { log, clock: systemClock });
  await using metrics = serveMetrics(house.settings.dataDir, 'records');
  const changes = metrics.counter('wardline_records_changes_total', 'Messages said after a change of the records');
  const voice = openVoice(bus, store, places, log, changes.add);
  await sweepStale(bus, await standing(store, places, systemClock.now()));
  await voice.sayAll();
  await serveCommands(bus, 'records', createRecords({ store, places, now: systemClock.now, newId, say: voice.say }), log);
  followShifts(bus, store, voice, stop.requested);

  announceService(bus, 'records', log);
  announceReady();
  await stop.requested;
});
