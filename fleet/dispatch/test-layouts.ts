import type { Site } from '#contracts/site.ts';
import type { LayoutFile } from '#runtime/layout.ts';

/** Small layouts for tests: a list of nodes and of two-way edges is enough to say what they are. */

type Spot = readonly [id: string, x: number, y: number, floor?: string];

export function layoutOf(
  spots: readonly Spot[],
  ways: readonly (readonly [string, string])[],
  stations: Readonly<Record<string, string>>,
): LayoutFile {
  const floors = [...new Set(spots.map(([, , , floor = 'F1']) => floor))];
  const floorOf = new Map(spots.map(([id, , , floor = 'F1']) => [id, floor]));
  return {
    metaInformation: { projectIdentification: 'test', lifVersion: '1.0.0' },
    layouts: floors.map((floor) => ({
      layoutId: floor,
      nodes: spots.filter(([id]) => floorOf.get(id) === floor).map(([nodeId, x, y]) => ({ nodeId, mapId: floor, nodePosition: { x, y } })),
      edges: ways
        .filter(([a]) => floorOf.get(a) === floor)
        .flatMap(([a, b]) => [
          { edgeId: `${a}>${b}`, startNodeId: a, endNodeId: b },
          { edgeId: `${b}>${a}`, startNodeId: b, endNodeId: a },
        ]),
      stations: Object.entries(stations)
        .filter(([, node]) => floorOf.get(node) === floor)
        .map(([stationId, node]) => ({ stationId, interactionNodeIds: [node] })),
    })),
  };
}

export const robotAt = (id: string, home: string, kind: 'delivery' | 'disinfection' = 'delivery'): NonNullable<Site['robots']>[number] => ({
  id,
  kind,
  home,
  adapter: { type: 'vda5050', interfaceName: 'uagv', version: '2.0.0', manufacturer: 'acme', serialNumber: id },
});

export const siteOf = (parts: Partial<Site>): Site => ({
  schema: 'site.v1',
  site: 'test',
  name: { en: 'Test', 'zh-CN': '测试' },
  timeZone: 'Asia/Shanghai',
  wards: [{ id: 'w1', name: { en: 'W', 'zh-CN': '病区' }, beds: [{ id: '01' }] }],
  ...parts,
});

/** One corridor of `length` nodes 3 m apart, too narrow to pass, with a spur of 2 m on each side of every node but the ends: homes h0, h1… below, stations s0, s1… above. */
export function corridor(length: number): { layout: LayoutFile; homes: string[]; stations: string[] } {
  const inner = Array.from({ length }, (_, i) => i);
  const spots: Spot[] = inner.flatMap((i): Spot[] => [
    [`c${i}`, 3 * i, 0],
    [`h${i}`, 3 * i, -2],
    [`s${i}`, 3 * i, 2],
  ]);
  const ways = inner.flatMap((i): [string, string][] => [
    [`c${i}`, `h${i}`],
    [`c${i}`, `s${i}`],
    ...(i + 1 < length ? [[`c${i}`, `c${i + 1}`] as [string, string]] : []),
  ]);
  const stations = Object.fromEntries(inner.map((i) => [`S${i}`, `s${i}`]));
  return { layout: layoutOf(spots, ways, stations), homes: inner.map((i) => `h${i}`), stations: Object.keys(stations) };
}
