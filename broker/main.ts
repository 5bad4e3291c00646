import { readFileSync } from 'node:fs';
import { systemClock } from '#runtime/clock.ts';
import { asError, ConfigError } from '#runtime/errors.ts';
import { announceReady, runProcess, stopOnSignals } from '#runtime/lifecycle.ts';
import { openLog } from '#runtime/log.ts';
import { type Metrics, serveMetrics } from '#runtime/metrics.ts';
import { loadHouse } from '#runtime/settings.ts';
import { type Broker, startBroker } from './broker.ts';
import { openIdentities } from './identities.ts';

await runProcess(async () => {
  const stop = stopOnSignals();
  const { settings, site } = loadHouse();
  const log = openLog('broker');
  using identities = openIdentities(settings.dataDir, systemClock.now);
  await using broker = await startBroker({
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
  await using metrics = serveMetrics(settings.dataDir, 'broker');
  showCounts(metrics, broker);
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

function showCounts(metrics: Metrics, broker: Broker): void {
  metrics.gauge('wardline_broker_connections', 'Open connections', () => broker.counts.connections);
  metrics.gauge('wardline_broker_sessions', 'Durable sessions', () => broker.counts.sessions);
  metrics.gauge('wardline_broker_retained_topics', 'Retained messages', () => broker.counts.retained);
  metrics.gauge('wardline_broker_queued_messages', 'Messages that wait in durable sessions', () => broker.counts.queued);
  metrics.gauge(
    'wardline_broker_dropped_messages',
    'Messages lost because the queue of a session was full, since the start',
    () => broker.counts.dropped,
  );
  metrics.gauge(
    'wardline_broker_rejected_messages',
    'Publications and subscriptions refused, since the start',
    () => broker.counts.rejected,
  );
}
