import type { TagRead } from '#simulators/devices/yrm100.ts';
import type { Random } from '#simulators/random.ts';
import type { Point, Space } from './house-map.ts';
import type { Walker } from './walker.ts';

/** What an antenna hears of the tags around it: free-space loss, walls, fading, misses, and reads through the wall. */
export interface Antenna extends Point {
  readonly space: Space;
}

const REACH_METRES = 9;
/** Strength at one metre, dBm. */
const AT_ONE_METRE = -44;
const WALL_DB = 19;
const FADING_DB = 3;
/** Strength at which half of the rounds are missed, and how sharp that edge is. */
const THRESHOLD_DBM = -70;
const EDGE_DB = 3;
const READ_MAX = 0.92;

export function inventory({ x, y, space }: Antenna, tags: readonly Walker[], r: Random): TagRead[] {
  const reads: TagRead[] = [];
  for (const tag of tags) {
    const distance = Math.hypot(tag.x - x, tag.y - y);
    if (distance > REACH_METRES) continue;
    const wall = tag.space.id === space.id ? 0 : WALL_DB;
    const rssiDbm = AT_ONE_METRE - 20 * Math.log10(Math.max(0.4, distance)) - wall - Math.abs(r.normal(FADING_DB));
    if (r.chance(READ_MAX / (1 + Math.exp((THRESHOLD_DBM - rssiDbm) / EDGE_DB)))) reads.push({ epc: tag.id, rssiDbm });
  }
  return reads;
}

/** Where the n-th of several antennas of one zone hangs: spread along its length. */
export function antennaPoint(space: Space, index: number, count: number): Antenna {
  const share = (index + 1) / (count + 1);
  const { x0, y0, x1, y1 } = space;
  return x1 - x0 >= y1 - y0
    ? { space, x: x0 + (x1 - x0) * share, y: (y0 + y1) / 2 }
    : { space, x: (x0 + x1) / 2, y: y0 + (y1 - y0) * share };
}
