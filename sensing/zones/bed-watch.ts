/**
 * Recognises a bag hung at another patient's bed, in another room or beside the own one.
 *
 * A bag carried past or set down for a minute is none: it must stay. Which of a room's beds it hangs at follows from the antennas over the beds, by the same change detection as the zones.
 */
import { type Instant, instant } from '#contracts/units.ts';
import { createTagTrack, type TagTrack } from './tag-track.ts';
import type { TagRead } from './zone-change.ts';

/** A bag stays so long before it counts as hung there; staff pass through a room with a bag in hand within some 80 s. */
const STAY_MS = 100_000;
/** Between two beds of a room a bag may wait in a hand or on a tray for longer. */
const BED_STAY_MS = 180_000;
/** Reads by a bed's antenna without which nothing is said of the bed. */
const BED_READS_MIN = 6;

export interface WatchedBed {
  readonly bed: string;
  readonly room: string;
  readonly antennas: readonly { readonly reader: string; readonly antenna: number }[];
}

export interface Mismatch {
  readonly tag: string;
  /** Where it hangs: the room, and the bed where that is known. */
  readonly room: string;
  readonly bed?: string;
  readonly at: Instant;
}

interface Bag {
  readonly ownBed: string;
  readonly track: TagTrack;
  room: string | undefined;
  roomSince: number;
  bedSince: number;
  bedReads: number;
  /** Wrong rooms already told. */
  readonly told: Set<string>;
}

export interface BedWatch {
  /** A bag of a patient whose bed this is. */
  expect(tag: string, bed: string): void;
  /** The zone a tag has moved to. */
  moved(tag: string, zone: string | undefined, at: Instant): void;
  /** A read, after the zone tracker has had it. */
  read(read: TagRead): void;
  /** What hangs wrongly at `at`, each told once until the bag has hung at its own bed. */
  tick(at: Instant): readonly Mismatch[];
}

export function createBedWatch(beds: readonly WatchedBed[]): BedWatch {
  const roomOf = new Map(beds.map(({ bed, room }) => [bed, room]));
  const rooms = new Set(roomOf.values());
  const bedOf = new Map(
    beds.flatMap(({ bed, antennas }) => antennas.map(({ reader, antenna }) => [`${reader}\n${antenna}`, bed] as const)),
  );
  const plan = { isNext: () => true, hasBeds: () => false, onlyNeighbour: () => undefined };
  const bags = new Map<string, Bag>();

  function wrongPlace(bag: Bag, at: number): { room: string; bed?: string } | undefined {
    const { room, track } = bag;
    if (room === undefined || !rooms.has(room)) return undefined;
    if (room !== roomOf.get(bag.ownBed)) return at - bag.roomSince >= STAY_MS ? { room } : undefined;
    const bed = track.zone;
    const isSettled =
      bed !== undefined && bed !== bag.ownBed && bag.bedReads >= BED_READS_MIN && at - Math.max(bag.bedSince, bag.roomSince) >= BED_STAY_MS;
    return isSettled ? { room, bed } : undefined;
  }

  return {
    expect(tag, ownBed) {
      bags.set(tag, { ownBed, track: createTagTrack(plan), room: undefined, roomSince: 0, bedSince: 0, bedReads: 0, told: new Set() });
    },
    moved(tag, zone, at) {
      const bag = bags.get(tag);
      if (!bag || bag.room === zone) return;
      bag.room = zone;
      bag.roomSince = at;
      bag.bedReads = 0;
      bag.track.lose();
    },
    read({ tag, reader, antenna, at, rssiDbm }) {
      const bag = bags.get(tag);
      const bed = bedOf.get(`${reader}\n${antenna}`);
      if (!bag || bed === undefined || roomOf.get(bed) !== bag.room) return;
      const move = bag.track.read(at, { reader, antenna, zone: bed, kind: 'bed' }, rssiDbm);
      if (move) {
        bag.bedSince = at;
        bag.bedReads = 0;
      }
      if (bag.track.zone === bed) bag.bedReads += 1;
      if (bag.track.zone === bag.ownBed && bag.bedReads >= BED_READS_MIN) bag.told.clear();
    },
    tick(at) {
      const found: Mismatch[] = [];
      for (const [tag, bag] of bags) {
        const place = wrongPlace(bag, at);
        if (!place || bag.told.has(place.room)) continue;
        bag.told.add(place.room);
        found.push({ tag, ...place, at: instant(at) });
      }
      return found;
    },
  };
}
