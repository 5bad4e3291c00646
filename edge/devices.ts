import type { Device } from '#contracts/site.ts';
import type { Clock } from '#runtime/clock.ts';
import { ConfigError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Zones } from '#sensing/zones/zone-change.ts';
import { createZones } from '#sensing/zones/zones.ts';
import { type Agent, type AgentParts, startAgent } from './agent.ts';
import type { Driver } from './drivers/driver.ts';
import { driverOf, drivers } from './drivers/drivers.ts';
import type { Outbox } from './outbox.ts';
import { createCameraSession } from './sessions/camera-session.ts';
import { createDripSession } from './sessions/drip-session.ts';
import { createPresenceSession } from './sessions/presence-session.ts';
import { createPumpSession } from './sessions/pump-session.ts';
import { createReaderSession } from './sessions/reader-session.ts';
import { createScaleSession } from './sessions/scale-session.ts';
import type { Timeline } from './timeline.ts';
import { connectOf, spreadOf } from './transports/connect.ts';

export interface DeviceSurroundings {
  readonly outbox: Outbox;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly log: Log;
  /** Relative socket paths lie below it. */
  readonly dataDir: string;
  /** How much faster than the wall clock a simulated house runs. */
  readonly timeFactor: number;
}

export interface Agents {
  readonly all: readonly Agent[];
  readonly byDevice: ReadonlyMap<string, Agent>;
  /** Once a second: what all devices say once a second leaves in one batch. */
  tick(): void;
  close(): void;
}

type Shared = Pick<AgentParts<'scale'>, 'device' | 'connect' | 'outbox' | 'timeline' | 'clock' | 'log' | 'spread'>;

function start(driver: Driver, parts: Shared, zones: Zones, timeFactor: number): Agent {
  const { device } = parts;
  switch (driver.kind) {
    case 'scale':
      return startAgent({ ...parts, driver, session: createScaleSession() });
    case 'drip':
      return startAgent({ ...parts, driver, session: createDripSession(device.dropsPerMl, timeFactor) });
    case 'pump':
      return startAgent({ ...parts, driver, session: createPumpSession(timeFactor) });
    case 'reader':
      return startAgent({ ...parts, driver, session: createReaderSession(device.id, zones) });
    case 'camera':
      return startAgent({ ...parts, driver, session: createCameraSession() });
    case 'presence':
      return startAgent({ ...parts, driver, session: createPresenceSession(timeFactor) });
  }
}

/** Starts the agents of an edge's devices. Throws ConfigError with every device whose driver is unknown or cannot use its transport. */
export function startAgents(devices: readonly Device[], { dataDir, timeFactor, ...surroundings }: DeviceSurroundings): Agents {
  const { clock, timeline, outbox } = surroundings;
  const zones = createZones({
    antennas: devices.flatMap(({ id, antennaZones = [] }) => antennaZones.map((zone, i) => ({ reader: id, antenna: i + 1, zone }))),
  });
  const problems: string[] = [];
  const ready = devices.flatMap((device) => {
    const driver = driverOf(device.driver);
    const spread = spreadOf(device.id);
    const connect = driver && connectOf(device, driver, dataDir, clock, spread);
    if (driver && connect) return [{ driver, parts: { ...surroundings, device, connect, spread } }];
    const known = drivers.map(({ id }) => id).join(', ');
    problems.push(
      driver
        ? `device ${device.id}: transport ${JSON.stringify(device.transport.type)}: driver ${driver.id} cannot use it`
        : `device ${device.id}: driver ${JSON.stringify(device.driver)}: must be one of ${known}`,
    );
    return [];
  });
  if (problems.length > 0) throw new ConfigError('devices', problems);
  const all = ready.map(({ driver, parts }) => start(driver, parts, zones, timeFactor));
  return {
    all,
    byDevice: new Map(all.map((agent) => [agent.device, agent])),
    tick() {
      zones.tick(timeline.now());
      for (const agent of all) agent.tick();
      outbox.flush();
    },
    close() {
      for (const agent of all) agent.close();
    },
  };
}
