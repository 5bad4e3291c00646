import { parseArgs } from 'node:util';
import { systemClock } from '#runtime/clock.ts';
import { ConfigError } from '#runtime/errors.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { loadHouse } from '#runtime/settings.ts';
import { startEdge } from './edge.ts';

await runProcess(async () => {
  const stop = stopOnSignals();
  const { values } = parseArgs({ args: process.argv.slice(2), options: { edge: { type: 'string' }, settings: { type: 'string' } } });
  if (values.edge === undefined) throw new ConfigError('command line', ['--edge ID must be given']);
  const house = loadHouse();
  const { dataDir, isSimulated, timeFactor } = house.settings;
  await using edge = startEdge({
    site: house.site.site,
    edge: values.edge,
    busOf: (user) => house.busOf(user, { isDurable: false }),
    folder: house.path('edge', values.edge),
    dataDir,
    timeFactor: isSimulated ? timeFactor : 1,
    clock: systemClock,
    log: openLog(`edge-${values.edge}`),
  });
  await Promise.race([edge.onBus, stop.requested]);
  announceReady();
  await stop.requested;
});
