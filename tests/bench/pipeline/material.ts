import type { ReadingValue } from '#contracts/readings.ts';
import type { Device, Site } from '#contracts/site.ts';
import { type Grams, type Instant, instant } from '#contracts/units.ts';

export interface LoadDevice {
  readonly id: string;
  readonly kind: 'weight' | 'level' | 'drip' | 'pump' | 'tag';
  /** Its state can open and close an episode of its own: the only scale or camera of its line, or its pump. */
  readonly canFlip: boolean;
  readonly tags: readonly { tag: string; zone: string | undefined }[];
  /** What is ordered on its line. */
  readonly rateMlPerHour: number;
  sequence: number;
  isOpen: boolean;
}

export interface LoadEdge {
  readonly edge: string;
  readonly ward: string;
  /** The devices that speak in the nth second of the ward: each once, a camera once in 30, a reader once for each tag that it hears. */
  turn(second: number): LoadDevice[];
}

const KIND_OF: Readonly<Record<string, LoadDevice['kind']>> = {
  'mt-sics': 'weight',
  'http-jpeg': 'level',
  'drip-counter': 'drip',
  'alaris-gh': 'pump',
  yrm100: 'tag',
};
const CAMERA_SECONDS = 30;

/** The devices of a site as sources of load. `ordered` gives the rate of each line with a running order, by `ward/bed/line`. */
export function loadEdges(site: Site, ordered: ReadonlyMap<string, number>): LoadEdge[] {
  return (site.edges ?? []).map(({ id: edge, ward }) => {
    const own = (site.devices ?? []).filter((device) => device.edge === edge && KIND_OF[device.driver]);
    const linesWithPump = new Set(own.filter((d) => d.driver === 'alaris-gh').map((d) => lineOf(ward, d)));
    const tags = (site.tags ?? []).filter((tag) => tag.ward === ward && tag.kind !== 'bag');
    const readers = own.filter((d) => d.driver === 'yrm100');
    const devices = own.map((device): LoadDevice => {
      const kind = KIND_OF[device.driver]!;
      const line = lineOf(ward, device);
      const canFlip = ordered.has(line) && (kind === 'pump' || ((kind === 'weight' || kind === 'level') && !linesWithPump.has(line)));
      // Every tag is heard by one reader of its ward, where it stays.
      const heard =
        kind === 'tag'
          ? tags.filter((_, i) => readers[i % readers.length] === device).map(({ id }) => ({ tag: id, zone: device.antennaZones?.[0] }))
          : [];
      return { id: device.id, kind, canFlip, tags: heard, rateMlPerHour: ordered.get(line) ?? 60, sequence: 0, isOpen: false };
    });
    const turn = (second: number) =>
      devices.flatMap((device, i) => {
        if (device.kind === 'level') return (i + second) % CAMERA_SECONDS === 0 ? [device] : [];
        if (device.kind === 'tag') return device.tags.map(() => device);
        return [device];
      });
    return { edge, ward, turn };
  });
}

const lineOf = (ward: string, { placement }: Device): string => `${ward}/${placement?.bed}/${placement?.line ?? '1'}`;

/** A reading as the edge would publish it: calm, with the ordered flow, unless the device's episode is open. */
export function readingValue(device: LoadDevice, now: Instant): ReadingValue {
  const { rateMlPerHour } = device;
  const q = <T extends number>(value: number) => value as T;
  const figures = {
    remainingMl: q<never>(250),
    remainingBoundMl: q<never>(3),
    flowMlPerHour: q<never>(rateMlPerHour),
    flowBoundMlPerHour: q<never>(2),
  };
  switch (device.kind) {
    case 'weight':
      return {
        kind: 'weight',
        massGrams: q<Grams>(280.4 + (now % 7) / 10),
        isStable: true,
        ...figures,
        state: device.isOpen ? 'stalled' : 'running',
      };
    case 'level':
      return {
        kind: 'level',
        fraction: q<never>(0.5),
        ...figures,
        confidence: q<never>(0.9),
        state: device.isOpen ? 'stalled' : 'running',
      };
    case 'drip':
      return {
        kind: 'drip',
        dropCount: device.sequence,
        dropsPerMinute: q<never>(rateMlPerHour / 3),
        flowMlPerHour: figures.flowMlPerHour,
        flowBoundMlPerHour: q<never>(rateMlPerHour / 10),
        state: 'ok',
      };
    case 'pump':
      return {
        kind: 'pump',
        rateMlPerHour: q<never>(rateMlPerHour),
        infusedMl: q<never>(250),
        ...figures,
        pressureMmHg: q<never>(40),
        state: device.isOpen ? 'occluded' : 'infusing',
        isBatteryLow: false,
      };
    default: {
      const heard = device.tags[device.sequence % device.tags.length]!;
      return { kind: 'tag', tag: heard.tag, ...(heard.zone ? { zone: heard.zone } : {}), antenna: 1, rssiDbm: q<never>(-55), reads: 3 };
    }
  }
}

export const nowOf = (): Instant => instant(Date.now());
