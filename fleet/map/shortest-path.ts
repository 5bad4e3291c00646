import { Heap } from './heap.ts';
import { edgesFrom, type NavEdge, type NavGraph, nodeOf } from './nav-graph.ts';

export interface Path {
  /** In driving order; empty when the robot is there already. */
  readonly edges: readonly NavEdge[];
  readonly costSeconds: number;
}

export interface PathOptions {
  /** Edges that may not be used now. */
  readonly isBlocked?: (edge: NavEdge) => boolean;
}

/** Fastest that any edge is driven, in m/s: keeps the estimate below the true cost. */
const SPEED_MAX = 1;

/** The cheapest path by A*; undefined where there is none. The estimate is the straight way on the same floor, nothing across floors. */
export function shortestPath(graph: NavGraph, from: string, to: string, { isBlocked }: PathOptions = {}): Path | undefined {
  const goal = nodeOf(graph, to);
  const estimate = (id: string): number => {
    const node = nodeOf(graph, id);
    return node.floor === goal.floor ? Math.hypot(node.x - goal.x, node.y - goal.y) / SPEED_MAX : 0;
  };
  const cost = new Map<string, number>([[from, 0]]);
  const cameBy = new Map<string, NavEdge>();
  const closed = new Set<string>();
  const open = new Heap<string>();
  open.push(estimate(from), from);
  for (let next = open.pop(); next; next = open.pop()) {
    const at = next.value;
    if (at === to) return { edges: walkBack(cameBy, from, to), costSeconds: cost.get(to)! };
    // The estimate is consistent but for the step onto the goal's floor, so a node may be opened again when a cheaper way is found.
    if (closed.has(at) && next.key > cost.get(at)! + estimate(at)) continue;
    closed.add(at);
    for (const edge of edgesFrom(graph, at)) {
      if (isBlocked?.(edge)) continue;
      const total = cost.get(at)! + edge.costSeconds;
      if (total >= (cost.get(edge.to) ?? Number.POSITIVE_INFINITY)) continue;
      cost.set(edge.to, total);
      cameBy.set(edge.to, edge);
      open.push(total + estimate(edge.to), edge.to);
    }
  }
  return undefined;
}

function walkBack(cameBy: ReadonlyMap<string, NavEdge>, from: string, to: string): NavEdge[] {
  const edges: NavEdge[] = [];
  for (let at = to; at !== from; ) {
    const edge = cameBy.get(at)!;
    edges.push(edge);
    at = edge.from;
  }
  return edges.reverse();
}

/** Cost in seconds from every node to `to`, by Dijkstra against the edges; nodes that cannot reach it are absent. One search serves a whole fleet. */
export function costsTo(graph: NavGraph, to: string, { isBlocked }: PathOptions = {}): ReadonlyMap<string, number> {
  const entering = new Map<string, NavEdge[]>();
  for (const edge of graph.edges.values()) {
    if (isBlocked?.(edge)) continue;
    const known = entering.get(edge.to);
    if (known) known.push(edge);
    else entering.set(edge.to, [edge]);
  }
  const cost = new Map<string, number>();
  const open = new Heap<string>();
  open.push(0, to);
  for (let next = open.pop(); next; next = open.pop()) {
    if (cost.has(next.value)) continue;
    cost.set(next.value, next.key);
    for (const edge of entering.get(next.value) ?? []) if (!cost.has(edge.from)) open.push(next.key + edge.costSeconds, edge.from);
  }
  return cost;
}
