import type { TagValue } from '#contracts/readings.ts';
import { type Instant, instant } from '#contracts/units.ts';
import type { Location, Occupancy } from '#contracts/ward-state.ts';
import type { Episodes, Subject } from './episodes.ts';
import type { HouseMap, TagPlan } from './house-map.ts';

/** A zone claimed by another edge agent counts when the last claim is this old, or the tag is so much stronger there. */
const CLAIM_MS = 3000;
const CLAIM_STRONGER_DB = 6;
/** A location that stays is said again this often, so that its age can be trusted. */
const SAY_AGAIN_MS = 10_000;
/** Older sightings update nothing but the record. */
const FRESH_MS = 60_000;

interface Tag {
  readonly plan: TagPlan;
  zone: string | undefined;
  since: number;
  seenAt: number;
  edge: string | undefined;
  reader: string;
  rssiDbm: number;
  saidAt: number;
  /** The finding that is present, as it was said. */
  leftFrom: Subject | undefined;
  wrongAt: Subject | undefined;
}

export interface Locations {
  seen(reader: string, edge: string, value: TagValue, measuredAt: Instant, now: Instant): void;
  /** Who is in a bed has changed: homes of tags and the right places of bags with it. */
  occupancy(ward: string, bed: string, occupancy: Occupancy | undefined, now: Instant): void;
  restore(location: Location): void;
  /** After a restart: what was restored and no longer holds is ended. */
  settle(now: Instant): void;
  knows(tag: string): boolean;
}

export interface LocationPorts {
  readonly map: HouseMap;
  readonly episodes: Episodes;
  readonly say: (location: Location) => void;
}

const bedKey = (ward: string, bed: string) => `${ward}/${bed}`;

