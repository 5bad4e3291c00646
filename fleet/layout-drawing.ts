import type { Site } from '#contracts/site.ts';
import { type NavGraph, nodeOf } from './map/nav-graph.ts';

type SiteParts = Pick<Site, 'zones' | 'doors' | 'lifts' | 'holdingPoints' | 'chargers'>;

/** The nav graph with everything around it, as a screen draws it. Positions in metres on the floor's map. */
export function drawLayout(graph: NavGraph, site: SiteParts) {
  const at = (id: string) => {
    const { x, y, floor } = nodeOf(graph, id);
    return { floor, x, y };
  };
  const middle = (edge: { from: string; to: string }) => {
    const [a, b] = [nodeOf(graph, edge.from), nodeOf(graph, edge.to)];
    return { floor: a.floor, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  const known = (nodes: readonly string[] | undefined) => (nodes ?? []).filter((node) => graph.nodes.has(node));
  return {
    floors: graph.floors,
    nodes: [...graph.nodes.values()].map(({ id, floor, x, y, lift }) => ({ id, floor, x, y, ...(lift === undefined ? {} : { lift }) })),
    edges: [...graph.edges.values()]
      .filter((edge) => edge.ride === undefined)
      .map(({ id, from, to, doors }) => ({ id, from, to, ...(doors.length > 0 ? { doors } : {}) })),
    stations: [...graph.stations.values()].map(({ id, name, nodes }) => ({ id, name, node: nodes[0]!, ...at(nodes[0]!) })),
    lifts: (site.lifts ?? []).map(({ id, name }) => ({
      id,
      name,
      stops: [...(graph.lifts.get(id)?.stops ?? [])].map(([, node]) => ({ node, ...at(node) })),
    })),
    doors: (site.doors ?? []).flatMap(({ id, edges, zones }) => {
      const edge = edges.map((e) => graph.edges.get(e)).find((e) => e !== undefined);
      return edge ? [{ id, zones, ...middle(edge) }] : [];
    }),
    zones: (site.zones ?? []).map(({ id, name, kind, floor, ward, rectangle }) => ({
      id,
      name,
      kind,
      floor,
      rectangle,
      ...(ward === undefined ? {} : { ward }),
    })),
    holdingPoints: known(site.holdingPoints),
    chargers: known(site.chargers),
  };
}
