import { filterMatches } from '#contracts/topics.ts';
import type { Disk } from './disk.ts';
import type { Journal } from './journal.ts';

export interface RetainedMessage {
  readonly payload: Buffer;
  readonly qos: 0 | 1;
}

/** The last message of every retained topic, in memory and on disk. */
export interface Retained {
  find(topic: string): RetainedMessage | undefined;
  /** An empty payload withdraws the topic. [MQTT-3.3.1-10] */
  keep(topic: string, payload: Buffer, qos: 0 | 1): void;
  topics(filters: readonly string[]): Iterable<string>;
  readonly count: number;
}

const PREFIX = 'r/';

export async function openRetained(disk: Disk, journal: Journal): Promise<Retained> {
  const byTopic = new Map<string, RetainedMessage>();
  for await (const [key, value] of disk.entries(PREFIX))
    byTopic.set(decodeURIComponent(key.slice(PREFIX.length)), { qos: value.readUInt8(0) === 1 ? 1 : 0, payload: value.subarray(1) });
  return {
    find: (topic) => byTopic.get(topic),
    keep(topic, payload, qos) {
      const key = PREFIX + encodeURIComponent(topic);
      if (payload.length === 0) {
        if (byTopic.delete(topic)) journal.del(key);
        return;
      }
      const stored = Buffer.concat([Buffer.of(qos), payload]);
      byTopic.set(topic, { qos, payload: stored.subarray(1) });
      journal.put(key, stored);
    },
    *topics(filters) {
      for (const filter of filters) {
        if (!/[+#]/.test(filter)) {
          if (byTopic.has(filter)) yield filter;
          continue;
        }
        for (const topic of [...byTopic.keys()]) if (filterMatches(filter, topic)) yield topic;
      }
    },
    get count() {
      return byTopic.size;
    },
  };
}
