/** Where robots may drive: nodes in metres, one-way edges, stations. */
export interface NavNode {
  readonly id: string;
  readonly floor: string;
  readonly x: number;
  readonly y: number;
}
export interface NavEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly speed: number;
}
export interface NavStation {
  readonly id: string;
  readonly floor: string;
  readonly name: string;
  readonly nodes: readonly string[];
}

const LANE_SPEED = 1;
const ROOM_SPEED = 0.5;
/** Longest edge of a lane, metres: short edges let robots follow each other closely. */
const STEP = 3;

export interface NavGraph {
  readonly nodes: readonly NavNode[];
  readonly edges: readonly NavEdge[];
  readonly stations: readonly NavStation[];
  node(floor: string, id: string, x: number, y: number): string;
  oneWay(from: string, to: string, speed?: number): string;
  /** Both directions; returns both edges. */
  bothWays(a: string, b: string, speed?: number): string[];
  station(floor: string, id: string, name: string, nodes: readonly string[]): void;
}

export function navGraph(): NavGraph {
  const nodes = new Map<string, NavNode>();
  const edges = new Map<string, NavEdge>();
  const stations: NavStation[] = [];
  const known = (id: string) => {
    if (!nodes.has(id)) throw new RangeError(`no node ${id}`);
    return id;
  };
  const graph: NavGraph = {
    get nodes() {
      return [...nodes.values()];
    },
    get edges() {
      return [...edges.values()];
    },
    stations,
    node(floor, id, x, y) {
      if (!nodes.has(id)) nodes.set(id, { id, floor, x: round(x), y: round(y) });
      return id;
    },
    oneWay(from, to, speed = ROOM_SPEED) {
      const id = `${known(from)}>${known(to)}`;
      edges.set(id, { id, from, to, speed });
      return id;
    },
    bothWays: (a, b, speed) => [graph.oneWay(a, b, speed), graph.oneWay(b, a, speed)],
    station(floor, id, name, at) {
      stations.push({ id, floor, name, nodes: at.map(known) });
    },
  };
  return graph;
}

const round = (metres: number): number => Math.round(metres * 100) / 100;

/** The straight corridor of a floor: two one-way lanes (traffic keeps to the right), joined by crossings where robots may change sides or turn round. */
export interface Corridor {
  /** Node of the lane on that side (1 north, westbound; -1 south, eastbound) at `x`, metres. */
  at(side: Side, x: number): string;
  /** Lets robots change lanes at `x`. */
  crossing(x: number): void;
  /** Makes the lanes. Call once, when everything is attached; returns the edges by lane, for doors across the corridor. */
  finish(): readonly { readonly id: string; readonly x0: number; readonly x1: number }[];
}
export type Side = 1 | -1;

/** Half the distance between the lanes, metres. */
export const LANE = 0.75;

export function corridor(graph: NavGraph, floor: string): Corridor {
  const lanes = new Map<Side, Map<number, string>>([
    [1, new Map()],
    [-1, new Map()],
  ]);
  const crossings: number[] = [];
  const at = (side: Side, x: number): string => {
    const key = round(x);
    const lane = lanes.get(side)!;
    let id = lane.get(key);
    if (id === undefined) {
      id = graph.node(floor, `${floor}.${side === 1 ? 'W' : 'E'}${String(Math.round(key * 10)).padStart(4, '0')}`, key, side * LANE);
      lane.set(key, id);
    }
    return id;
  };
  return {
    at,
    crossing: (x) => void crossings.push(x),
    finish() {
      for (const x of crossings) graph.bothWays(at(1, x), at(-1, x), ROOM_SPEED);
      const made: { id: string; x0: number; x1: number }[] = [];
      for (const [side, lane] of lanes) {
        const xs = [...lane.keys()].sort((a, b) => a - b);
        for (let i = 1; i < xs.length; i++) {
          const from = xs[i - 1]!;
          const pieces = Math.ceil((xs[i]! - from) / STEP - 1e-9);
          for (let k = 1; k <= pieces; k++) {
            const x0 = from + ((xs[i]! - from) * (k - 1)) / pieces;
            const x1 = from + ((xs[i]! - from) * k) / pieces;
            const [a, b] = [at(side, x0), at(side, x1)];
            made.push({ id: side === 1 ? graph.oneWay(b, a, LANE_SPEED) : graph.oneWay(a, b, LANE_SPEED), x0, x1 });
          }
        }
      }
      return made;
    },
  };
}
