import type { Site } from '#contracts/site.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import {
  cabinResource,
  corridorResource,
  type LiftShaft,
  type NavEdge,
  type NavGraph,
  type NavNode,
  nodeResource,
  type Station,
} from './nav-graph.ts';

/** Assumed where the layout gives no limit, in m/s. */
const SPEED = 1;
/** Waiting for a door to open, in seconds. */
const DOOR_SECONDS = 4;
/** Calling, boarding and leaving a lift, and passing one floor, in seconds. */
const LIFT_SECONDS = 25;
const FLOOR_SECONDS = 6;

export interface ImportedMap {
  readonly graph: NavGraph;
  /** What of the layout could not be used, and why: one line each. */
  readonly unused: readonly string[];
}

type SiteParts = Pick<Site, 'lifts' | 'doors'>;

/** Turns a VDMA LIF file and the site's lifts and doors, which LIF knows nothing of, into the nav graph. */
export function importLif(file: LayoutFile, site: SiteParts): ImportedMap {
  const unused: string[] = [];
  const nodes = importNodes(file, site, unused);
  const edges = importEdges(file, site, nodes, unused);
  const lifts = joinLifts(site, nodes, edges, unused);
  const stations = importStations(file, nodes, unused);
  const out = new Map<string, NavEdge[]>();
  for (const edge of edges.values()) {
    const leaving = out.get(edge.from);
    if (leaving) leaving.push(edge);
    else out.set(edge.from, [edge]);
  }
  const touched = new Set([...edges.values()].flatMap((e) => [e.from, e.to]));
  for (const node of nodes.keys()) if (!touched.has(node)) unused.push(`node ${node}: no edge leads to it or away from it`);
  return { graph: { nodes, edges, out, stations, lifts, floors: [...new Set([...nodes.values()].map((n) => n.floor))] }, unused };
}

function importNodes(file: LayoutFile, site: SiteParts, unused: string[]): Map<string, NavNode> {
  const cabins = new Map((site.lifts ?? []).flatMap((lift) => lift.stops.map((stop) => [stop.node, lift.id] as const)));
  const nodes = new Map<string, NavNode>();
  for (const layout of file.layouts) {
    for (const { nodeId, mapId, nodePosition } of layout.nodes) {
      const floor = mapId ?? layout.layoutLevelId ?? layout.layoutId;
      const known = nodes.get(nodeId);
      if (known) {
        if (known.floor !== floor || known.x !== nodePosition.x || known.y !== nodePosition.y)
          unused.push(`node ${nodeId} of layout ${layout.layoutId}: the name is taken by a node elsewhere`);
        continue;
      }
      const lift = cabins.get(nodeId);
      nodes.set(nodeId, {
        id: nodeId,
        floor,
        x: nodePosition.x,
        y: nodePosition.y,
        ...(lift === undefined ? {} : { lift }),
        resource: lift === undefined ? nodeResource(nodeId) : cabinResource(lift),
      });
    }
  }
  return nodes;
}

