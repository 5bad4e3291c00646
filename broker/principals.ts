import { type Principal, servicePrincipals, userNameOf } from '#contracts/access.ts';
import type { Site } from '#contracts/site.ts';

/** Leading number of a version, as VDA 5050 writes it in topics: `2.0.0` is `v2`. */
export const majorOf = (version: string): string => `v${version.split('.', 1)[0]}`;

/** Everybody whom a site file gives the right to connect: our services, its edges, its robots and its facility adapter. */
export function principalsOf(site: Site): Principal[] {
  return [
    ...servicePrincipals(),
    ...(site.edges ?? []).map(({ id, ward }): Principal => ({ kind: 'edge', user: userNameOf('edge', id), edge: id, ward })),
    ...(site.robots ?? []).map(
      ({ id, adapter }): Principal => ({
        kind: 'robot',
        user: userNameOf('robot', id),
        interfaceName: adapter.interfaceName,
        major: majorOf(adapter.version),
        manufacturer: adapter.manufacturer,
        serialNumber: adapter.serialNumber,
      }),
    ),
    { kind: 'facility', user: userNameOf('facility', 'main') },
  ];
}
