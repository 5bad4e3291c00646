import { Aedes, type AedesOptions, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import type { Bounds } from './bounds.ts';
import type { Journal } from './journal.ts';
import type { Retained } from './retained.ts';
import type { Sessions } from './sessions.ts';

type Done = (error?: Error) => void;

interface Emitter {
  emit(packet: object, done: () => void): void;
}

export interface Stores {
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly retained: Retained;
  readonly bounds: Bounds;
}

/** Bytes that may wait for a disk that takes nothing, before messages go out live only. */
const UNKEPT_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Aedes with our own way from "may be published" to "is on its way": messages leave in the order in which they came, and QoS 1 is acknowledged
 * when they are kept. Aedes itself acknowledges first and stores later.
 */
export class WardBroker extends Aedes {
  declare readonly mq: Emitter;
  declare counter: number;
  readonly #stores: Stores;
  /** Packets that have been dealt with before Aedes hands them to `publish`. */
  readonly #settled = new WeakSet<object>();
  #outgoing = 0;

  constructor(options: AedesOptions, stores: Stores) {
    super(options);
    this.#stores = stores;
  }

  /** Messages that Aedes is writing to subscribers. */
  get outgoing(): number {
    return this.#outgoing;
  }

  /** Aedes will acknowledge the packet like any other, and it goes nowhere: an error would disconnect an honest client. */
  settle(packet: object): void {
    this.#settled.add(packet);
  }

  /**
   * Sends a message to everybody who wants it. `whenKept` is called when the broker holds it for those who are away: at once, after a disk sync,
   * or with false when the disk takes no more. While much is on its way out it waits, so that senders slow down.
   */
  route(packet: Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>, whenKept: (isKept: boolean) => void): void {
    const { journal, sessions, retained, bounds } = this.#stores;
    const { topic } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    const qos = packet.qos > 0 ? 1 : 0;
    const isReserved = topic.startsWith('$');
    let mustKeep = false;
    if (packet.retain && !isReserved) {
      retained.keep(topic, payload, qos);
      mustKeep = qos > 0;
    }
    if (qos > 0 && !isReserved && !(journal.isFailing && journal.waitingBytes > UNKEPT_BYTES_MAX) && sessions.distribute(topic, payload))
      mustKeep = true;
    const isCrowded = this.#outgoing >= bounds.outgoingPace;
    let open = 1;
    let isKept = true;
    const done = () => {
      if (--open === 0) whenKept(isKept);
    };
    if (mustKeep) {
      open++;
      void journal.kept().then((kept) => {
        isKept = kept;
        done();
      });
    }
    if (isCrowded) open++;
    this.#outgoing++;
    this.mq.emit(
      {
        cmd: 'publish',
        brokerId: this.id,
        brokerCounter: ++this.counter,
        topic,
        payload,
        qos,
        retain: packet.retain,
        dup: false,
        messageId: undefined,
      },
      () => {
        this.#outgoing--;
        if (isCrowded) done();
      },
    );
    done();
  }

  override publish(packet: PublishPacket, clientOrDone: Client | null | Done, maybeDone?: Done): void {
    const done = typeof clientOrDone === 'function' ? clientOrDone : maybeDone;
    if (this.#settled.has(packet)) {
      done?.();
      return;
    }
    this.route(packet, (isKept) => (isKept ? done?.() : done?.(new Error('the disk takes no more'))));
  }

  /**
   * What Aedes itself writes to a subscriber: QoS 0, and everything for clients without a session. Null for what a session delivers. A retained
   * message is replayed as it is at this moment, so that none overtakes a newer one.
   */
  forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { sessions, retained, bounds } = this.#stores;
    const { topic } = packet;
    const session = client.clean || topic.startsWith('$') ? undefined : sessions.find(client.id);
    const isForSession = session !== undefined && packet.qos > 0 && sessions.wanting(topic).includes(session);
    if (packet.retain) {
      const current = retained.find(topic);
      if (!current) return null;
      if (isForSession) {
        sessions.replay(session, topic, current.payload);
        return null;
      }
      return { ...packet, payload: current.payload, qos: session ? 0 : packet.qos };
    }
    if (isForSession) return null;
    const unsent = client.conn.writableLength;
    if (packet.qos === 0 && unsent > bounds.unsentQos0BytesMax) return null;
    if (unsent > bounds.unsentBytesMax) {
      client.conn.destroy(new Error('reads too slowly'));
      return null;
    }
    return packet;
  }
}
