import { isAbsolute, join } from 'node:path';
import type { Device, Site, Transport } from '#contracts/site.ts';
import { TraceError } from '#tools/evaluate/trace-file.ts';
import type { Track } from './track.ts';

/** Where a recorded device is served: as which device, on which wire. */
export interface Place {
  readonly id: string;
  readonly track: Track;
  readonly transport: Transport;
}

/** Which of a site's devices play which recording: those with the recording's driver, in the order of the file. One recording may play on several devices of a kind only when asked by name. */
export function placesOfSite(
  site: Site,
  tracks: readonly Track[],
  { devices, dataDir }: { devices: readonly string[]; dataDir: string | undefined },
): Place[] {
  const left = (site.devices ?? []).filter(({ id }) => devices.length === 0 || devices.includes(id));
  for (const id of devices)
    if (!left.some((device) => device.id === id)) throw new TraceError(`--device ${id}: no such device in the site file`);
  const places: Place[] = [];
  for (const track of tracks) {
    const at = left.findIndex(({ driver }) => driver === track.driver);
    if (at < 0) continue;
    const [device] = left.splice(at, 1) as [Device];
    places.push({ id: device.id, track, transport: absolute(device, dataDir) });
  }
  if (places.length === 0)
    throw new TraceError(`no device of the site has the driver ${[...new Set(tracks.map(({ driver }) => driver))].join(' or ')}`);
  return places;
}

function absolute({ id, transport }: Device, dataDir: string | undefined): Transport {
  if (transport.type !== 'shared' || isAbsolute(transport.path)) return transport;
  if (dataDir === undefined) throw new TraceError(`device ${id} is on a socket below the data folder: --data DIR must be given`);
  return { ...transport, path: join(dataDir, transport.path) };
}

/** Wires of our own: TCP and HTTP from `port` up (0: free ones), or terminals `PREFIX<name>`. */
export function ownPlaces(tracks: readonly Track[], { ptyPrefix, port }: { ptyPrefix: string | undefined; port: number }): Place[] {
  return tracks.map((track, i) => {
    const own = port === 0 ? 0 : port + i;
    const transport: Transport = track.picture
      ? {
          type: 'http',
          url: `http://127.0.0.1:${own}/${track.name}.jpg`,
          everyMs: 30_000 as Extract<Transport, { type: 'http' }>['everyMs'],
        }
      : ptyPrefix === undefined
        ? { type: 'tcp', host: '127.0.0.1', port: own }
        : { type: 'serial', path: `${ptyPrefix}${track.name}` };
    return { id: track.name, track, transport };
  });
}
