import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Conversation, Device, Send } from './device.ts';

/**
 * A YRM100-class UHF reader. Frames: `BB type command lengthHigh lengthLow data… sum 7E`, the sum being the low byte of everything from the type to the last
 * datum. Types: 00 command, 01 answer, 02 notice.
 */
export interface TagRead {
  readonly epc: string;
  readonly rssiDbm: number;
}
export interface ReaderOptions {
  /** Which tags answer in one round of inventory. */
  readonly round: () => readonly TagRead[];
  readonly clock: Clock;
  /** Time that one round of inventory takes; a round reads each tag at most once. */
  readonly roundMs: number;
}

const ANSWER = 0x01;
const NOTICE = 0x02;
const MODULE_NAME = 0x03;
const SINGLE_POLL = 0x22;
const MULTI_POLL = 0x27;
const STOP_POLL = 0x28;
const ERROR = 0xff;
const NO_TAG = 0x15;
const COMMAND_ERROR = 0x17;

export function readerFrame(type: number, command: number, data: Uint8Array): Buffer {
  const body = Buffer.from([type, command, data.length >> 8, data.length & 0xff, ...data]);
  const sum = body.reduce((total, byte) => (total + byte) & 0xff, 0);
  return Buffer.from([0xbb, ...body, sum, 0x7e]);
}

/** CRC-16 of EPC Gen2 (ISO/IEC 18000-63): polynomial 1021, start FFFF, inverted. */
export function crcGen2(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc ^ 0xffff;
}

/** A tag notice: strength in dBm as a signed byte, protocol control (length in words), EPC, CRC. */
export function tagNotice({ epc, rssiDbm }: TagRead): Buffer {
  const id = Buffer.from(epc, 'hex');
  const word = (value: number) => Buffer.from([value >> 8, value & 0xff]);
  const control = word((id.length / 2) << 11);
  const strength = Buffer.from([Math.max(-128, Math.min(0, Math.round(rssiDbm))) & 0xff]);
  return readerFrame(NOTICE, SINGLE_POLL, Buffer.concat([strength, control, id, word(crcGen2(Buffer.concat([control, id])))]));
}

const error = (code: number) => readerFrame(ANSWER, ERROR, Buffer.from([code]));

export function yrm100Reader({ round, clock, roundMs }: ReaderOptions): Device {
  function converse(send: Send): Conversation {
    let rounds = 0;
    let cancel: (() => void) | undefined;
    let pending = Buffer.alloc(0);
    const stop = () => {
      cancel?.();
      cancel = undefined;
    };
    const readRound = () => {
      const tags = round();
      if (tags.length === 0) return send(error(NO_TAG));
      send(Buffer.concat(tags.map(tagNotice)));
    };
    const commands: Record<number, (data: Uint8Array) => void> = {
      [SINGLE_POLL]: readRound,
      [MULTI_POLL](data) {
        // 22, then the number of rounds. A second command while polling only sets the number anew.
        rounds = ((data[1] ?? 0) << 8) | (data[2] ?? 0);
        cancel ??= clock.every(milliseconds(roundMs), () => {
          readRound();
          if (--rounds <= 0) stop();
        });
      },
      [STOP_POLL]() {
        stop();
        send(readerFrame(ANSWER, STOP_POLL, Buffer.from([0])));
      },
      [MODULE_NAME]: () => send(readerFrame(ANSWER, MODULE_NAME, Buffer.from('\0M100 26dBm V1.0', 'latin1'))),
    };
    const receive = (bytes: Uint8Array) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const start = pending.indexOf(0xbb);
        if (start < 0 || pending.length > 1024) pending = Buffer.alloc(0);
        else if (start > 0) pending = pending.subarray(start);
        if (pending.length < 7) return;
        const length = pending.readUInt16BE(3);
        const size = length + 7;
        if (pending.length < size) return;
        const frame = pending.subarray(0, size);
        const isWhole = frame[size - 1] === 0x7e && readerFrame(frame[1]!, frame[2]!, frame.subarray(5, 5 + length)).equals(frame);
        pending = pending.subarray(isWhole ? size : 1);
        if (!isWhole) continue;
        const run = commands[frame[2]!];
        if (run) run(frame.subarray(5, 5 + length));
        else send(error(COMMAND_ERROR));
      }
    };
    return { receive, close: stop };
  }
  return { connect: converse };
}
