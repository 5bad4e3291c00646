import { readFileSync } from 'node:fs';
import type { ServiceName } from '#contracts/commands.ts';
import type { Bus } from './bus.ts';
import { asError } from './errors.ts';
import type { Log } from './log.ts';

/** Wardline's version, from package.json. */
export const version: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version;

export interface Health {
  /** `degraded` says so on every screen's head, with its reason. */
  say(state: 'up' | 'degraded', because?: string): void;
}

/** Keeps the retained `service/{service}` message true; the bus's last will says `down` when the process dies. */
export function announceService(bus: Bus, service: ServiceName, log: Log): Health {
  const startedAt = bus.clock.now();
  let state: 'up' | 'degraded' = 'up';
  let because: string | undefined;
  const publish = () => {
    bus
      .publish(
        'service',
        { service },
        { schema: 'service.v1', service, state, version, ...(because === undefined ? {} : { because }), startedAt, at: bus.clock.now() },
      )
      .catch((error: unknown) => log.warn({ reason: asError(error).message }, 'service status not sent'));
  };
  bus.onState((isConnected) => isConnected && publish());
  publish();
  return {
    say(next, why) {
      if (next === state && why === because) return;
      state = next;
      because = why;
      publish();
    },
  };
}
