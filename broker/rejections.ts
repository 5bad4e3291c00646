import { channels } from '#contracts/channels.ts';
import { topicOf } from '#contracts/topics.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Log } from '#runtime/log.ts';
import type { Bounds } from './bounds.ts';
import { rateOf } from './rate.ts';

export interface Rejections {
  /** Counts a refusal, logs it and tells the client on `rejected/{client}`, at a bounded rate. */
  report(user: string, topic: string, because: string): void;
  readonly counted: number;
}

interface Parts {
  readonly site: string;
  readonly bounds: Bounds;
  readonly clock: Clock;
  readonly log: Log;
  publish(topic: string, payload: Buffer, qos: 0 | 1, retain: boolean): void;
}

/** Tells senders what was refused and why. An honest client stays connected and learns of its mistake. */
export function openRejections({ site, bounds, clock, log, publish }: Parts): Rejections {
  const rate = rateOf({ burst: bounds.rejectionsPerSecond, perSecond: bounds.rejectionsPerSecond, keysMax: 10_000 });
  let counted = 0;
  return {
    get counted() {
      return counted;
    },
    report(user, topic, because) {
      counted++;
      if (!rate.take(user, clock.elapsed())) return;
      log.warn({ user, topic: topic.slice(0, 256), because, counted }, 'refused');
      const message = {
        schema: 'rejected.v1',
        topic: topic.slice(0, 1024),
        because: because.slice(0, 1000),
        by: 'service.broker',
        at: clock.now(),
      };
      const { qos, retain } = channels.rejected;
      publish(topicOf(channels.rejected, site, { client: user }), Buffer.from(JSON.stringify(message)), qos, retain);
    },
  };
}
