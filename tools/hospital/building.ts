import type { Zone } from '#contracts/site.ts';
import { type Metres, metres } from '#contracts/units.ts';
import { type Corridor, corridor, type NavGraph, navGraph, type Side } from './nav-graph.ts';

/** A building as it is put together: zones with rectangles in metres, the nav graph, doors, lifts and the places where robots rest. */
export interface Building {
  readonly graph: NavGraph;
  readonly zones: Zone[];
  readonly doors: { id: string; edges: string[]; zones: string[] }[];
  readonly lifts: Map<string, { floor: string; node: string }[]>;
  readonly chargers: string[];
  readonly holdingPoints: string[];
}

export interface FloorPlan {
  readonly floor: string;
  readonly building: Building;
  readonly corridor: Corridor;
  /** Doors across the whole corridor, by x in metres. */
  readonly barriers: { id: string; x: number }[];
}

export const building = (): Building => ({
  graph: navGraph(),
  zones: [],
  doors: [],
  lifts: new Map(),
  chargers: [],
  holdingPoints: [],
});

/** Half the width of a corridor, metres. */
export const HALF = 1.5;

export const floorPlan = (house: Building, floor: string): FloorPlan => ({
  floor,
  building: house,
  corridor: corridor(house.graph, floor),
  barriers: [],
});

type Rectangle = readonly [x0: number, y0: number, x1: number, y1: number];

export function addZone(
  { floor, building: house }: FloorPlan,
  id: string,
  kind: Zone['kind'],
  name: { 'zh-CN': string; en: string },
  rectangle: Rectangle,
  ward?: string,
): string {
  const sides = rectangle.map((side) => metres(Math.round(side * 100) / 100)) as Metres[];
  house.zones.push({ id, name, ...(ward === undefined ? {} : { ward }), floor, kind, rectangle: sides });
  return id;
}

/** Rectangle of a space beside the corridor: from x0 to x1, `depth` deep, on one side. */
export const beside = (side: Side, x0: number, x1: number, depth: number, from = 0): Rectangle =>
  side === 1 ? [x0, HALF + from, x1, HALF + depth] : [x0, -HALF - depth, x1, -HALF - from];

/** A node in a space beside the corridor, `depth` metres from the corridor's wall. */
export const nodeBeside = (plan: FloorPlan, id: string, side: Side, x: number, depth: number): string =>
  plan.building.graph.node(plan.floor, id, x, side * (HALF + depth));

/** Joins a space to the lane on its side at `x`; returns the two edges through its door. */
export function joinLane(plan: FloorPlan, side: Side, x: number, inside: string): string[] {
  plan.corridor.crossing(x);
  return plan.building.graph.bothWays(plan.corridor.at(side, x), inside);
}

/** Lanes, crossings and the doors across the corridor. */
export function finishFloor(plan: FloorPlan): void {
  const lanes = plan.corridor.finish();
  for (const { id, x } of plan.barriers) {
    const edges = lanes.filter((edge) => edge.x0 < x && x < edge.x1).map((edge) => edge.id);
    if (edges.length !== 2) throw new RangeError(`door ${id} at ${x} m crosses ${edges.length} lanes`);
    plan.building.doors.push({ id, edges, zones: [] });
  }
}
