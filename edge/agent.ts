import type { Device } from '#contracts/site.ts';
import { type Instant, milliseconds } from '#contracts/units.ts';
import type { DeviceStatus, Order } from '#contracts/ward-state.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import { createDeviceHealth, type HealthState } from './device-health.ts';
import type { DriverOf, Kind, WordOf } from './drivers/driver.ts';
import type { Outbox } from './outbox.ts';
import { NOTHING, type Said, type Session } from './sessions/session.ts';
import type { Timeline } from './timeline.ts';
import { openLink } from './transports/link.ts';
import type { Connect } from './transports/transport.ts';

/** A polled device that is quiet for so many of its usual silences gets a new connection: a terminal server may hold a dead one. */
const RENEW_SILENCES = 4;
/** A camera is silent when so many of its pictures have not come. */
const PICTURES_MISSED = 3;

export interface Agent {
  readonly device: string;
  /** Once a second. */
  tick(): void;
  assign(order: Order | undefined): void;
  /** How the device is now, without its address. */
  status(): Pick<DeviceStatus, 'state' | 'garbledFrames' | 'lastWordAt' | 'driver'>;
  close(): void;
}

export interface AgentParts<K extends Kind> {
  readonly device: Device;
  readonly driver: DriverOf<K>;
  readonly session: Session<K>;
  readonly connect: Connect;
  readonly outbox: Outbox;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly log: Log;
  readonly spread: number;
}

/** One device's way: port → framing → decode → sensing → outbox. It alone owns the port, the polls and the retries. */
export function startAgent<K extends Kind>({
  device: { id, transport },
  driver,
  session,
  connect,
  outbox,
  timeline,
  clock,
  log,
  spread,
}: AgentParts<K>): Agent {
  const silentAfter =
    transport.type === 'http' ? milliseconds(Math.max(driver.silentAfter, transport.everyMs * PICTURES_MISSED)) : driver.silentAfter;
  const health = createDeviceHealth(driver.garbled, silentAfter, clock.elapsed());
  const decoder = driver.decoder();
  const cancels: (() => void)[] = [];
  let lastWordAt: Instant | undefined;
  let lastState: HealthState = 'online';

  const publish = (said: readonly Said[]) => {
    for (const { at, value } of said) {
      if (value.kind === 'fault' && !health.fault(value.fault, clock.elapsed())) continue;
      outbox.put(id, timeline.wallOf(at), value);
    }
  };
  const onWord = (word: WordOf<K>) => {
    const at = timeline.now();
    if (word.kind === 'fault') return publish([{ at, value: { kind: 'fault', fault: word.fault } }]);
    const said = word.kind === 'idle' ? NOTHING : session.take(word as Exclude<typeof word, { kind: 'idle' | 'fault' }>, at);
    // A picture that cannot be decoded is no good word, though its bytes came well.
    if (!said.some(({ value }) => value.kind === 'fault' && value.fault === driver.garbled)) {
      health.word(clock.elapsed());
      lastWordAt = timeline.wallOf(at);
    }
    publish(said);
  };

  const link = openLink(
    connect,
    {
      onOpen() {
        decoder.reset();
        health.opened(clock.elapsed());
        for (const { command } of driver.polls) link.write(command);
      },
      onBytes: (bytes) => decoder.take(bytes, onWord),
      onClosed(reason) {
        health.closed(clock.elapsed());
        log.debug({ device: id, reason }, 'device connection closed');
      },
    },
    clock,
    spread,
  );
  for (const { command, every } of driver.polls) {
    // A ward's polls are spread over their period.
    cancels.push(
      clock.after(milliseconds(spread * every), () => {
        cancels.push(clock.every(every, () => link.write(command)));
      }),
    );
  }

  return {
    device: id,
    tick() {
      const elapsed = clock.elapsed();
      publish(session.tick(timeline.now()));
      if (health.isUnreachableDue(elapsed)) outbox.put(id, timeline.wallOf(timeline.now()), { kind: 'fault', fault: 'DEVICE_UNREACHABLE' });
      if (driver.polls.length > 0 && health.quietMs(elapsed) > silentAfter * RENEW_SILENCES) link.renew('says nothing');
      const state = health.state(elapsed);
      if (state !== lastState) log.info({ device: id, state, before: lastState }, 'device state');
      lastState = state;
    },
    assign: (order) => session.assign(order, timeline.now(), clock.now()),
    status: () => ({
      state: health.state(clock.elapsed()),
      driver: driver.id,
      garbledFrames: health.garbledFrames,
      ...(lastWordAt === undefined ? {} : { lastWordAt }),
    }),
    close() {
      for (const cancel of cancels) cancel();
      link.close();
    },
  };
}
