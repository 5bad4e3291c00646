import type { NavGraph } from './nav-graph.ts';

/** Combination of factsheet manufacturer and series name, as LIF suggests. */
export const VEHICLE_TYPE = 'wardline.ward-robot';

/** The nav graph as a VDMA LIF 1.0.0 file: one layout a floor, one line a node, edge or station. Bays offer charging to every robot. */
export function lifText(graph: NavGraph, floors: readonly string[], project: string, chargers: readonly string[]): string {
  const chargerSet = new Set(chargers);
  const floorOf = new Map(graph.nodes.map((node) => [node.id, node.floor]));
  const charging = ['startCharging', 'stopCharging'].map((actionType) => ({
    actionType,
    requirementType: 'CONDITIONAL',
    blockingType: 'HARD',
  }));
  const rows = (items: readonly object[]) =>
    items.length === 0 ? '[]' : `[\n${items.map((i) => `        ${JSON.stringify(i)}`).join(',\n')}\n      ]`;
  const layouts = floors.map((floor) => {
    const nodes = graph.nodes
      .filter((node) => node.floor === floor)
      .map(({ id, x, y }) => ({
        nodeId: id,
        mapId: floor,
        nodePosition: { x, y },
        vehicleTypeNodeProperties: [{ vehicleTypeId: VEHICLE_TYPE, ...(chargerSet.has(id) ? { actions: charging } : {}) }],
      }));
    const edges = graph.edges
      .filter((edge) => floorOf.get(edge.from) === floor)
      .map(({ id, from, to, speed }) => ({
        edgeId: id,
        startNodeId: from,
        endNodeId: to,
        vehicleTypeEdgeProperties: [{ vehicleTypeId: VEHICLE_TYPE, rotationAllowed: true, maxSpeed: speed }],
      }));
    const stations = graph.stations
      .filter((station) => station.floor === floor)
      .map(({ id, name, nodes: at }) => ({ stationId: id, stationName: name, interactionNodeIds: at }));
    return `    {
      "layoutId": ${JSON.stringify(floor)},
      "layoutName": ${JSON.stringify(`Floor ${floor}`)},
      "layoutVersion": "1",
      "layoutLevelId": ${JSON.stringify(floor)},
      "nodes": ${rows(nodes)},
      "edges": ${rows(edges)},
      "stations": ${rows(stations)}
    }`;
  });
  const meta = {
    projectIdentification: project,
    creator: 'Wardline',
    exportTimestamp: '2026-01-01T00:00:00.00Z',
    lifVersion: '1.0.0',
  };
  return `{\n  "metaInformation": ${JSON.stringify(meta)},\n  "layouts": [\n${layouts.join(',\n')}\n  ]\n}\n`;
}
