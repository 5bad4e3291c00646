import { renameSync, writeFileSync } from 'node:fs';
import { Gauge, Registry } from 'prom-client';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Agents } from './devices.ts';
import type { Outbox } from './outbox.ts';

const EVERY = milliseconds(15_000);

/** Keeps a Prometheus text file (the textfile collector of node_exporter reads it): an edge opens no port of its own. */
export function keepMetrics(
  file: string,
  edge: string,
  { outbox, agents, clock, log }: { outbox: Outbox; agents: Agents; clock: Clock; log: Log },
): Disposable {
  const registry = new Registry();
  registry.setDefaultLabels({ edge });
  const gauge = (name: string, help: string, read: () => number) => {
    new Gauge({
      name: `wardline_edge_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('outbox_batches', 'Batches that the broker does not have yet', () => outbox.depth);
  gauge('outbox_bytes', 'Bytes of the batches in the outbox', () => outbox.bytes);
  gauge('outbox_lost_readings', 'Readings given up by age, size or a full disk since the outbox was made', () => outbox.lostReadings);
  gauge('refused_readings', 'Readings that broke their contract and were not sent', () => outbox.refusedReadings);
  gauge('devices', 'Devices of this edge', () => agents.all.length);
  gauge('devices_online', 'Devices that speak and are well', () => agents.all.filter((agent) => agent.status().state === 'online').length);
  gauge('garbled_frames', 'Frames of all devices that could not be read since the agent started', () =>
    agents.all.reduce((sum, agent) => sum + (agent.status().garbledFrames ?? 0), 0),
  );

  const write = async () => {
    try {
      const text = await registry.metrics();
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    } catch (thrown) {
      log.warn({ reason: asError(thrown).message }, 'metrics not written');
    }
  };
  const stop = clock.every(EVERY, () => void write());
  void write();
  return { [Symbol.dispose]: stop };
}
