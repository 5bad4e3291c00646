import type { FloorPlan } from './floor-plan.ts';
import type { ZoneAntenna } from './zone-change.ts';

/**
 * One tag's zone from its reads, as a quickest change detection.
 *
 * Model: a tag is read mostly by antennas of its own zone, and now and then through a door or a wall. Each read of another zone adds its log-likelihood ratio to that zone's score, each read of the own
 * zone takes it away again (Page's cumulative sum, never below zero); the tag has moved once a score passes a threshold, which is higher where no door joins the zones and lower the longer its zone has not heard it.
 * How telling a read is depends on the antenna: one in the middle of its zone is hardly heard outside, one over a bed only weakly through the wall, one at a door on both sides of it. At a door
 * the stronger side counts, and how mixed this tag's reads have lately been: one parked in a doorway is read from both sides, so its reads tell little.
 */

/** Log-likelihood ratios of a read inside: by the antenna of a zone, by one over a bed, and by the latter when it is so weak that it may come through a wall. */
const TELLING_ZONE = 4.6;
const TELLING_ZONE_WEAK = 2.2;
const TELLING_BED = 4;
const TELLING_BED_WEAK = 1.6;
const THROUGH_WALL_DBM = -71;
/** Share of reads by neighbouring zones to start with, and the bounds of what is learned. */
const MIXING_START = 0.06;
const MIXING_MIN = 0.03;
const MIXING_MAX = 0.45;
/** Reads over which the mixing is learned, and the part of it kept through a move. */
const MIXING_READS = 30;
const MIXING_KEPT = 0.7;
/** A tag that comes back so soon stands at a boundary. */
const RETURN_MS = 90_000;
const RETURN_MIXING = 0.2;
const THRESHOLD_NEXT = 4;
const THRESHOLD_FAR = 5.5;
/** Going straight back takes more evidence, for a while. */
const DWELL_MS = 20_000;
const THRESHOLD_BACK = 3;
const UNHEARD_PER_S = 0.06;
const UNHEARD_MAX = 4.2;
/** Strength at which a read at a door counts in full, and how fast that changes. */
const DOOR_FULL_DBM = -60;
const DOOR_SPAN_DB = 18;
const DOOR_WEIGHT_MIN = 0.25;
const DOOR_WEIGHT_MAX = 1.5;
/** A door's two sides differ by some 6 dB; the own side's strength is remembered for a while. */
const SIDE_DB = 6;
/** Weight of a read as strong as the own side's. */
const SIDE_EVEN = 0.5;
/** The sides are compared once this share of reads came from the other side. */
const SIDE_FROM_MIXING = 0.12;
const SIDE_MEMORY_MS = 15_000;
const SIDE_WEIGHT_MIN = 0.12;
const STRENGTH_GAIN = 0.3;
/** A tag right under a door's antenna is on its side; a weaker one that no antenna inside hears for a while is likelier outside. */
const UNDER_DOOR_DBM = -50;
const INSIDE_MEMORY_MS = 120_000;
const OUTSIDE_PER_READ = 0.3;
/** A score not fed for this long has nothing to say any more. */
const SCORE_FADES_MS = 30_000;

interface Rival {
  score: number;
  since: number;
  lastAt: number;
  strength: number;
}

export interface Move {
  readonly zone: string;
  readonly from: string | undefined;
  /** First read that spoke for the new zone, ms. */
  readonly at: number;
}

export interface TagTrack {
  readonly zone: string | undefined;
  readonly since: number | undefined;
  /** Takes a read of an antenna at `at` ms. */
  read(at: number, antenna: ZoneAntenna, rssiDbm: number): Move | undefined;
  /** The tag is nowhere from now on, until it is read again. */
  lose(): void;
}