/** Where every tag is, and what follows from it. Zones come from the edge agents; between several agents the newest and strongest claim counts. */
export function createLocations({ map, episodes, say }: LocationPorts): Locations {
  const tags = new Map<string, Tag>();
  const occupancies = new Map<string, Occupancy>();
  const wornBy = new Map<string, Occupancy>();
  const tagsIn = new Map<string, Set<Tag>>();
  const zoneOfBed = new Map(
    [...map.zones.values()].flatMap(({ id, beds }) => beds.map(({ ward, bed }) => [bedKey(ward, bed), id] as const)),
  );
  const tagsOfBed = Map.groupBy(
    [...map.tags.values()].filter(({ ward, bed }) => ward !== undefined && bed !== undefined),
    ({ ward, bed }) => bedKey(ward ?? '', bed ?? ''),
  );

  /** Until then it is not known yet who is where: nothing is stated. */
  let isSettled = false;

  function tagOf(id: string): Tag | undefined {
    const known = tags.get(id);
    if (known) return known;
    // A wristband need not be in the site file: the bed that it was given to names it.
    const plan = map.tags.get(id) ?? (wornBy.has(id) ? { id, kind: 'patient' as const } : undefined);
    if (!plan) return undefined;
    const tag: Tag = {
      plan,
      zone: undefined,
      since: 0,
      seenAt: 0,
      edge: undefined,
      reader: '',
      rssiDbm: Number.NEGATIVE_INFINITY,
      saidAt: 0,
      leftFrom: undefined,
      wrongAt: undefined,
    };
    tags.set(id, tag);
    return tag;
  }

  /** The bed that a tag belongs to: the wearer's, else the site file's while somebody is in that bed. */
  function homeOf({ plan }: Tag): { ward?: string; bed?: string } {
    const worn = wornBy.get(plan.id);
    if (worn) return { ward: worn.ward, bed: worn.bed };
    if (plan.ward === undefined) return {};
    if (plan.bed === undefined) return { ward: plan.ward };
    const there = occupancies.get(bedKey(plan.ward, plan.bed));
    const isTheirs = there === undefined || (there.state === 'occupied' && there.tag === undefined);
    return plan.kind !== 'patient' || isTheirs ? { ward: plan.ward, bed: plan.bed } : {};
  }

  function move(tag: Tag, zone: string): void {
    if (tag.zone !== undefined) tagsIn.get(tag.zone)?.delete(tag);
    tag.zone = zone;
    const there = tagsIn.get(zone);
    if (there) there.add(tag);
    else tagsIn.set(zone, new Set([tag]));
  }

  function locationOf(tag: Tag, now: Instant): Location {
    const { plan, zone } = tag;
    const place = zone === undefined ? undefined : map.zones.get(zone);
    const home = homeOf(tag);
    const onlyBed = place?.beds.length === 1 ? place.beds[0]?.bed : undefined;
    const bed = plan.kind === 'patient' ? home.bed : onlyBed;
    return {
      schema: 'location.v1',
      tag: plan.id,
      kind: plan.kind,
      ...(zone === undefined ? {} : { zone }),
      ...(place?.ward === undefined ? {} : { ward: place.ward }),
      ...(place === undefined ? {} : { floor: place.floor }),
      ...(home.ward === undefined ? {} : { homeWard: home.ward }),
      ...(bed === undefined ? {} : { bed }),
      since: instant(tag.since),
      seenAt: instant(tag.seenAt),
      at: now,
    };
  }

  function speak(tag: Tag, now: Instant): void {
    tag.saidAt = now;
    say(locationOf(tag, now));
  }

  /** Opens and ends a finding of a tag; it ends in the ward where it began, wherever the tag is then. */
  function change(kind: 'tag_left_ward' | 'bag_wrong_patient', tag: Tag, was: Subject | undefined, next: Subject | undefined, at: Instant) {
    const isSame = was !== undefined && next !== undefined && was.ward === next.ward;
    if (isSame) return was;
    const evidence = [
      {
        source: tag.reader || tag.plan.id,
        what: 'zone',
        value: tag.zone ?? 'unknown',
        ...(tag.seenAt > 0 ? { measuredAt: instant(tag.seenAt) } : {}),
      },
    ];
    if (was) episodes.close(kind, was, { at, evidence });
    if (next) episodes.open(kind, next, { at, evidence });
    return next;
  }
  const subjectOf = (tag: Tag, ward: string, bed: string | undefined): Subject => ({
    ward,
    subject: tag.plan.id,
    ...(bed === undefined ? {} : { bed }),
  });

  function judge(tag: Tag, at: Instant): void {
    const place = tag.zone === undefined ? undefined : map.zones.get(tag.zone);
    if (!place) return;
    if (tag.plan.kind === 'patient') {
      const { ward, bed } = homeOf(tag);
      const hasLeft = ward !== undefined && place.ward !== ward;
      tag.leftFrom = change('tag_left_ward', tag, tag.leftFrom, hasLeft ? subjectOf(tag, ward, bed) : undefined, at);
    } else if (tag.plan.kind === 'bag' && tag.plan.forPatient !== undefined) {
      const around = place.beds
        .flatMap(({ ward, bed }) => occupancies.get(bedKey(ward, bed)) ?? [])
        .filter(({ patient }) => patient !== undefined);
      const isRight = around.some(({ patient }) => patient === tag.plan.forPatient);
      const [first] = around;
      tag.wrongAt = change(
        'bag_wrong_patient',
        tag,
        tag.wrongAt,
        first && !isRight ? subjectOf(tag, first.ward, first.bed) : undefined,
        at,
      );
    }
  }

  return {
    seen(reader, edge, value, measuredAt, now) {
      const tag = tagOf(value.tag);
      if (!tag || measuredAt < tag.seenAt || value.reads === 0) return;
      const isOwn = tag.edge === edge || tag.edge === undefined;
      const mayClaim = isOwn || measuredAt - tag.seenAt > CLAIM_MS || value.rssiDbm >= tag.rssiDbm + CLAIM_STRONGER_DB;
      if (!mayClaim || (!isOwn && value.zone === undefined)) return;
      tag.seenAt = measuredAt;
      tag.rssiDbm = value.rssiDbm;
      tag.edge = edge;
      tag.reader = reader;
      const { zone } = value;
      if (zone !== undefined && zone !== tag.zone && map.zones.has(zone)) {
        move(tag, zone);
        tag.since = measuredAt;
        speak(tag, now);
        if (isSettled && now - measuredAt <= FRESH_MS) judge(tag, measuredAt);
      } else if (now - tag.saidAt >= SAY_AGAIN_MS) {
        if (tag.since === 0) tag.since = measuredAt;
        speak(tag, now);
      }
    },
    occupancy(ward, bed, occupancy, now) {
      const key = bedKey(ward, bed);
      const before = occupancies.get(key);
      if (occupancy) occupancies.set(key, occupancy);
      else occupancies.delete(key);
      const worn = before?.tag === undefined ? undefined : wornBy.get(before.tag);
      if (before?.tag !== undefined && worn?.ward === ward && worn.bed === bed) wornBy.delete(before.tag);
      if (occupancy?.tag !== undefined) wornBy.set(occupancy.tag, occupancy);
      const zone = zoneOfBed.get(key);
      const affected = new Set<Tag>(zone === undefined ? [] : tagsIn.get(zone));
      for (const id of [before?.tag, occupancy?.tag, ...(tagsOfBed.get(key) ?? []).map((tag) => tag.id)]) {
        const tag = id === undefined ? undefined : tags.get(id);
        if (tag) affected.add(tag);
      }
      for (const tag of affected) {
        if (tag.seenAt === 0) continue;
        if (isSettled) judge(tag, now);
        speak(tag, now);
      }
    },
    knows: (id) => map.tags.has(id) || wornBy.has(id),
    restore(location) {
      const tag = tagOf(location.tag);
      if (!tag || tag.seenAt >= location.seenAt) return;
      if (location.zone !== undefined && map.zones.has(location.zone)) move(tag, location.zone);
      tag.since = location.since;
      tag.seenAt = location.seenAt;
    },
    settle(now) {
      isSettled = true;
      for (const { kind, subject, ward, bed } of [...episodes.present()]) {
        if (kind !== 'tag_left_ward' && kind !== 'bag_wrong_patient') continue;
        const at = { ward, subject, ...(bed === undefined ? {} : { bed }) };
        const tag = tagOf(subject);
        if (tag?.zone === undefined) episodes.close(kind, at, { at: now, evidence: [] });
        else if (kind === 'tag_left_ward') tag.leftFrom ??= at;
        else tag.wrongAt ??= at;
      }
      for (const tag of tags.values()) judge(tag, now);
    },
  };
}
