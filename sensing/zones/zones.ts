import { decibels, instant } from '#contracts/units.ts';
import { readFloorPlan } from './floor-plan.ts';
import { createTagTrack, type TagTrack } from './tag-track.ts';
import type { TagZone, ZoneAntenna, ZoneChange, ZoneOptions, Zones } from './zone-change.ts';

/** Bounds of the silence after which a tag is nowhere: a multiple of its usual time between reads, within these. */
const SILENCE_MIN_MS = 300_000;
const SILENCE_MAX_MS = 900_000;
const SILENCE_INTERVALS = 25;
const INTERVAL_GAIN = 0.05;
const STRENGTH_GAIN = 0.25;
/** Tags remembered at most; the one unheard for longest is forgotten first. */
const TAGS_MAX = 20_000;

interface Heard {
  readonly track: TagTrack;
  lastSeenAt: number;
  usualInterval: number;
  antenna: ZoneAntenna;
  rssiDbm: number;
  reads: number;
}

const NO_CHANGES: readonly ZoneChange[] = [];

/** Tracker of the tags heard by one group of readers. Memory: some 500 bytes a tag, at most 20,000 tags. */
export function createZones(options: ZoneOptions): Zones {
  const antennas = new Map(options.antennas.map((antenna) => [`${antenna.reader}\n${antenna.antenna}`, antenna]));
  const plan = readFloorPlan(options);
  const heard = new Map<string, Heard>();
  const silenceOf = (tag: Heard) =>
    options.silenceLimit ?? Math.min(SILENCE_MAX_MS, Math.max(SILENCE_MIN_MS, tag.usualInterval * SILENCE_INTERVALS));

  const view = (tag: string, { track, lastSeenAt, antenna, rssiDbm, reads }: Heard): TagZone => ({
    tag,
    ...(track.zone === undefined ? {} : { zone: track.zone }),
    ...(track.since === undefined ? {} : { since: instant(track.since) }),
    lastSeenAt: instant(lastSeenAt),
    antenna,
    rssiDbm: decibels(rssiDbm),
    reads,
  });

  function meet(tag: string, at: number, antenna: ZoneAntenna, rssiDbm: number): Heard {
    if (heard.size >= TAGS_MAX) {
      let oldest: string | undefined;
      let oldestAt = Number.POSITIVE_INFINITY;
      for (const [name, one] of heard) if (one.lastSeenAt < oldestAt) [oldest, oldestAt] = [name, one.lastSeenAt];
      if (oldest !== undefined) heard.delete(oldest);
    }
    const one: Heard = { track: createTagTrack(plan), lastSeenAt: at, usualInterval: 3000, antenna, rssiDbm, reads: 0 };
    heard.set(tag, one);
    return one;
  }

  return {
    step({ at, tag, reader, antenna: port, rssiDbm }) {
      const antenna = antennas.get(`${reader}\n${port}`);
      if (!antenna || !Number.isFinite(at) || !Number.isFinite(rssiDbm)) return NO_CHANGES;
      const one = heard.get(tag) ?? meet(tag, at, antenna, rssiDbm);
      one.reads += 1;
      if (at > one.lastSeenAt) {
        one.usualInterval += INTERVAL_GAIN * (Math.min(at - one.lastSeenAt, SILENCE_MAX_MS) - one.usualInterval);
        one.lastSeenAt = at;
      }
      if (antenna === one.antenna) one.rssiDbm += STRENGTH_GAIN * (rssiDbm - one.rssiDbm);
      else if (rssiDbm > one.rssiDbm) [one.antenna, one.rssiDbm] = [antenna, rssiDbm];
      else one.rssiDbm -= 0.5;
      const move = one.track.read(at, antenna, rssiDbm);
      if (!move) return NO_CHANGES;
      return [
        {
          tag,
          zone: move.zone,
          ...(move.from === undefined ? {} : { from: move.from }),
          at: instant(move.at),
          decidedAt: instant(Math.max(at, one.lastSeenAt)),
        },
      ];
    },
    tick(at) {
      if (!Number.isFinite(at)) return NO_CHANGES;
      let changes: ZoneChange[] | undefined;
      for (const [tag, one] of heard) {
        if (one.track.zone === undefined || at - one.lastSeenAt <= silenceOf(one)) continue;
        changes ??= [];
        changes.push({ tag, from: one.track.zone, at: instant(one.lastSeenAt), decidedAt: at });
        one.track.lose();
      }
      return changes ?? NO_CHANGES;
    },
    tag(tag) {
      const one = heard.get(tag);
      return one && view(tag, one);
    },
    *tags() {
      for (const [tag, one] of heard) yield view(tag, one);
    },
  };
}
