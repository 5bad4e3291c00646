import { edgesFrom, type NavEdge, type NavGraph, nodeOf } from '../../map/nav-graph.ts';
import type { Claim } from './finishable.ts';
import type { Traffic } from './traffic.ts';

/** Farther than this many nodes nobody is sent out of the way. */
const NODES_MAX = 150;

export interface BackOff {
  readonly node: string;
  readonly edges: readonly NavEdge[];
  /** Who can go on once the robot has moved. */
  readonly frees: readonly string[];
}

/**
 * Where a robot can go, on free ways only, so that more of the others reach their end than now. The nearest such node; undefined when moving
 * this robot alone helps nobody. `aheadFrom` gives what the robot would need from a node on. Doors and lifts are not used for this.
 */
export function findBackOff(
  graph: NavGraph,
  traffic: Traffic,
  robot: { readonly id: string; readonly at: string },
  aheadFrom: (node: string) => Pick<Claim, 'ahead' | 'rests'>,
): BackOff | undefined {
  const claim = traffic.claimOf(robot.id);
  if (!claim) return undefined;
  const now = traffic.finishable;
  const cameBy = new Map<string, NavEdge | undefined>([[robot.at, undefined]]);
  const queue = [robot.at];
  for (let i = 0; i < queue.length && i < NODES_MAX; i++) {
    const at = queue[i]!;
    if (at !== robot.at) {
      const ahead = aheadFrom(at);
      const resource = nodeOf(graph, at).resource;
      const then = traffic.finishIf({ ...claim, holds: [resource], ...ahead }).done;
      if (then.size > now.size && [...now].every((id) => then.has(id)))
        return { node: at, edges: pathTo(cameBy, at), frees: [...then].filter((id) => !now.has(id) && id !== robot.id) };
    }
    for (const edge of edgesFrom(graph, at)) {
      if (cameBy.has(edge.to) || edge.ride !== undefined || edge.doors.length > 0 || nodeOf(graph, edge.to).lift !== undefined) continue;
      const isFree =
        traffic.holderOf(edge.resource, robot.id) === undefined &&
        traffic.holderOf(nodeOf(graph, edge.to).resource, robot.id) === undefined;
      if (!isFree) continue;
      cameBy.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  return undefined;
}

function pathTo(cameBy: ReadonlyMap<string, NavEdge | undefined>, node: string): NavEdge[] {
  const edges: NavEdge[] = [];
  for (let edge = cameBy.get(node); edge; edge = cameBy.get(edge.from)) edges.push(edge);
  return edges.reverse();
}
