import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Prometheus metrics of one process. */
export interface Metrics extends AsyncDisposable {
  /** A count that only rises while the process lives. */
  counter(name: string, help: string): { add(n?: number): void };
  /** A value asked for at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
}

export const metricsSocket = (dataDir: string, process: string): string => join(dataDir, 'run', `${process}.metrics.sock`);

/** Serves the process's metrics (its own, memory, CPU, event loop) on a Unix socket in the data folder; the console gathers them under `/metrics`. */
export function serveMetrics(dataDir: string, process: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  const path = metricsSocket(dataDir, process);
  mkdirSync(join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const server = createServer((_, response) => {
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.listen(path).unref();
  return {
    counter(name, help) {
      const counter = new Counter({ name, help, registers: [registry] });
      return { add: (n = 1) => counter.inc(n) };
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
