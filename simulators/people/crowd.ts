import type { Site } from '#contracts/site.ts';
import type { Random } from '#simulators/random.ts';
import { type HouseMap, houseMap, type Point } from './house-map.ts';
import { type Walker, walker } from './walker.ts';

/** Everybody, and everything that carries a tag: patients in bed, staff on their rounds, bags and pumps at the beds. */
export interface Crowd {
  readonly map: HouseMap;
  /** By tag; patients without a wristband by `ward/bed`. */
  readonly walkers: ReadonlyMap<string, Walker>;
  /** Tags on a floor, for its readers. */
  tagsOn(floor: string): readonly Walker[];
  /** Is a person in the zone? */
  isOccupied(zone: string): boolean;
  /** A patient leaves the ward for a while. Returns the tag, or undefined where the ward has nobody to send. */
  wander(ward: string, forMs: number): string | undefined;
  /** Sends somebody to a zone and keeps them there. False when there is no such tag or zone. */
  send(tag: string, zone: string): boolean;
  advance(dtMs: number): void;
}

export interface Occupied {
  readonly ward: string;
  readonly bed: string;
  readonly tag: string;
}

interface Habit {
  readonly walker: Walker;
  readonly isPerson: boolean;
  readonly hasTag: boolean;
  restMs: number;
  /** What to do when the rest is over. */
  next(): number;
}

const minutes = (n: number) => n * 60_000;
const HELD = Number.POSITIVE_INFINITY;

export function crowd(
  site: Site,
  occupied: readonly Occupied[],
  bedPoint: (ward: string, bed: string) => Point | undefined,
  r: Random,
): Crowd {
  const map = houseMap(site.zones ?? []);
  const habits = new Map<string, Habit>();
  const roomOf = (ward: string | undefined, bed: string | undefined) =>
    site.wards.find((w) => w.id === ward)?.beds.find((b) => b.id === bed)?.zone;
  const spacesOf = (ward: string | undefined) => [...map.spaces.values()].filter((space) => space.ward === ward && ward !== undefined);
  const tagged = new Map(occupied.filter(({ tag }) => tag !== '').map((row) => [row.tag, row]));

  const addPatient = (id: string, ward: string, bed: string) => {
    const zone = roomOf(ward, bed);
    if (!zone || !map.spaces.has(zone)) return;
    const point = bedPoint(ward, bed);
    const own = r.branch(id);
    const inBed = walker(id, point ? { zone, point } : { zone }, map, own);
    const corridors = spacesOf(ward).filter((space) => space.kind === 'corridor');
    const next = () => {
      const isUp = inBed.space.id !== zone;
      if (isUp || corridors.length === 0) inBed.goTo(zone, point);
      else inBed.goTo(own.pick(corridors).id);
      return isUp ? own.exponential(minutes(50)) : own.between(minutes(1), minutes(3));
    };
    habits.set(id, { walker: inBed, isPerson: true, hasTag: tagged.has(id), restMs: own.exponential(minutes(50)), next });
  };
  for (const { ward, bed, tag } of occupied) addPatient(tag || `${ward}/${bed}`, ward, bed);

  for (const tag of site.tags ?? []) {
    if (habits.has(tag.id) || tag.kind === 'patient') continue;
    const own = r.branch(tag.id);
    const rooms = [...new Set(occupied.filter(({ ward }) => ward === tag.ward).map(({ ward, bed }) => roomOf(ward, bed)))].filter(
      (zone) => zone !== undefined,
    );
    const rest = spacesOf(tag.ward).filter(({ kind }) => kind !== 'room');
    const bedside = roomOf(tag.ward, tag.bed);
    const start = tag.kind !== 'staff' && bedside ? bedside : (rest[0]?.id ?? [...map.spaces.keys()][0]);
    if (start === undefined) continue;
    const point = bedside === start && tag.bed && tag.ward ? bedPoint(tag.ward, tag.bed) : undefined;
    const thing = walker(tag.id, point ? { zone: start, point: { x: point.x + 0.4, y: point.y } } : { zone: start }, map, own);
    const isStaff = tag.kind === 'staff';
    const places = [...rest.flatMap((space) => (space.kind === 'station' ? [space.id, space.id, space.id] : [space.id])), ...rooms];
    const next = () => {
      if (places.length > 0) thing.goTo(own.pick(places));
      return isStaff ? own.exponential(minutes(1.5)) : own.exponential(minutes(60));
    };
    const isMoving = isStaff || tag.kind === 'equipment';
    habits.set(tag.id, { walker: thing, isPerson: isStaff, hasTag: true, restMs: isMoving ? own.exponential(minutes(1)) : HELD, next });
  }

  const walkers = new Map([...habits].map(([id, { walker: each }]) => [id, each]));
  const everybody = [...habits.values()];
  let byFloor = new Map<string, Walker[]>();
  let taken = new Set<string>();
  const look = () => {
    byFloor = Map.groupBy(
      everybody.filter(({ hasTag }) => hasTag).map(({ walker: each }) => each),
      ({ space }) => space.floor,
    );
    taken = new Set(everybody.filter(({ isPerson }) => isPerson).map(({ walker: each }) => each.space.id));
  };
  look();
  return {
    map,
    walkers,
    tagsOn: (floor) => byFloor.get(floor) ?? [],
    isOccupied: (zone) => taken.has(zone),
    wander(ward, forMs) {
      const candidates = occupied.filter((row) => row.ward === ward && row.tag !== '' && !walkers.get(row.tag)?.isWalking);
      const outside = [...map.spaces.values()].filter(
        ({ ward: of, floor, kind }) => of === undefined && kind === 'corridor' && floor === site.wards.find((w) => w.id === ward)?.floor,
      );
      if (candidates.length === 0 || outside.length === 0) return undefined;
      const { tag } = r.pick(candidates);
      const habit = habits.get(tag);
      if (!habit) return undefined;
      habit.walker.goTo(r.pick(outside).id);
      habit.restMs = forMs;
      return tag;
    },
    send(tag, zone) {
      const habit = habits.get(tag);
      if (!habit || !map.spaces.has(zone)) return false;
      habit.walker.goTo(zone);
      habit.restMs = HELD;
      return true;
    },
    advance(dtMs) {
      for (const habit of everybody) {
        habit.walker.advance(dtMs);
        if (habit.walker.isWalking) continue;
        habit.restMs -= dtMs;
        if (habit.restMs <= 0) habit.restMs = habit.next();
      }
      look();
    },
  };
}
