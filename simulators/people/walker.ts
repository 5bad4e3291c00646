import type { Random } from '#simulators/random.ts';
import type { HouseMap, Point, Space } from './house-map.ts';

/** Somebody or something that is carried about: where it is, to the metre. */
export interface Walker {
  readonly id: string;
  readonly space: Space;
  readonly x: number;
  readonly y: number;
  readonly isWalking: boolean;
  /** Walks to a zone, to `point` or anywhere in it. Stays where it is when there is no way. */
  goTo(zone: string, point?: Point): void;
  advance(dtMs: number): void;
}

const SPEED_M_PER_S = 1.1;
const WALL = 0.4;

export function walker(id: string, start: { readonly zone: string; readonly point?: Point }, map: HouseMap, r: Random): Walker {
  const spaceOf = (zone: string): Space => {
    const found = map.spaces.get(zone);
    if (!found) throw new RangeError(`no zone ${zone}`);
    return found;
  };
  const somewhere = ({ x0, y0, x1, y1 }: Space): Point => ({ x: r.between(x0 + WALL, x1 - WALL), y: r.between(y0 + WALL, y1 - WALL) });
  let space = spaceOf(start.zone);
  let { x, y } = start.point ?? somewhere(space);
  let way: { to: Point; into?: Space }[] = [];

  return {
    id,
    get space() {
      return space;
    },
    get x() {
      return x;
    },
    get y() {
      return y;
    },
    get isWalking() {
      return way.length > 0;
    },
    goTo(zone, point) {
      const target = spaceOf(zone);
      const steps = map.route(space.id, zone);
      if (steps.length === 0 && space.id !== zone) return;
      way = [...steps.map(({ space: into, entry }) => ({ to: entry, into })), { to: point ?? somewhere(target) }];
    },
    advance(dtMs) {
      let left = (SPEED_M_PER_S * dtMs) / 1000;
      for (let leg = way[0]; leg && left > 0; leg = way[0]) {
        const distance = Math.hypot(leg.to.x - x, leg.to.y - y);
        if (distance > left) {
          x += ((leg.to.x - x) * left) / distance;
          y += ((leg.to.y - y) * left) / distance;
          return;
        }
        left -= distance;
        ({ x, y } = leg.to);
        if (leg.into) space = leg.into;
        way = way.slice(1);
      }
    },
  };
}