export function createTagTrack(plan: FloorPlan): TagTrack {
  let current: string | undefined;
  let since: number | undefined;
  let ownAt = 0;
  let ownStrength = -90;
  let insideAt = Number.NEGATIVE_INFINITY;
  let mixing = MIXING_START;
  let others = 0;
  let left: string | undefined;
  let leftAt = Number.NEGATIVE_INFINITY;
  const rivals = new Map<string, Rival>();

  function enter(zone: string, at: number, decidedAt: number, strength: number): Move {
    const from = current;
    const isReturn = zone === left && decidedAt - leftAt < RETURN_MS;
    mixing = Math.max(MIXING_START, mixing * MIXING_KEPT, isReturn ? Math.min(MIXING_MAX, mixing + RETURN_MIXING) : 0);
    left = from;
    leftAt = decidedAt;
    current = zone;
    since = at;
    ownAt = decidedAt;
    ownStrength = strength;
    insideAt = decidedAt;
    others = 0;
    rivals.clear();
    return { zone, from, at };
  }

  function mix(isOther: boolean): void {
    mixing = Math.min(MIXING_MAX, Math.max(MIXING_MIN, mixing + ((isOther ? 1 : 0) - mixing) / MIXING_READS));
  }

  function rivalOf(zone: string, at: number, rssiDbm: number): Rival {
    let rival = rivals.get(zone);
    if (!rival || at - rival.lastAt > SCORE_FADES_MS) {
      rival = { score: 0, since: at, lastAt: at, strength: rssiDbm };
      rivals.set(zone, rival);
    }
    rival.lastAt = at;
    rival.strength += STRENGTH_GAIN * (rssiDbm - rival.strength);
    return rival;
  }

  /** What a read tells by the kind of its antenna alone. */
  function plainTelling(kind: ZoneAntenna['kind'], rssiDbm: number): number {
    const isWeak = rssiDbm < THROUGH_WALL_DBM;
    if (kind === 'zone') return isWeak ? TELLING_ZONE_WEAK : TELLING_ZONE;
    if (kind === 'bed') return isWeak ? TELLING_BED_WEAK : TELLING_BED;
    const weight = Math.min(DOOR_WEIGHT_MAX, Math.max(DOOR_WEIGHT_MIN, 1 + (rssiDbm - DOOR_FULL_DBM) / DOOR_SPAN_DB));
    return Math.log((1 - mixing) / mixing) * weight;
  }

  /** Log-likelihood ratio of a read by an antenna of its zone against the present zone. */
  function tellingOf(at: number, { zone, kind }: ZoneAntenna, rssiDbm: number, rival: Rival): number {
    const plain = plainTelling(kind, rssiDbm);
    const isBehindDoor = left === zone && plan.hasBeds(zone) && plan.onlyNeighbour(zone) === current;
    if (isBehindDoor && rival.strength < UNDER_DOOR_DBM) return 0;
    if (at - ownAt > SIDE_MEMORY_MS) return plain;
    const side = Math.min(1, Math.max(SIDE_WEIGHT_MIN, (rival.strength - ownStrength) / SIDE_DB + SIDE_EVEN));
    const doubt = Math.min(1, Math.max(0, (mixing - SIDE_FROM_MIXING) / SIDE_FROM_MIXING));
    return plain * (1 - doubt * (1 - side));
  }

  function decide(zone: string, rival: Rival, at: number): Move | undefined {
    const unheard = Math.min(UNHEARD_MAX, ((at - ownAt) / 1000) * UNHEARD_PER_S);
    const isBack = zone === left && at - leftAt < DWELL_MS;
    const threshold = (plan.isNext(zone, current!) ? THRESHOLD_NEXT : THRESHOLD_FAR) + (isBack ? THRESHOLD_BACK : 0);
    return rival.score < threshold - unheard ? undefined : enter(zone, rival.since, at, rival.strength);
  }

  /** A read by an antenna of the present zone. */
  function own(at: number, { zone, kind }: ZoneAntenna, rssiDbm: number): Move | undefined {
    // Reads of other zones count as mixed only once the tag has proved to be still here.
    for (; others > 0; others -= 1) mix(true);
    mix(false);
    ownStrength = at - ownAt > SIDE_MEMORY_MS ? rssiDbm : ownStrength + STRENGTH_GAIN * (rssiDbm - ownStrength);
    ownAt = at;
    const outside = plan.hasBeds(zone) ? plan.onlyNeighbour(zone) : undefined;
    const isDoor = kind === 'door';
    if (!isDoor || rssiDbm >= UNDER_DOOR_DBM) insideAt = at;
    if (outside !== undefined && isDoor && at - insideAt > INSIDE_MEMORY_MS) {
      const rival = rivalOf(outside, at, rssiDbm);
      rival.score += OUTSIDE_PER_READ;
      return decide(outside, rival, at);
    }
    const telling = plainTelling(kind, rssiDbm);
    for (const [name, rival] of rivals) {
      rival.score -= telling;
      if (rival.score <= 0) rivals.delete(name);
    }
    return undefined;
  }

  return {
    get zone() {
      return current;
    },
    get since() {
      return since;
    },
    read(at, antenna, rssiDbm) {
      const { zone } = antenna;
      if (current === undefined) return enter(zone, at, at, rssiDbm);
      if (zone === current) return own(at, antenna, rssiDbm);
      others += 1;
      const rival = rivalOf(zone, at, rssiDbm);
      const telling = tellingOf(at, antenna, rssiDbm, rival);
      rival.score += telling;
      for (const [name, other] of rivals) {
        if (name === zone) continue;
        other.score -= telling / 2;
        if (other.score <= 0) rivals.delete(name);
      }
      return decide(zone, rival, at);
    },
    lose() {
      current = undefined;
      since = undefined;
      rivals.clear();
    },
  };
}
