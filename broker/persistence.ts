import { Readable } from 'node:stream';
import type { Brokers, Client, PublishPacket, Subscription } from 'aedes';
import type { Disk } from './disk.ts';
import type { Journal } from './journal.ts';
import type { Retained } from './retained.ts';
import type { Sessions } from './sessions.ts';

interface Parts {
  readonly disk: Disk;
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly retained: Retained;
  userOf(clientId: string): string | undefined;
  /** Aedes hands over all filters of a packet once one of them is granted. */
  mayRead(client: Client, filter: string): boolean;
}

type Will = PublishPacket & { clientId?: string; brokerId?: string };
type Named = Pick<Client, 'id'>;

const WILL = 'w/';
const INCOMING = 'i/';
/** Clients with a QoS 2 message half received; the longest there is forgotten first. */
const INCOMING_CLIENTS_MAX = 5000;
const willKey = (clientId: string): string => WILL + encodeURIComponent(clientId);
const incomingKey = (clientId: string, messageId: number): string => `${INCOMING}${encodeURIComponent(clientId)}/${messageId}`;

interface StoredPacket {
  topic: string;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  clientId?: string;
  brokerId?: string;
  messageId?: number;
}

const encode = (packet: Will): Buffer => {
  const { topic, payload, qos, retain, clientId, brokerId, messageId } = packet;
  const stored: StoredPacket = { topic, payload: Buffer.from(payload).toString('base64'), qos, retain: retain ?? false };
  return Buffer.from(JSON.stringify({ ...stored, clientId, brokerId, messageId }));
};
const decode = (value: Buffer): Will => {
  const { payload, ...rest } = JSON.parse(value.toString()) as StoredPacket;
  return { cmd: 'publish', dup: false, ...rest, payload: Buffer.from(payload, 'base64') };
};

/**
 * What Aedes asks of a persistence, over our own sessions. Its stock stores write each message apart and out of order, and Aedes then takes the
 * later ones for duplicates: under load one acknowledged message in twelve never arrives. Here queues are delivered by `Session`, so the outgoing
 * half is empty.
 */
export async function openPersistence({ disk, journal, sessions, retained, userOf, mayRead }: Parts) {
  const wills = new Map<string, Will>();
  const incoming = new Map<string, Map<number, Will>>();
  let brokerId = '';
  for await (const [key, value] of disk.entries(WILL)) wills.set(decodeURIComponent(key.slice(WILL.length)), decode(value));
  for await (const [key, value] of disk.entries(INCOMING)) {
    const [, client = '', id = ''] = key.split('/');
    incomingOf(decodeURIComponent(client)).set(Number(id), decode(value));
  }
  function incomingOf(clientId: string): Map<number, Will> {
    let packets = incoming.get(clientId);
    if (!packets) {
      if (incoming.size >= INCOMING_CLIENTS_MAX) forgetIncoming(incoming.keys().next().value as string);
      packets = new Map();
      incoming.set(clientId, packets);
    }
    return packets;
  }

  function forgetIncoming(clientId: string): void {
    for (const messageId of incoming.get(clientId)?.keys() ?? []) journal.del(incomingKey(clientId, messageId));
    incoming.delete(clientId);
  }

  return {
    async setup(broker: { readonly id: string }): Promise<void> {
      brokerId = broker.id;
    },

    // Retained messages are stored by WardBroker; here they are only found.
    createRetainedStreamCombi: (filters: string[]) => Readable.from(replay(filters)),
    createRetainedStream: (filter: string) => Readable.from(replay([filter])),

    async addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<void> {
      const user = userOf(client.id);
      if (user === undefined) return;
      for (const { topic, qos } of subscriptions) if (mayRead(client, topic)) sessions.subscribe(client.id, user, topic, qos);
      await journal.kept();
    },
    async removeSubscriptions(client: Client, filters: string[]): Promise<void> {
      for (const filter of filters) sessions.unsubscribe(client.id, filter);
    },
    async subscriptionsByClient({ id }: Named): Promise<Subscription[]> {
      return [...(sessions.find(id)?.subscriptions ?? [])].map(([topic, qos]) => ({ topic, qos: qos as 0 | 1 | 2 }));
    },
    async cleanSubscriptions({ id }: Named): Promise<void> {
      sessions.remove(id);
    },

    outgoingStream: () => Readable.from([]),
    async outgoingUpdate(): Promise<never> {
      throw new Error('no such packet');
    },
    async outgoingClearMessageId({ id }: Named, { messageId }: { messageId?: number }): Promise<void> {
      if (messageId !== undefined) sessions.find(id)?.acknowledge(messageId);
    },

    async incomingStorePacket({ id }: Named, packet: Will & { messageId: number }): Promise<void> {
      const kept: Will = { ...packet, payload: Buffer.from(packet.payload) };
      incomingOf(id).set(packet.messageId, kept);
      journal.put(incomingKey(id, packet.messageId), encode(kept));
    },
    async incomingGetPacket({ id }: Named, { messageId }: { messageId: number }): Promise<Will> {
      const packet = incoming.get(id)?.get(messageId);
      if (!packet) throw new Error('no such packet');
      return packet;
    },
    async incomingDelPacket({ id }: Named, { messageId }: { messageId: number }): Promise<void> {
      if (incoming.get(id)?.delete(messageId)) journal.del(incomingKey(id, messageId));
    },
    async cleanIncoming({ id }: Named): Promise<void> {
      forgetIncoming(id);
    },

    async putWill(client: Named, will: Will): Promise<void> {
      const kept: Will = { ...will, payload: Buffer.from(will.payload), clientId: client.id, brokerId };
      wills.set(client.id, kept);
      journal.put(willKey(client.id), encode(kept));
    },
    async getWill({ id }: Named): Promise<Will | undefined> {
      return wills.get(id);
    },
    async delWill({ id }: Named): Promise<Will | undefined> {
      const will = wills.get(id);
      if (wills.delete(id)) journal.del(willKey(id));
      return will;
    },
    streamWill: (brokers: Brokers) =>
      Readable.from([...wills.values()].filter(({ brokerId }) => brokerId === undefined || !brokers[brokerId])),
  };

  function* replay(filters: readonly string[]) {
    for (const topic of retained.topics(filters)) {
      const message = retained.find(topic);
      if (message) yield { cmd: 'publish', topic, payload: message.payload, qos: message.qos, retain: true, dup: false };
    }
  }
}
