import type { Instant } from '#contracts/units.ts';
import { isLiftUsable } from '../domain/lift.ts';
import { phaseIndex } from '../domain/mission.ts';
import { type Claim, Finishing } from '../domain/traffic/finishable.ts';
import { type NavEdge, type NavGraph, nodeOf } from '../map/nav-graph.ts';
import { shortestPath } from '../map/shortest-path.ts';
import { START_PREFIX } from './observe.ts';
import { baseEnd, isObstacle, type Unit, type World } from './world.ts';

/** Shortest paths under the closures of this moment, kept while these stay the same. */
export class Routes {
  /** Numbers of the ways, kept from step to step. */
  readonly finishing = new Finishing();
  readonly #graph: NavGraph;
  #closed: ReadonlySet<string> = new Set();
  #signature = '';
  readonly #kept = new Map<string, readonly NavEdge[] | undefined>();
  readonly #open = new Map<string, readonly NavEdge[] | undefined>();

  constructor(graph: NavGraph) {
    this.#graph = graph;
  }

  /** Edges that cannot be used now. */
  close(edges: ReadonlySet<string>): void {
    const signature = [...edges].sort().join(' ');
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#closed = edges;
    this.#kept.clear();
  }

  /** The way around what is closed; where there is none, the way through it, to be waited for. */
  between(from: string, to: string): readonly NavEdge[] | undefined {
    const key = `${from} ${to}`;
    if (!this.#kept.has(key)) {
      if (this.#kept.size > 20_000) this.#kept.clear();
      this.#kept.set(key, shortestPath(this.#graph, from, to, { isBlocked: (edge) => this.#closed.has(edge.id) })?.edges);
    }
    return this.#kept.get(key) ?? this.#whenOpen(key, from, to);
  }

  /** A way that also avoids the given resources, or nothing. */
  avoiding(from: string, to: string, resources: (resource: string) => boolean): readonly NavEdge[] | undefined {
    const isBlocked = (edge: NavEdge) =>
      this.#closed.has(edge.id) || resources(edge.resource) || (edge.to !== to && resources(nodeOf(this.#graph, edge.to).resource));
    return shortestPath(this.#graph, from, to, { isBlocked })?.edges;
  }

  #whenOpen(key: string, from: string, to: string): readonly NavEdge[] | undefined {
    if (!this.#open.has(key)) this.#open.set(key, shortestPath(this.#graph, from, to)?.edges);
    return this.#open.get(key);
  }
}

/** Doors that a disinfection keeps closed, by the mission that does. */
export function lockedDoors(world: World): Map<string, string> {
  const locked = new Map<string, string>();
  for (const record of world.missions.values()) {
    const phase = record.mission.phases[phaseIndex(record)];
    if (phase?.kind !== 'disinfect' || phase.state !== 'under_way') continue;
    for (const door of world.site.doors ?? []) if (door.zones.includes(phase.place)) locked.set(door.id, record.mission.mission);
  }
  return locked;
}

/** Edges that no robot can use just now: lifts and doors out of order or locked, and ways on which a robot stands that does not move. */
export function closedEdges(world: World, locked: ReadonlyMap<string, string>, now: Instant): Set<string> {
  const obstacles = new Set<string>();
  for (const unit of world.units.values())
    if (isObstacle(unit, now)) for (const resource of holdsOf(world.graph, unit)) obstacles.add(resource);
  const isFire = world.fleet.state === 'fire';
  const closed = new Set<string>();
  for (const edge of world.graph.edges.values()) {
    const isShut =
      (edge.ride !== undefined && (isFire || !isLiftUsable(world.lifts.get(edge.ride)))) ||
      edge.doors.some((door) => locked.has(door) || world.doors.get(door)?.state === 'fault') ||
      (obstacles.size > 0 && (obstacles.has(edge.resource) || obstacles.has(nodeOf(world.graph, edge.to).resource)));
    if (isShut) closed.add(edge.id);
  }
  return closed;
}

/** Nodes, corridors and cabins that the robot stands on, is released to, or has reserved. */
export function holdsOf(graph: NavGraph, unit: Unit): string[] {
  const holds: string[] = [];
  const addNode = (node: string) => {
    const known = graph.nodes.get(node);
    if (known) holds.push(known.resource);
  };
  const addEdge = (edge: NavEdge | undefined) => {
    if (!edge) return;
    holds.push(edge.resource);
    addNode(edge.to);
  };
  if (unit.leg) {
    const { steps, released } = unit.leg;
    for (let i = unit.passed; i < released; i++) {
      addNode(steps[i]!.node);
      const edge = i + 1 < released ? graph.edges.get(steps[i + 1]!.edge ?? '') : undefined;
      addEdge(edge);
      // It stands somewhere between the ends of its first corridor.
      if (edge && steps[i]!.node.startsWith(START_PREFIX)) addNode(edge.from);
    }
  } else if (unit.place.kind === 'node') addNode(unit.place.node);
  else if (unit.place.kind === 'corridor') {
    addEdge(unit.place.edge);
    addNode(unit.place.edge.from);
  } else if (unit.node !== undefined) addNode(unit.node);
  for (const edge of unit.plan.slice(0, unit.reserved)) addEdge(edge);
  return holds;
}

/** Nodes that the robot will visit after its goal: the stops of its mission, then the place where it parks. */
export function stopsAfter(world: World, unit: Unit): string[] {
  if (world.fleet.state === 'fire') return [];
  const record = unit.mission === undefined ? undefined : world.missions.get(unit.mission);
  const index = record ? phaseIndex(record) : -1;
  const stops = record && index >= 0 ? record.nodes.slice(unit.detour === undefined ? index + 1 : index) : [];
  return [...stops, unit.home];
}

/** What the robot would still need from `plan` on, over the given stops, and where on the way it can let others pass. */
export function aheadOf(
  graph: NavGraph,
  routes: Routes,
  plan: readonly NavEdge[],
  from: string,
  stops: readonly string[],
): Pick<Claim, 'ahead' | 'rests'> {
  const ahead: string[] = [];
  const rests: number[] = [];
  const add = (edges: readonly NavEdge[]) => {
    for (const edge of edges) {
      const [start, end] = [nodeOf(graph, edge.from), nodeOf(graph, edge.to)];
      if (end.lift !== undefined && start.lift === undefined && ahead.length > 0) rests.push(ahead.length - 1);
      ahead.push(edge.resource, end.resource);
      if (start.lift !== undefined && end.lift === undefined) rests.push(ahead.length - 1);
    }
    if (ahead.length > 0) rests.push(ahead.length - 1);
  };
  add(plan);
  let at = plan.at(-1)?.to ?? from;
  for (const stop of stops) {
    const edges = stop === at ? [] : routes.between(at, stop);
    if (!edges) break;
    add(edges);
    at = stop;
  }
  return { ahead, rests };
}

/** The robot's claim on the ways, with another plan or other stops where given. */
export function claimOf(world: World, routes: Routes, unit: Unit, now: Instant, plan = unit.plan, stops = stopsAfter(world, unit)): Claim {
  const holds = holdsOf(world.graph, unit);
  const from = baseEnd(unit) ?? plan[0]?.from ?? unit.node;
  if (from === undefined || isObstacle(unit, now)) return { id: unit.id, holds, ahead: [], rests: [], canMove: false };
  const end = plan[unit.reserved - 1]?.to ?? from;
  const parksOn = world.graph.nodes.get(end)?.resource;
  const way = aheadOf(world.graph, routes, plan.slice(unit.reserved), end, stops);
  return { id: unit.id, holds, ...way, canMove: true, ...(parksOn === undefined ? {} : { parksOn }) };
}
