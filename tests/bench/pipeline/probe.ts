import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
export const round = (value: number): number => Math.round(value * 100) / 100;

export interface Probe {
  /** One 4 KiB append and fsync. */
  readonly fsyncMs: { p50: number; p99: number };
  /** One byte there and back over loopback TCP with TCP_NODELAY. */
  readonly loopbackMs: { p50: number; p99: number };
}

/** What this machine can do at its plainest, in the same run: the bound that a durable alarm is measured against. */
export async function probe(): Promise<Probe> {
  const summary = (times: number[]) => {
    times.sort((a, b) => a - b);
    return { p50: round(percentile(times, 0.5)), p99: round(percentile(times, 0.99)) };
  };
  const folder = mkdtempSync(join(tmpdir(), 'wardline-probe-'));
  const file = openSync(join(folder, 'probe'), 'a');
  const block = Buffer.alloc(4096, 7);
  const syncs = Array.from({ length: 300 }, () => {
    const start = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });

  const server = createServer((socket) => socket.setNoDelay(true).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  const socket = connect(address.port, '127.0.0.1').setNoDelay(true);
  const trips: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const start = performance.now();
    socket.write('x');
    await new Promise((resolve) => socket.once('data', resolve));
    trips.push(performance.now() - start);
  }
  socket.destroy();
  server.close();
  return { fsyncMs: summary(syncs), loopbackMs: summary(trips) };
}
