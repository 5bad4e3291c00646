/** The nav graph: where robots can drive, over all floors. Read-only once imported. Distances in metres, costs in seconds. */

export interface NavNode {
  readonly id: string;
  /** `mapId` of the floor. */
  readonly floor: string;
  readonly x: number;
  readonly y: number;
  /** The lift whose cabin this node is. */
  readonly lift?: string;
  /** What a robot standing here holds: the node itself, or the whole cabin on whichever floor it is. */
  readonly resource: string;
}

export interface NavEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly metres: number;
  readonly costSeconds: number;
  /** Speed limit in m/s, where the layout gives one. */
  readonly speedMax?: number;
  /** Doors that the edge passes through. */
  readonly doors: readonly string[];
  /** The lift that carries the robot along this edge: no edge of the layout, joined from the cabin's nodes. */
  readonly ride?: string;
  /** The corridor: shared by every edge between the same two nodes, in both directions. */
  readonly resource: string;
}

export interface Station {
  readonly id: string;
  readonly name: string;
  readonly nodes: readonly string[];
}

export interface LiftShaft {
  readonly id: string;
  /** Cabin node by floor, in the order of the site file. */
  readonly stops: ReadonlyMap<string, string>;
}

export interface NavGraph {
  readonly nodes: ReadonlyMap<string, NavNode>;
  readonly edges: ReadonlyMap<string, NavEdge>;
  /** Edges that leave a node. */
  readonly out: ReadonlyMap<string, readonly NavEdge[]>;
  readonly stations: ReadonlyMap<string, Station>;
  readonly lifts: ReadonlyMap<string, LiftShaft>;
  readonly floors: readonly string[];
}

export const nodeResource = (node: string): string => `node:${node}`;
export const cabinResource = (lift: string): string => `lift:${lift}`;
/** One name for a corridor, whichever way it is driven. */
export const corridorResource = (a: string, b: string): string => (a < b ? `corridor:${a}|${b}` : `corridor:${b}|${a}`);

/** The node, which the importer has vouched for. */
export function nodeOf(graph: NavGraph, id: string): NavNode {
  const node = graph.nodes.get(id);
  if (!node) throw new RangeError(`no node ${id} in the nav graph`);
  return node;
}

export const edgesFrom = (graph: NavGraph, node: string): readonly NavEdge[] => graph.out.get(node) ?? [];

/** How a person would call the resource: `corridor a–b`, `node a`, `lift 1`. */
export const sayResource = (resource: string): string => resource.replace(':', ' ').replace('|', '–');
