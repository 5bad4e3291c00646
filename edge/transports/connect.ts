import { isAbsolute, join } from 'node:path';
import type { Device } from '#contracts/site.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Driver } from '../drivers/driver.ts';
import { httpPictures } from './http.ts';
import { serial } from './serial.ts';
import { shared } from './shared.ts';
import { tcp } from './tcp.ts';
import type { Connect } from './transport.ts';

const SPREAD_MS_MAX = 2000;

/** The transport that the site file names for a device; undefined where the driver cannot use it. */
export function connectOf({ id, transport }: Device, driver: Driver, dataDir: string, clock: Clock, spread: number): Connect | undefined {
  if ((transport.type === 'http') !== (driver.kind === 'camera')) return undefined;
  switch (transport.type) {
    case 'tcp':
      return tcp(transport.host, transport.port);
    case 'shared':
      return shared(isAbsolute(transport.path) ? transport.path : join(dataDir, transport.path), id);
    case 'serial': {
      const settings = driver.serial;
      if (!settings) return undefined;
      return serial(transport.path, { ...settings, baudRate: transport.baudRate ?? settings.baudRate });
    }
    case 'http':
      return httpPictures(
        transport.url,
        milliseconds(transport.everyMs),
        milliseconds(spread * Math.min(transport.everyMs, SPREAD_MS_MAX)),
        clock,
      );
  }
}

/** A number from 0 to 1 that is always the same for a device: spreads polls and retries of a ward over time. */
export function spreadOf(id: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}
