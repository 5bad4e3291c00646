import type { Framing } from './framing.ts';

/** A frame of the YRM100 / M100 / R200 family: `BB type command length(2) data sum 7E`. */
export interface Yrm100Frame {
  readonly type: number;
  readonly command: number;
  readonly data: Uint8Array;
}

const HEAD = 0xbb;
const TAIL = 0x7e;
const OVERHEAD = 7;
/** A tag of 496 bits (the most that a protocol control word can announce) takes 67 bytes. */
const DATA_MAX = 128;
const TYPES = 3;

/** Low byte of the sum of everything from the type to the data. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += bytes[i]!;
  return sum & 0xff;
}

/** The frame at `from`: its length, 0 where more bytes are needed, or -1 where none begins here. */
function lengthAt(bytes: Uint8Array, from: number): number {
  const left = bytes.length - from;
  if (bytes[from] !== HEAD) return -1;
  if (left > 1 && bytes[from + 1]! >= TYPES) return -1;
  if (left < 5) return 0;
  const dataLength = bytes[from + 3]! * 256 + bytes[from + 4]!;
  if (dataLength > DATA_MAX) return -1;
  const length = dataLength + OVERHEAD;
  if (left < length) return 0;
  const isWhole = bytes[from + length - 1] === TAIL && bytes[from + length - 2] === checksum(bytes, from + 1, from + length - 2);
  return isWhole ? length : -1;
}

/** Frames by length and checksum: a head or tail byte inside the data does no harm, and after garbage the next whole frame is found. */
export function yrm100Frames(): Framing<Yrm100Frame> {
  let begun = new Uint8Array(0);
  let isGarbled = false;
  return {
    take(chunk, onFrame, onGarbled) {
      let bytes = chunk;
      if (begun.length > 0) {
        bytes = new Uint8Array(begun.length + chunk.length);
        bytes.set(begun);
        bytes.set(chunk, begun.length);
      }
      let from = 0;
      while (from < bytes.length) {
        const length = lengthAt(bytes, from);
        if (length === 0) break;
        if (length > 0) {
          isGarbled = false;
          onFrame({ type: bytes[from + 1]!, command: bytes[from + 2]!, data: bytes.slice(from + 5, from + length - 2) });
          from += length;
          continue;
        }
        if (!isGarbled) onGarbled();
        isGarbled = true;
        const next = bytes.indexOf(HEAD, from + 1);
        from = next < 0 ? bytes.length : next;
      }
      begun = bytes.slice(from);
    },
    reset() {
      begun = new Uint8Array(0);
      isGarbled = false;
    },
  };
}
