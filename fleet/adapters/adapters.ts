import type { Robot } from '#contracts/site.ts';
import type { OpenAdapter } from './adapter.ts';
import { openVda5050v2 } from './vda5050-v2.ts';

/** Every kind of robot that fleet can drive, by the protocol and version that the site file names. */
export const adapters: Readonly<Record<`${Robot['adapter']['type']} ${Robot['adapter']['version']}`, OpenAdapter>> = {
  'vda5050 2.0.0': openVda5050v2,
};

export const adapterOf = ({ adapter }: Robot): OpenAdapter => adapters[`${adapter.type} ${adapter.version}`];
