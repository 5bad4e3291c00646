import { channels } from '#contracts/channels.ts';
import type { ServiceStatus } from '#contracts/service.ts';
import { topicOf } from '#contracts/topics.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import { version } from '#runtime/service.ts';

interface Parts {
  readonly site: string;
  readonly clock: Clock;
  readonly log: Log;
  publish(topic: string, payload: Buffer, qos: 0 | 1, retain: boolean): void;
}

export interface BrokerStatus extends Disposable {
  disk(isFailing: boolean, because?: string): void;
  /** A queue was full and lost its oldest message. */
  dropped(client: string, total: number): void;
}

const LOSS_SHOWN = milliseconds(60_000);
const LOSS_LOGGED = milliseconds(1000);

/** Keeps `service/broker` true from inside the broker: up, or degraded with the reason. */
export function announceBroker({ site, clock, log, publish }: Parts): BrokerStatus {
  const startedAt = clock.now();
  let diskTrouble: string | undefined;
  let loss: string | undefined;
  let lossAt = clock.elapsed();
  let lossLoggedAt = clock.elapsed() - LOSS_LOGGED;
  let said: string | undefined;

  const say = () => {
    const because = diskTrouble ?? loss;
    if (said === (because ?? '')) return;
    said = because ?? '';
    const status: ServiceStatus = {
      schema: 'service.v1',
      service: 'broker',
      state: because === undefined ? 'up' : 'degraded',
      version,
      ...(because === undefined ? {} : { because: because.slice(0, 300) }),
      startedAt,
      at: clock.now(),
    };
    const { qos, retain } = channels.service;
    publish(topicOf(channels.service, site, { service: 'broker' }), Buffer.from(JSON.stringify(status)), qos, retain);
  };
  say();
  const stop = clock.every(milliseconds(5000), () => {
    if (loss !== undefined && clock.elapsed() - lossAt >= LOSS_SHOWN) {
      loss = undefined;
      say();
    }
  });

  return {
    disk(isFailing, because) {
      diskTrouble = isFailing ? `the disk takes no more, messages are passed on but not confirmed: ${because ?? 'unknown'}` : undefined;
      if (!isFailing) log.info('the disk takes messages again');
      say();
    },
    dropped(client, total) {
      loss = `the queue of ${client} is full: it loses its oldest messages`;
      lossAt = clock.elapsed();
      if (lossAt - lossLoggedAt >= LOSS_LOGGED) {
        lossLoggedAt = lossAt;
        log.error({ client, dropped: total }, 'queue full: oldest messages dropped');
      }
      say();
    },
    [Symbol.dispose]: stop,
  };
}
