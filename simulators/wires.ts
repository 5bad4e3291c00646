import { isAbsolute } from 'node:path';
import type { Site } from '#contracts/site.ts';

/** Shared sockets below the data folder that the site's devices sit behind. */
export function sharedPaths({ devices = [] }: Site): string[] {
  const paths = devices.flatMap(({ transport }) => (transport.type === 'shared' && !isAbsolute(transport.path) ? [transport.path] : []));
  return [...new Set(paths)];
}

/** Where the site expects its cameras, if they are on this machine. */
export function cameraAddress({ devices = [] }: Site): { host: string; port: number } | undefined {
  for (const { transport } of devices) {
    if (transport.type !== 'http') continue;
    const url = new URL(transport.url);
    if (['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
      return { host: url.hostname.replace(/[[\]]/g, ''), port: Number(url.port || 80) };
  }
  return undefined;
}
