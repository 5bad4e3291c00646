import type { Duplex } from 'node:stream';
import { writeToStream } from 'mqtt-packet';
import { asError } from '#runtime/errors.ts';
import type { Bounds } from './bounds.ts';
import { Fifo } from './fifo.ts';
import type { Journal } from './journal.ts';
import { type Message, type Messages, seqKey } from './messages.ts';

interface Entry {
  readonly message: Message;
  isResent: boolean;
}

export interface SessionParts {
  readonly messages: Messages;
  readonly journal: Journal;
  readonly bounds: Bounds;
  /** The queue was full: the oldest message is gone. */
  onDropped(session: Session): void;
  /** A message could not be read back from the disk; it is tried again with the next one. */
  onUnreadable(error: Error): void;
}

const QUEUE = 'q/';
/** Keys of the queue entries of a client; a client id is encoded so that it holds no slash. */
export const queuePrefix = (clientId: string): string => `${QUEUE}${encodeURIComponent(clientId)}/`;
export const allQueues = QUEUE;

const IDS = 65_535;

/**
 * The durable session of one client: what it subscribed to and the QoS 1 messages on their way to it, in order. While the client is connected,
 * messages go out as far as its window and its socket take them; the others wait, so a reader that stops reading stops nobody else.
 */
export class Session {
  readonly clientId: string;
  readonly user: string;
  /** Filter and granted QoS. */
  readonly subscriptions = new Map<string, number>();
  /** Wall clock; undefined while connected. */
  leftAt: number | undefined;
  dropped = 0;
  readonly #parts: SessionParts;
  readonly #prefix: string;
  readonly #waiting = new Fifo<Entry>();
  readonly #inFlight = new Map<number, Entry>();
  #inFlightBytes = 0;
  #bytes = 0;
  #stream: Duplex | undefined;
  #nextId = 0;
  #isLoading = false;
  readonly #pump = () => this.#send();

  constructor(clientId: string, user: string, parts: SessionParts) {
    this.clientId = clientId;
    this.user = user;
    this.#parts = parts;
    this.#prefix = queuePrefix(clientId);
  }

  get isConnected(): boolean {
    return this.#stream !== undefined;
  }
  get queued(): number {
    return this.#waiting.length + this.#inFlight.size;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** Queues a message; `send` puts it on its way. */
  add(message: Message): void {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(message.bytes);
    this.#parts.journal.put(this.#prefix + seqKey(message.seq), value);
    this.#hold(message);
    const { queueMessagesMax, queueBytesMax } = this.#parts.bounds;
    while (this.#waiting.length > 0 && (this.queued > queueMessagesMax || this.#bytes > queueBytesMax)) {
      this.#release(this.#waiting.shift() as Entry);
      this.dropped++;
      this.#parts.onDropped(this);
    }
  }

  /** At start: an entry that lies on disk. */
  restore(message: Message): void {
    this.#hold(message);
  }

  #hold(message: Message): void {
    message.holders++;
    this.#bytes += message.bytes;
    this.#waiting.push({ message, isResent: false });
  }

  #release({ message }: Entry): void {
    this.#bytes -= message.bytes;
    this.#parts.journal.forget(this.#prefix + seqKey(message.seq));
    this.#parts.messages.release(message);
  }

  attach(stream: Duplex): void {
    if (this.#stream === stream) return;
    this.detach();
    this.#stream = stream;
    this.leftAt = undefined;
    stream.on('drain', this.#pump);
    this.#send();
  }

  /** What was not acknowledged comes first again, in its order, marked as sent before. [MQTT-4.4.0-1] With `stream`: only if that is the one. False when it was not. */
  detach(stream = this.#stream): boolean {
    if (stream !== this.#stream) return false;
    this.#stream?.off('drain', this.#pump);
    this.#stream = undefined;
    const unacknowledged = [...this.#inFlight.values()];
    for (const entry of unacknowledged) entry.isResent = true;
    if (unacknowledged.length > 0) this.#waiting.unshift(unacknowledged);
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
    return true;
  }

  /** PUBACK. False when no such message was on its way. */
  acknowledge(messageId: number): boolean {
    const entry = this.#inFlight.get(messageId);
    if (!entry) return false;
    this.#inFlight.delete(messageId);
    this.#inFlightBytes -= entry.message.bytes;
    this.#release(entry);
    this.#send();
    return true;
  }

  send(): void {
    this.#send();
  }

  #send(): void {
    const { windowMessagesMax, windowBytesMax } = this.#parts.bounds;
    while (this.#stream && !this.#stream.writableNeedDrain && !this.#stream.destroyed && !this.#isLoading) {
      const entry = this.#waiting.peek();
      if (!entry || this.#inFlight.size >= windowMessagesMax || this.#inFlightBytes >= windowBytesMax) return;
      if (!entry.message.content) return void this.#load(entry);
      this.#waiting.shift();
      this.#write(this.#stream, entry, entry.message.content);
    }
  }

  #write(stream: Duplex, entry: Entry, { topic, payload, retain }: NonNullable<Message['content']>): void {
    do this.#nextId = (this.#nextId % IDS) + 1;
    while (this.#inFlight.has(this.#nextId));
    this.#inFlight.set(this.#nextId, entry);
    this.#inFlightBytes += entry.message.bytes;
    writeToStream({ cmd: 'publish', topic, payload, qos: 1, retain, dup: entry.isResent, messageId: this.#nextId }, stream);
  }

  async #load(entry: Entry): Promise<void> {
    this.#isLoading = true;
    let isThere: boolean;
    try {
      isThere = await this.#parts.messages.load(entry.message);
    } catch (thrown) {
      return this.#parts.onUnreadable(asError(thrown));
    } finally {
      this.#isLoading = false;
    }
    if (!isThere && this.#waiting.peek() === entry) this.#release(this.#waiting.shift() as Entry);
    this.#send();
  }

  /** The session ends: nothing is kept of its queue. */
  clear(): void {
    this.detach();
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) this.#release(entry);
  }
}
