import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '#runtime/errors.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const shippedSites = ['demo', 'reference'] as const;

export interface SiteChoice {
  readonly file: string;
  /** Shipped sites have no real devices: they are simulated. */
  readonly isShipped: boolean;
}

/** A shipped site by its name, or a hospital's own file. Throws ConfigError when there is no such file. */
export function chooseSite(name: string): SiteChoice {
  if ((shippedSites as readonly string[]).includes(name)) return { file: join(root, 'sites', name, 'site.yaml'), isShipped: true };
  const file = resolve(name);
  if (!existsSync(file)) throw new ConfigError('--site', [`${name}: no such file; give a site file or one of ${shippedSites.join(', ')}`]);
  return { file, isShipped: false };
}
