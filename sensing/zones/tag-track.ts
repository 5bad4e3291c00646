import type { ZoneAntenna } from './zone-change.ts';

/**
 * One tag's zone from its reads, as a quickest change detection.
 *
 * Model: a tag is read mostly by antennas of its own zone, and now and then through a door or a wall. Each read of another zone adds its log-likelihood ratio to that zone's score, each read of the own
 * zone takes it away again (Page's cumulative sum, never below zero); the tag has moved once a score passes a threshold, which is higher where no door joins the zones.
 * How telling a read is depends on its strength and on how mixed this tag's reads have lately been: one parked in a doorway is read from both sides, so its reads tell little.
 */

/** Share of reads by neighbouring zones to start with, and the bounds of what is learned. */
const MIXING_START = 0.06;
const MIXING_MIN = 0.03;
const MIXING_MAX = 0.45;
/** Reads over which the mixing is learned, and the part of it kept through a move. */
const MIXING_READS = 30;
const MIXING_KEPT = 0.7;
/** A tag that comes back so soon stands at a boundary. */
const RETURN_MS = 90_000;
const RETURN_MIXING = 0.12;
const THRESHOLD_NEXT = 3;
const THRESHOLD_FAR = 6;
/** Strength at which a read counts in full; 25 dB below it counts least. Reads through a wall are some 15 dB weaker than those in the room. */
const STRENGTH_FULL_DBM = -60;
const STRENGTH_SPAN_DB = 25;
const WEIGHT_MIN = 0.25;
const WEIGHT_MAX = 1.5;
/** An antenna in the middle of its zone is hardly heard outside, one at a door is. */
const INNER_WEIGHT = 1.5;
/** The longer its own zone has not heard a tag, the likelier it has gone. */
const UNHEARD_PER_S = 0.06;
const UNHEARD_MAX = 2.2;
/** A score not fed for this long has nothing to say any more. */
const SCORE_FADES_MS = 30_000;

interface Rival {
  score: number;
  since: number;
  lastAt: number;
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
  /** Takes a read of an antenna of `zone` at `at` ms. */
  read(at: number, antenna: ZoneAntenna, rssiDbm: number): Move | undefined;
  /** The tag is nowhere from now on, until it is read again. */
  lose(): void;
}

const weightOf = (rssiDbm: number): number =>
  Math.min(WEIGHT_MAX, Math.max(WEIGHT_MIN, 1 + (rssiDbm - STRENGTH_FULL_DBM) / STRENGTH_SPAN_DB));

export function createTagTrack(isNext: (a: string, b: string) => boolean): TagTrack {
  let current: string | undefined;
  let since: number | undefined;
  let mixing = MIXING_START;
  let ownAt = 0;
  let left: string | undefined;
  let leftAt = Number.NEGATIVE_INFINITY;
  const rivals = new Map<string, Rival>();

  function enter(zone: string, at: number, decidedAt: number): Move {
    const from = current;
    const isReturn = zone === left && decidedAt - leftAt < RETURN_MS;
    mixing = Math.max(MIXING_START, mixing * MIXING_KEPT, isReturn ? Math.min(MIXING_MAX, mixing + RETURN_MIXING) : 0);
    left = from;
    leftAt = decidedAt;
    current = zone;
    since = at;
    rivals.clear();
    return { zone, from, at };
  }

  function mix(isOther: boolean): void {
    mixing = Math.min(MIXING_MAX, Math.max(MIXING_MIN, mixing + ((isOther ? 1 : 0) - mixing) / MIXING_READS));
  }

  return {
    get zone() {
      return current;
    },
    get since() {
      return since;
    },
    read(at, { zone, kind }, rssiDbm) {
      if (current === undefined) {
        ownAt = at;
        return enter(zone, at, at);
      }
      const telling = Math.log((1 - mixing) / mixing) * weightOf(rssiDbm) * (kind === 'zone' ? INNER_WEIGHT : 1);
      if (zone === current) {
        ownAt = at;
        mix(false);
        for (const [name, rival] of rivals) {
          rival.score -= telling;
          if (rival.score <= 0) rivals.delete(name);
        }
        return undefined;
      }
      if (isNext(zone, current)) mix(true);
      let rival = rivals.get(zone);
      if (!rival || at - rival.lastAt > SCORE_FADES_MS) {
        rival = { score: 0, since: at, lastAt: at };
        rivals.set(zone, rival);
      }
      rival.score += telling;
      rival.lastAt = at;
      for (const [name, other] of rivals) {
        if (name === zone) continue;
        other.score -= telling / 2;
        if (other.score <= 0) rivals.delete(name);
      }
      const unheard = Math.min(UNHEARD_MAX, ((at - ownAt) / 1000) * UNHEARD_PER_S);
      if (rival.score < (isNext(zone, current) ? THRESHOLD_NEXT : THRESHOLD_FAR) - unheard) return undefined;
      const { since: from } = rival;
      ownAt = at;
      return enter(zone, from, at);
    },
    lose() {
      current = undefined;
      since = undefined;
      rivals.clear();
    },
  };
}
