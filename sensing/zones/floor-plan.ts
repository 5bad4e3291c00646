import type { ZoneOptions } from './zone-change.ts';

/** What the zones' doors and antennas say about each other. */
export interface FloorPlan {
  /** True where a door joins two zones, or where no doors are known. */
  isNext(a: string, b: string): boolean;
  /** True for a room with antennas over its beds, which hear most of what is in it. */
  hasBeds(zone: string): boolean;
  /** The zone behind the only door of `zone`. */
  onlyNeighbour(zone: string): string | undefined;
}

const pair = (a: string, b: string) => (a < b ? `${a}\n${b}` : `${b}\n${a}`);

export function readFloorPlan({ antennas, doors }: Pick<ZoneOptions, 'antennas' | 'doors'>): FloorPlan {
  const joined = doors && new Set(doors.map(([a, b]) => pair(a, b)));
  const beds = new Set(antennas.filter(({ kind }) => kind === 'bed').map(({ zone }) => zone));
  const neighbours = new Map<string, Set<string>>();
  for (const [a, b] of doors ?? []) {
    neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
    neighbours.set(b, (neighbours.get(b) ?? new Set()).add(a));
  }
  return {
    isNext: (a, b) => joined === undefined || joined.has(pair(a, b)),
    hasBeds: (zone) => beds.has(zone),
    onlyNeighbour(zone) {
      const known = neighbours.get(zone);
      return known?.size === 1 ? [...known][0] : undefined;
    },
  };
}
