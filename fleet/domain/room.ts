import type { DoorState } from '#contracts/fleet.ts';
import type { Site } from '#contracts/site.ts';
import type { Instant } from '#contracts/units.ts';
import type { Location, Occupancy, Presence } from '#contracts/ward-state.ts';
import { no, type Verdict, yes } from './verdict.ts';

/** What fleet knows about a room before ultraviolet light or vapour may fill it. */
export interface RoomKnowledge {
  readonly doors: ReadonlyMap<string, DoorState>;
  readonly tags: ReadonlyMap<string, Location>;
  /** By `ward/bed`. */
  readonly beds: ReadonlyMap<string, Occupancy>;
  readonly presence: ReadonlyMap<string, Presence>;
}

/** The word about a room is said again every 10 s: older than this, nobody knows. */
const PRESENCE_AGE_MAX_MS = 30_000;

/**
 * May the room be disinfected now? Only if every door is known to be closed, no tag of a person is there, nobody lies in its beds, and every room
 * sensor sees nobody. What is not known counts against it.
 */
export function isRoomSafe(zone: string, site: Pick<Site, 'doors' | 'devices' | 'wards'>, known: RoomKnowledge, now: Instant): Verdict {
  const doors = (site.doors ?? []).filter((door) => door.zones.includes(zone));
  if (doors.length === 0) return no(`no door of ${zone} is known`);
  for (const door of doors) {
    const state = known.doors.get(door.id)?.state;
    if (state !== 'closed') return no(`door ${door.id} ${state === undefined ? 'says nothing' : `is ${state}`}`);
  }
  for (const tag of known.tags.values()) {
    if (tag.zone === zone && (tag.kind === 'patient' || tag.kind === 'staff')) return no(`${tag.kind} tag ${tag.tag} is inside`);
  }
  for (const ward of site.wards)
    for (const bed of ward.beds)
      if (bed.zone === zone && known.beds.get(`${ward.id}/${bed.id}`)?.state === 'occupied') return no(`bed ${bed.id} is occupied`);
  const sensors = (site.devices ?? []).filter((device) => device.zone === zone);
  if (sensors.length === 0) return yes;
  const presence = known.presence.get(zone);
  if (!presence || presence.state === 'unknown') return no(`sensor ${sensors[0]!.id} does not say whether anybody is inside`);
  if (presence.state === 'present') return no(`sensor ${presence.devices.join(', ')} sees somebody inside`);
  if (now - presence.at > PRESENCE_AGE_MAX_MS)
    return no(`sensor ${presence.devices.join(', ')} has been silent for ${Math.round((now - presence.at) / 1000)} s`);
  return yes;
}
