import type { Zone } from '#contracts/site.ts';

/** Where people can walk: zones and the openings between them. */
export interface Space {
  readonly id: string;
  readonly floor: string;
  readonly kind: Zone['kind'];
  readonly ward: string | undefined;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Step {
  readonly space: Space;
  /** Where one enters it; in a lift that has moved, the same place on another floor. */
  readonly entry: Point;
}
export interface HouseMap {
  readonly spaces: ReadonlyMap<string, Space>;
  /** The shortest way by number of rooms, without the first one; empty where there is none. */
  route(from: string, to: string): readonly Step[];
}

/** Narrowest opening, metres. */
const OPENING = 0.8;
const isPassage = ({ kind }: Space) => kind === 'corridor';

export function houseMap(zones: readonly Zone[]): HouseMap {
  const spaces = new Map(zones.map((zone) => [zone.id, spaceOf(zone)]));
  const ways = new Map<string, Step[]>();
  const all = [...spaces.values()];
  for (const a of all)
    for (const b of all) {
      const entry = a.id === b.id ? undefined : openingOf(a, b);
      if (entry) ways.set(a.id, [...(ways.get(a.id) ?? []), { space: b, entry }]);
    }
  const known = new Map<string, readonly Step[]>();

  function search(from: string, to: string): readonly Step[] {
    const cameBy = new Map<string, { before: string; step: Step }>();
    const seen = new Set([from]);
    for (const id of seen) {
      if (id === to) break;
      for (const step of ways.get(id) ?? []) {
        if (seen.has(step.space.id)) continue;
        seen.add(step.space.id);
        cameBy.set(step.space.id, { before: id, step });
      }
    }
    const steps: Step[] = [];
    for (let at = cameBy.get(to); at; at = cameBy.get(at.before)) steps.unshift(at.step);
    return steps;
  }
  return {
    spaces,
    route(from, to) {
      const key = `${from} ${to}`;
      const found = known.get(key) ?? search(from, to);
      known.set(key, found);
      return found;
    },
  };
}

function spaceOf({ id, floor, kind, ward, rectangle }: Zone): Space {
  const [xa, ya, xb, yb] = rectangle as unknown as [number, number, number, number];
  return { id, floor, kind, ward, x0: Math.min(xa, xb), y0: Math.min(ya, yb), x1: Math.max(xa, xb), y1: Math.max(ya, yb) };
}

/** The middle of the wall that two zones share, where there is a way through: always from or to a corridor, or by lift. */
function openingOf(a: Space, b: Space): Point | undefined {
  const [left, right] = [Math.max(a.x0, b.x0), Math.min(a.x1, b.x1)];
  const [low, high] = [Math.max(a.y0, b.y0), Math.min(a.y1, b.y1)];
  const middle = { x: (left + right) / 2, y: (low + high) / 2 };
  if (a.floor !== b.floor) {
    const isSameShaft = a.kind === 'lift' && b.kind === 'lift' && right - left > OPENING && high - low > OPENING;
    return isSameShaft ? middle : undefined;
  }
  if (!isPassage(a) && !isPassage(b)) return undefined;
  const touches = right - left >= -0.01 && high - low >= -0.01 && Math.max(right - left, high - low) >= OPENING;
  return touches ? middle : undefined;
}
