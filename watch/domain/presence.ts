import { type Instant, instant } from '#contracts/units.ts';
import type { Presence } from '#contracts/ward-state.ts';

export interface PresencePorts {
  /** Zone of every room sensor, by device. */
  readonly sensors: ReadonlyMap<string, string>;
  readonly say: (presence: Presence) => void;
}

export interface Presences {
  /** A room sensor spoke. */
  seen(device: string, isPresent: boolean, measuredAt: Instant, now: Instant): void;
  /** A room sensor is faulty: what it said last counts no more. */
  faulty(device: string, now: Instant): void;
  /** Finds the sensors that have fallen silent; call now and then. */
  tick(now: Instant): void;
}

/** Edges repeat a sensor's word every 10 s: three missed words are silence. */
const SILENT_MS = 35_000;
/** An unchanged state is said again, so that whoever acts on it sees that it is young. */
const REPEAT_MS = 10_000;
const TICK_MS = 5000;

interface Sensor {
  readonly id: string;
  isPresent: boolean;
  heardAt: number;
}
interface Room {
  readonly zone: string;
  readonly sensors: Sensor[];
  state: Presence['state'];
  since: Instant;
  saidAt: number;
}

/** Whether anybody is in a room, by its sensors: one that sees somebody is enough for `present`; one that is silent or faulty makes the rest `unknown`, never `clear`. */
export function createPresences({ sensors, say }: PresencePorts): Presences {
  const rooms = new Map<string, Room>();
  const byDevice = new Map<string, { room: Room; sensor: Sensor }>();
  for (const [id, zone] of sensors) {
    const room = rooms.get(zone) ?? { zone, sensors: [], state: 'unknown', since: instant(0), saidAt: Number.NEGATIVE_INFINITY };
    const sensor: Sensor = { id, isPresent: false, heardAt: Number.NEGATIVE_INFINITY };
    room.sensors.push(sensor);
    rooms.set(zone, room);
    byDevice.set(id, { room, sensor });
  }
  let tickedAt = Number.NEGATIVE_INFINITY;

  const settle = (room: Room, now: Instant) => {
    let state: Presence['state'] = 'clear';
    for (const { isPresent, heardAt } of room.sensors) {
      if (now - heardAt > SILENT_MS) state = state === 'present' ? 'present' : 'unknown';
      else if (isPresent) state = 'present';
    }
    const isNew = state !== room.state || room.since === 0;
    if (isNew) [room.state, room.since] = [state, now];
    if (!isNew && now - room.saidAt < REPEAT_MS) return;
    // A silent room is said once: repeating it would make it look alive.
    if (!isNew && state === 'unknown') return;
    room.saidAt = now;
    say({ schema: 'presence.v1', zone: room.zone, state, devices: room.sensors.map(({ id }) => id), since: room.since, at: now });
  };

  return {
    seen(device, isPresent, measuredAt, now) {
      const found = byDevice.get(device);
      if (!found) return;
      found.sensor.isPresent = isPresent;
      found.sensor.heardAt = measuredAt;
      settle(found.room, now);
    },
    faulty(device, now) {
      const found = byDevice.get(device);
      if (!found) return;
      found.sensor.heardAt = Number.NEGATIVE_INFINITY;
      settle(found.room, now);
    },
    tick(now) {
      if (now - tickedAt < TICK_MS) return;
      tickedAt = now;
      for (const room of rooms.values()) if (room.saidAt !== Number.NEGATIVE_INFINITY) settle(room, now);
    },
  };
}