function importEdges(file: LayoutFile, site: SiteParts, nodes: Map<string, NavNode>, unused: string[]): Map<string, NavEdge> {
  const doorsOf = new Map<string, string[]>();
  for (const door of site.doors ?? []) for (const edge of door.edges) doorsOf.set(edge, [...(doorsOf.get(edge) ?? []), door.id]);
  const edges = new Map<string, NavEdge>();
  for (const layout of file.layouts) {
    for (const edge of layout.edges) {
      const { edgeId, startNodeId, endNodeId, vehicleTypeEdgeProperties = [] } = edge;
      const from = nodes.get(startNodeId);
      const to = nodes.get(endNodeId);
      const refuse = (because: string) => void unused.push(`edge ${edgeId}: ${because}`);
      if (edges.has(edgeId)) {
        const known = edges.get(edgeId)!;
        if (known.from !== startNodeId || known.to !== endNodeId) refuse('the name is taken by another edge');
      } else if (!from || !to) refuse(`there is no node ${from ? endNodeId : startNodeId}`);
      else if (from === to) refuse('it starts where it ends');
      else if (from.lift !== undefined && from.lift === to.lift) edges.set(edgeId, rideEdge(edgeId, from, to, 1));
      else if (from.floor !== to.floor)
        refuse(`it joins floor ${from.floor} to floor ${to.floor}, which only a lift of the site file can do`);
      else {
        if (vehicleTypeEdgeProperties.some((p) => 'loadRestriction' in p || 'loadRestrictions' in p))
          refuse('its load restrictions are not kept');
        if (vehicleTypeEdgeProperties.some((p) => 'trajectory' in p)) refuse('its trajectory is not sent: the robot drives its own way');
        const limits = vehicleTypeEdgeProperties.flatMap((p) => (p.maxSpeed !== undefined && p.maxSpeed > 0 ? [p.maxSpeed] : []));
        const speedMax = limits.length > 0 ? Math.min(...limits) : undefined;
        const metres = Math.hypot(to.x - from.x, to.y - from.y);
        const doors = doorsOf.get(edgeId) ?? [];
        edges.set(edgeId, {
          id: edgeId,
          from: from.id,
          to: to.id,
          metres,
          costSeconds: metres / (speedMax === undefined ? SPEED : Math.min(speedMax, SPEED)) + doors.length * DOOR_SECONDS,
          ...(speedMax === undefined ? {} : { speedMax }),
          doors,
          resource: corridorResource(from.id, to.id),
        });
      }
    }
  }
  return edges;
}

const rideEdge = (id: string, from: NavNode, to: NavNode, floors: number): NavEdge => ({
  id,
  from: from.id,
  to: to.id,
  metres: 0,
  costSeconds: LIFT_SECONDS + FLOOR_SECONDS * floors,
  doors: [],
  ride: from.lift!,
  resource: cabinResource(from.lift!),
});

/** The cabin's nodes become one place that moves between floors: a ride from each floor to each other. */
function joinLifts(site: SiteParts, nodes: Map<string, NavNode>, edges: Map<string, NavEdge>, unused: string[]): Map<string, LiftShaft> {
  const lifts = new Map<string, LiftShaft>();
  const touched = new Set([...edges.values()].flatMap((e) => [e.from, e.to]));
  for (const lift of site.lifts ?? []) {
    const stops = new Map<string, string>();
    for (const stop of lift.stops) {
      const node = nodes.get(stop.node);
      if (!node || node.floor !== stop.floor) unused.push(`lift ${lift.id}: node ${stop.node} does not lie on floor ${stop.floor}`);
      else if (!touched.has(stop.node)) unused.push(`lift ${lift.id}: no edge leads into its cabin on floor ${stop.floor}`);
      else stops.set(stop.floor, stop.node);
    }
    lifts.set(lift.id, { id: lift.id, stops });
    const served = [...stops.values()];
    for (const [i, from] of served.entries())
      for (const [j, to] of served.entries()) {
        if (i === j) continue;
        // An edge that the layout itself draws in the shaft keeps its name.
        const drawn = [...edges.values()].find((e) => e.from === from && e.to === to);
        const id = drawn?.id ?? `ride:${lift.id}:${from}:${to}`;
        edges.set(id, rideEdge(id, nodes.get(from)!, nodes.get(to)!, Math.abs(i - j)));
      }
  }
  return lifts;
}

function importStations(file: LayoutFile, nodes: Map<string, NavNode>, unused: string[]): Map<string, Station> {
  const stations = new Map<string, Station>();
  for (const station of file.layouts.flatMap((layout) => layout.stations ?? [])) {
    const known = station.interactionNodeIds.filter((node) => nodes.has(node));
    for (const node of station.interactionNodeIds)
      if (!nodes.has(node)) unused.push(`station ${station.stationId}: there is no node ${node}`);
    if (known.length === 0) unused.push(`station ${station.stationId}: none of its nodes can be reached`);
    else if (!stations.has(station.stationId))
      stations.set(station.stationId, { id: station.stationId, name: station.stationName ?? station.stationId, nodes: known });
  }
  return stations;
}
