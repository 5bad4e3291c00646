import { readFileSync } from 'node:fs';
import { systemClock } from '#runtime/clock.ts';
import { asError, ConfigError } from '#runtime/errors.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { loadHouse } from '#runtime/settings.ts';
import { startBroker } from './broker.ts';
import { openIdentities } from './identities.ts';

await runProcess(async () => {
  const stop = stopOnSignals();
  const { settings, site } = loadHouse();
  const log = openLog('broker');
  using identities = openIdentities(settings.dataDir, systemClock.now);
  await using _broker = await startBroker({
    site: site.site.site,
    identities,
    listeners: {
      mqtt: settings.mqtt,
      ...(settings.mqtts ? { mqtts: { ...settings.mqtts, ...certificateOf(settings.mqtts) } } : {}),
      ...(settings.websocket ? { websocket: settings.websocket } : {}),
    },
    dataDir: settings.dataDir,
    clock: systemClock,
    log,
  });
  announceReady();
  await stop.requested;
});

function certificateOf({ certFile, keyFile }: { certFile: string; keyFile: string }): { cert: string; key: string } {
  try {
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } catch (error) {
    throw new ConfigError('services.mqtts', [asError(error).message]);
  }
}
