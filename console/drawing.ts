import type { LocalText } from '#contracts/schema.ts';
import type { LoadedSite } from '#runtime/site.ts';
import type { Person } from './rights.ts';
import { seesWard } from './rights.ts';

/** What a screen needs to draw one floor. Coordinates in metres on the floor's map. */
export interface FloorDrawing {
  readonly floor: string;
  readonly name: string;
  readonly bounds: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };
  readonly zones: readonly {
    id: string;
    name: LocalText;
    kind: string;
    ward?: string;
    x0: number;
    y0: number;
    x1: number;
    y1: number;
  }[];
  readonly nodes: Readonly<Record<string, readonly [x: number, y: number]>>;
  readonly edges: readonly (readonly [from: string, to: string])[];
  readonly stations: readonly { id: string; name: string; x: number; y: number }[];
  readonly lifts: readonly { id: string; name: LocalText; x: number; y: number }[];
  readonly doors: readonly { id: string; x: number; y: number; angle: number }[];
}

const MARGIN_M = 1.5;

/** The floors of a site, from its own file and layout: drawn even while the fleet is away. */
export function drawFloors({ site, layout }: LoadedSite): FloorDrawing[] {
  if (!layout) return [];
  const nodes = new Map<string, { floor: string; x: number; y: number }>();
  const edges = new Map<string, { from: string; to: string }>();
  const stations: { id: string; name: string; node: string }[] = [];
  for (const part of layout.layouts) {
    for (const node of part.nodes)
      nodes.set(node.nodeId, { floor: node.mapId ?? part.layoutLevelId ?? part.layoutId, x: node.nodePosition.x, y: node.nodePosition.y });
    for (const edge of part.edges) edges.set(edge.edgeId, { from: edge.startNodeId, to: edge.endNodeId });
    for (const station of part.stations ?? [])
      stations.push({
        id: station.stationId,
        name: station.stationName ?? station.stationId,
        node: station.interactionNodeIds[0] as string,
      });
  }
  const floors = [...new Set([...nodes.values()].map((n) => n.floor))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return floors.map((floor) => {
    const here = new Map([...nodes].filter(([, n]) => n.floor === floor));
    const zones = (site.zones ?? [])
      .filter((zone) => zone.floor === floor)
      .map(({ id, name, kind, ward, rectangle }) => {
        const [ax, ay, bx, by] = rectangle as unknown as [number, number, number, number];
        const box = { x0: Math.min(ax, bx), y0: Math.min(ay, by), x1: Math.max(ax, bx), y1: Math.max(ay, by) };
        return { id, name, kind, ...(ward === undefined ? {} : { ward }), ...box };
      });
    const xs = [...[...here.values()].map((n) => n.x), ...zones.flatMap((z) => [z.x0, z.x1])];
    const ys = [...[...here.values()].map((n) => n.y), ...zones.flatMap((z) => [z.y0, z.y1])];
    const pairs = new Map<string, readonly [string, string]>();
    for (const { from, to } of edges.values()) if (here.has(from) && here.has(to)) pairs.set([from, to].sort().join('|'), [from, to]);
    const doors = (site.doors ?? []).flatMap((door) => {
      const through = door.edges.map((id) => edges.get(id)).find((edge) => edge && here.has(edge.from) && here.has(edge.to));
      const from = through && here.get(through.from);
      const to = through && here.get(through.to);
      if (!from || !to) return [];
      return [{ id: door.id, x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, angle: Math.atan2(to.y - from.y, to.x - from.x) }];
    });
    return {
      floor,
      name: floor,
      bounds: {
        x0: Math.min(...xs) - MARGIN_M,
        y0: Math.min(...ys) - MARGIN_M,
        x1: Math.max(...xs) + MARGIN_M,
        y1: Math.max(...ys) + MARGIN_M,
      },
      zones,
      nodes: Object.fromEntries([...here].map(([id, n]) => [id, [n.x, n.y] as const])),
      edges: [...pairs.values()],
      stations: stations.flatMap(({ id, name, node }) => {
        const at = here.get(node);
        return at ? [{ id, name, x: at.x, y: at.y }] : [];
      }),
      lifts: (site.lifts ?? []).flatMap(({ id, name, stops }) => {
        const at = here.get(stops.find((stop) => stop.floor === floor)?.node ?? '');
        return at ? [{ id, name, x: at.x, y: at.y }] : [];
      }),
      doors,
    };
  });
}

/** Wards, beds and robots as a person sees them. */
export function siteFor({ site }: LoadedSite, person: Person, isSimulated: boolean) {
  const threshold = (ward: (typeof site.wards)[number]) => ward.thresholds?.nearEmptyMl ?? site.thresholds?.nearEmptyMl ?? 50;
  return {
    site: site.site,
    name: site.name,
    timeZone: site.timeZone,
    isSimulated,
    ...(site.pharmacyStation === undefined ? {} : { pharmacyStation: site.pharmacyStation }),
    wards: site.wards
      .filter((ward) => seesWard(person, ward.id))
      .map((ward) => ({
        id: ward.id,
        name: ward.name,
        ...(ward.floor === undefined ? {} : { floor: ward.floor }),
        nearEmptyMl: threshold(ward),
        beds: ward.beds.map((bed) => ({
          id: bed.id,
          lines: bed.lines ?? ['1'],
          ...(bed.zone === undefined ? {} : { zone: bed.zone }),
          ...(bed.station === undefined ? {} : { station: bed.station }),
        })),
      })),
    robots: (site.robots ?? []).map(({ id, kind, home }) => ({ id, kind, home })),
    lifts: (site.lifts ?? []).map(({ id, name, stops }) => ({ id, name, floors: stops.map((stop) => stop.floor) })),
    people: (site.people ?? []).map(({ username, displayName }) => ({ username, displayName })),
  };
}

export type SiteForScreens = ReturnType<typeof siteFor>;
