import type { Device as DeviceSpec } from '#contracts/site.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { LoadedSite } from '#runtime/site.ts';
import { alarisPump } from './devices/alaris-gh.ts';
import type { Device } from './devices/device.ts';
import { type DripCounter, dripCounter } from './devices/drip-counter.ts';
import { type LevelPictures, pictureScenes } from './devices/level-picture.ts';
import { mtSicsScale } from './devices/mt-sics.ts';
import { presenceSensor } from './devices/presence.ts';
import { yrm100Reader } from './devices/yrm100.ts';
import { type Infusion, infusion } from './infusion/infusion.ts';
import { scenes } from './infusion/scenes.ts';
import { type Crowd, crowd } from './people/crowd.ts';
import { antennaPoint, inventory } from './people/radio.ts';
import { type Random, random } from './random.ts';
import type { OccupancyRow, OrderRow } from './records.ts';

/** A whole simulated hospital short of its sockets: infusions, people, and the devices that see them. */
export interface Hospital {
  /** By `ward/bed/line`. */
  readonly lines: ReadonlyMap<string, Infusion>;
  readonly crowd: Crowd;
  /** Devices that are reached by bytes. */
  readonly devices: ReadonlyMap<string, Device>;
  /** The present picture of a camera; undefined for a name that is none. */
  picture(camera: string): Buffer | undefined;
  /** Moves the simulated world on by real milliseconds; infusions and people run `timeFactor` times as fast. */
  advance(realMs: number): void;
}

export interface HospitalOptions {
  readonly seed: number;
  readonly clock: Clock;
  readonly timeFactor: number;
  readonly pictures: LevelPictures;
}

/** Readers take longer for a round where there are hundreds of them, so that a laptop can carry the reference hospital. */
const roundMs = (readers: number) => (readers > 100 ? 1000 : 500);
const CROWD_MS = 250;
/** A bag that hangs at the start still lasts at least this long, so that a fresh demo is calm. */
const CALM_HOURS = 0.6;
const FULLEST = 0.85;

export function hospital(
  { site, layout }: LoadedSite,
  records: { readonly orders: readonly OrderRow[]; readonly occupancy: readonly OccupancyRow[] },
  { seed, clock, timeFactor, pictures }: HospitalOptions,
): Hospital {
  const r = random(seed);
  const lines = new Map(
    records.orders.map((row) => [`${row.ward}/${row.bed}/${row.line}`, hangOrder(row, r.branch(`${row.ward}/${row.bed}/${row.line}`))]),
  );
  const wardOfEdge = new Map((site.edges ?? []).map(({ id, ward }) => [id, ward]));
  const lineKey = ({ edge, placement }: DeviceSpec) => `${wardOfEdge.get(edge)}/${placement?.bed}/${placement?.line ?? '1'}`;

  const nodes = new Map((layout?.layouts ?? []).flatMap((floor) => floor.nodes.map((node) => [node.nodeId, node.nodePosition] as const)));
  const stations = new Map(
    (layout?.layouts ?? []).flatMap((floor) => floor.stations ?? []).map((station) => [station.stationId, station.interactionNodeIds[0]!]),
  );
  const bedPoint = (ward: string, bed: string) => {
    const station = site.wards.find((w) => w.id === ward)?.beds.find((b) => b.id === bed)?.station;
    return nodes.get(stations.get(station ?? '') ?? '');
  };
  const people = crowd(site, records.occupancy, bedPoint, r.branch('people'));
  const story = scenes(
    { lines, wards: site.wards.map(({ id }) => id), wander: (ward, forMs) => void people.wander(ward, forMs) },
    r.branch('scenes'),
  );

  const devices = new Map<string, Device>();
  const cameras = new Map<string, () => Buffer>();
  const counters = new Map<string, DripCounter[]>();
  const specs = site.devices ?? [];
  const readers = specs.filter(({ driver }) => driver === 'yrm100');
  for (const spec of specs) {
    const own = r.branch(spec.id);
    const key = lineKey(spec);
    const line = () => lines.get(key);
    switch (spec.driver) {
      case 'mt-sics':
        devices.set(spec.id, mtSicsScale({ load: () => line()?.hookGrams ?? 0, clock, random: own, serialNumber: spec.id }));
        break;
      case 'drip-counter': {
        const counter = dripCounter(clock, own);
        devices.set(spec.id, counter);
        counters.set(key, [...(counters.get(key) ?? []), counter]);
        break;
      }
      case 'alaris-gh':
        devices.set(spec.id, alarisPump({ figures: () => line()?.pump, serialNumber: `8002-${10_000 + own.below(90_000)}` }));
        break;
      case 'yrm100': {
        const zone = spec.antennaZones?.[0] ?? '';
        const space = people.map.spaces.get(zone);
        if (!space) break;
        const alike = readers.filter((other) => other.antennaZones?.[0] === zone);
        const antenna = antennaPoint(space, alike.indexOf(spec), alike.length);
        const round = () => inventory(antenna, people.tagsOn(space.floor), own);
        devices.set(spec.id, yrm100Reader({ round, clock, roundMs: roundMs(readers.length) }));
        break;
      }
      case 'presence':
        devices.set(
          spec.id,
          presenceSensor(() => people.isOccupied(spec.zone ?? ''), clock),
        );
        break;
      case 'http-jpeg': {
        const scene = own.pick(pictureScenes);
        cameras.set(spec.id, () => {
          const container = line()?.container;
          return pictures(scene, container ? container.liquidMl / container.spec.nominalMl : undefined);
        });
        break;
      }
    }
  }

  let crowdMs = 0;
  return {
    lines,
    crowd: people,
    devices,
    picture: (camera) => cameras.get(camera)?.(),
    advance(realMs) {
      const simulatedMs = realMs * timeFactor;
      story.advance(simulatedMs);
      for (const [key, line] of lines) {
        const watching = counters.get(key);
        if (!watching) line.advance(simulatedMs);
        else
          line.advance(simulatedMs, (afterMs) => {
            for (const counter of watching) counter.drop(realMs - afterMs / timeFactor);
          });
      }
      crowdMs += realMs;
      if (crowdMs < CROWD_MS) return;
      people.advance(crowdMs * timeFactor);
      crowdMs = 0;
    },
  };
}

/** The container of an order as it hangs when the day begins: somewhere between full and half an hour's worth. */
function hangOrder(row: OrderRow, r: Random): Infusion {
  const number = (text: string) => Number(text);
  const order = {
    kind: row.container as 'bag',
    nominalMl: number(row.volumeMl),
    densityGramsPerMl: number(row.densityGramsPerMl),
    tareGrams: number(row.tareGrams),
    setWeightGrams: number(row.setWeightGrams),
    rateMlPerHour: number(row.rateMlPerHour),
    delivery: row.delivery as 'gravity',
    dropsPerMl: number(row.dropsPerMl),
    nearEmptyMl: number(row.nearEmptyMl),
  };
  const least = Math.min(FULLEST, (order.nearEmptyMl + CALM_HOURS * order.rateMlPerHour) / order.nominalMl);
  return infusion(order, r, r.between(least, FULLEST));
}

const TICK = milliseconds(100);

/** Lets the hospital live by the clock. Returns what stops it. */
export function live(of: Pick<Hospital, 'advance'>, clock: Clock): Disposable {
  let at = clock.elapsed();
  const cancel = clock.every(TICK, () => {
    const now = clock.elapsed();
    of.advance(now - at);
    at = now;
  });
  return { [Symbol.dispose]: cancel };
}
