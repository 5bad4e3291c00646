import type { Disk } from './disk.ts';
import type { Journal } from './journal.ts';

/** A message that durable sessions wait for: kept once, however many they are. */
export interface Message {
  readonly seq: number;
  readonly bytes: number;
  /** Topic and payload; undefined while they are only on disk. */
  content: { readonly topic: string; readonly payload: Buffer; readonly retain: boolean } | undefined;
  /** Sessions that wait for it. */
  holders: number;
  /** The write that brings it to the disk. */
  writtenBy: number;
}

/** The messages of all queues. Payloads beyond `memoryBytesMax` stay on disk until they are sent. */
export interface Messages {
  /** Sequence numbers rise over restarts: they are the order of delivery. */
  next(): number;
  add(seq: number, topic: string, payload: Buffer, retain: boolean): Message;
  /** One session holds it no more. */
  release(message: Message): void;
  /** Reads the content back; false when it is gone. */
  load(message: Message): Promise<boolean>;
  /** At start: the message that a queue entry on disk names. */
  restore(seq: number, bytes: number): Message;
  /** At start, after all queues: removes what no queue names. */
  sweep(): Promise<void>;
  readonly memoryBytes: number;
}

const PREFIX = 'm/';
export const seqKey = (seq: number): string => seq.toString(16).padStart(14, '0');

const OVERHEAD_BYTES = 100;

function encode(topic: string, payload: Buffer, retain: boolean): Buffer {
  const name = Buffer.from(topic);
  const head = Buffer.alloc(3);
  head.writeUInt8(retain ? 1 : 0, 0);
  head.writeUInt16BE(name.length, 1);
  return Buffer.concat([head, name, payload]);
}

function decode(stored: Buffer): NonNullable<Message['content']> {
  const end = 3 + stored.readUInt16BE(1);
  return { retain: stored.readUInt8(0) === 1, topic: stored.toString('utf8', 3, end), payload: stored.subarray(end) };
}

export function openMessages(disk: Disk, journal: Journal, memoryBytesMax: number): Messages {
  const bySeq = new Map<number, Message>();
  const inMemory = new Set<Message>();
  let memoryBytes = 0;
  let last = 0;

  const keep = (message: Message) => {
    inMemory.add(message);
    memoryBytes += message.bytes;
    if (memoryBytes <= memoryBytesMax) return;
    for (const oldest of inMemory) {
      // Not on disk yet: nor is anything newer.
      if (memoryBytes <= memoryBytesMax || oldest.writtenBy > journal.lastWrite) break;
      drop(oldest);
      oldest.content = undefined;
    }
  };
  const drop = (message: Message) => {
    if (inMemory.delete(message)) memoryBytes -= message.bytes;
  };

  return {
    next: () => ++last,
    get memoryBytes() {
      return memoryBytes;
    },
    add(seq, topic, payload, retain) {
      const stored = encode(topic, payload, retain);
      const message: Message = {
        seq,
        bytes: stored.length + OVERHEAD_BYTES,
        // A slice of its own: the parser's pieces hang on to the whole chunk that they came in.
        content: decode(stored),
        holders: 0,
        writtenBy: journal.nextWrite,
      };
      journal.put(PREFIX + seqKey(seq), stored);
      bySeq.set(seq, message);
      keep(message);
      return message;
    },
    release(message) {
      if (--message.holders > 0) return;
      bySeq.delete(message.seq);
      drop(message);
      journal.forget(PREFIX + seqKey(message.seq));
    },
    async load(message) {
      const stored = await disk.read(PREFIX + seqKey(message.seq));
      if (!stored) return false;
      message.content = decode(stored);
      if (bySeq.has(message.seq)) keep(message);
      return true;
    },
    restore(seq, bytes) {
      last = Math.max(last, seq);
      let message = bySeq.get(seq);
      if (!message) {
        message = { seq, bytes, content: undefined, holders: 0, writtenBy: 0 };
        bySeq.set(seq, message);
      }
      return message;
    },
    async sweep() {
      for await (const key of disk.keys(PREFIX)) {
        const seq = Number.parseInt(key.slice(PREFIX.length), 16);
        last = Math.max(last, seq);
        if (!bySeq.has(seq)) journal.forget(key);
      }
    },
  };
}
