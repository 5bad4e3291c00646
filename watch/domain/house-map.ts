import type { Site } from '#contracts/site.ts';
import { FIXED, type Limits, limitsOf } from './limits.ts';

export interface DevicePlan {
  readonly id: string;
  readonly edge: string;
  readonly ward: string;
  /** Without a measurement for this long the device counts as silent. */
  readonly silentAfterMs: number;
  /** The period is its own, not the kind's: a camera's is known from the site file. */
  readonly isPeriodKnown: boolean;
  readonly dropsPerMl?: number;
}

export interface TagPlan {
  readonly id: string;
  readonly kind: NonNullable<Site['tags']>[number]['kind'];
  readonly ward?: string;
  readonly bed?: string;
  readonly forPatient?: string;
}

export interface ZonePlan {
  readonly id: string;
  readonly ward?: string;
  readonly floor: string;
  /** Beds that stand in the zone. */
  readonly beds: readonly { readonly ward: string; readonly bed: string }[];
}

/** The site file as the watch needs it: everything found by name in one step. */
export interface HouseMap {
  readonly edges: ReadonlyMap<string, { readonly ward: string }>;
  readonly devices: ReadonlyMap<string, DevicePlan>;
  readonly limits: ReadonlyMap<string, Limits>;
  readonly lines: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly zones: ReadonlyMap<string, ZonePlan>;
  readonly tags: ReadonlyMap<string, TagPlan>;
  /** Zone of every room sensor, by device. */
  readonly roomSensors: ReadonlyMap<string, string>;
}

const USUAL_LINES: readonly string[] = ['1'];

export function houseMapOf(site: Site): HouseMap {
  const edges = new Map((site.edges ?? []).map(({ id, ward }) => [id, { ward }]));
  const limits = new Map(site.wards.map(({ id }) => [id, limitsOf(site, id)]));
  const devices = new Map<string, DevicePlan>();
  for (const { id, edge, transport, dropsPerMl } of site.devices ?? []) {
    const ward = edges.get(edge)?.ward ?? '';
    const usual = limits.get(ward)?.sensorSilentMs ?? limitsOf(site, ward).sensorSilentMs;
    const isPolled = transport.type === 'http';
    devices.set(id, {
      id,
      edge,
      ward,
      silentAfterMs: isPolled ? Math.max(usual, FIXED.picturesMissed * transport.everyMs + FIXED.pictureSlackMs) : usual,
      isPeriodKnown: isPolled,
      ...(dropsPerMl === undefined ? {} : { dropsPerMl }),
    });
  }
  const bedsOf = new Map<string, { ward: string; bed: string }[]>();
  for (const ward of site.wards)
    for (const bed of ward.beds) {
      if (bed.zone === undefined) continue;
      const beds = bedsOf.get(bed.zone) ?? [];
      beds.push({ ward: ward.id, bed: bed.id });
      bedsOf.set(bed.zone, beds);
    }
  return {
    edges,
    devices,
    limits,
    lines: new Map(site.wards.map((ward) => [ward.id, new Map(ward.beds.map(({ id, lines }) => [id, lines ?? USUAL_LINES]))])),
    zones: new Map(
      (site.zones ?? []).map(({ id, ward, floor }) => [
        id,
        { id, floor, beds: bedsOf.get(id) ?? [], ...(ward === undefined ? {} : { ward }) },
      ]),
    ),
    roomSensors: new Map((site.devices ?? []).flatMap(({ id, zone }) => (zone === undefined ? [] : [[id, zone] as const]))),
    tags: new Map((site.tags ?? []).map(({ label: _label, ...tag }) => [tag.id, tag])),
  };
}
