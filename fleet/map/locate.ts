import { type NavEdge, type NavGraph, nodeOf } from './nav-graph.ts';

export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly theta: number;
  readonly floor: string;
}

/** Where a robot stands on the nav graph. */
export type Place =
  | { readonly kind: 'node'; readonly node: string }
  /** Between two nodes; it can go on to either end that an edge leads to. */
  | { readonly kind: 'corridor'; readonly edge: NavEdge; readonly pose: Pose }
  | { readonly kind: 'unknown'; readonly because: string };

/** Order acceptance of common vehicles: within 0.5 m a node counts as reached. */
export const NODE_TOLERANCE_METRES = 0.5;
/** Farther from every corridor than this, a robot has left the graph. */
const CORRIDOR_TOLERANCE_METRES = 1.5;

/**
 * Places a robot on the graph. `lastNode` is believed where no pose contradicts it; a pose near no corridor is not believed at all, and a robot
 * whose place is unknown is not routed.
 */
export function locate(graph: NavGraph, pose: Pose | undefined, lastNode: string | undefined): Place {
  const known = lastNode === undefined ? undefined : graph.nodes.get(lastNode);
  if (!pose) return known ? { kind: 'node', node: known.id } : { kind: 'unknown', because: 'it does not say where it stands' };
  if (known && known.floor === pose.floor && Math.hypot(known.x - pose.x, known.y - pose.y) <= NODE_TOLERANCE_METRES)
    return { kind: 'node', node: known.id };
  let nearest: { node: string; metres: number } | undefined;
  for (const node of graph.nodes.values()) {
    if (node.floor !== pose.floor) continue;
    const metres = Math.hypot(node.x - pose.x, node.y - pose.y);
    if (!nearest || metres < nearest.metres) nearest = { node: node.id, metres };
  }
  if (!nearest) return { kind: 'unknown', because: `it stands on floor ${pose.floor}, which the layout does not have` };
  if (nearest.metres <= NODE_TOLERANCE_METRES) return { kind: 'node', node: nearest.node };
  const corridor = nearestEdge(graph, pose);
  if (corridor && corridor.metres <= CORRIDOR_TOLERANCE_METRES) return { kind: 'corridor', edge: corridor.edge, pose };
  return { kind: 'unknown', because: `it stands ${nearest.metres.toFixed(1)} m from the nearest node ${nearest.node} and on no corridor` };
}

function nearestEdge(graph: NavGraph, pose: Pose): { edge: NavEdge; metres: number } | undefined {
  let best: { edge: NavEdge; metres: number } | undefined;
  for (const edge of graph.edges.values()) {
    if (edge.ride !== undefined) continue;
    const from = nodeOf(graph, edge.from);
    if (from.floor !== pose.floor) continue;
    const metres = distanceToSegment(pose, from, nodeOf(graph, edge.to));
    if (!best || metres < best.metres) best = { edge, metres };
  }
  return best;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function distanceToSegment(p: Point, a: Point, b: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const share = Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(p.x - a.x - share * dx, p.y - a.y - share * dy);
}
