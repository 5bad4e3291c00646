import { decibels, milliseconds } from '#contracts/units.ts';
import { type Yrm100Frame, yrm100Frames } from '../framing/yrm100-frames.ts';
import { defineDriver, hex, type WordOf } from './driver.ts';

const NOTICE = 0x02;
const ANSWER = 0x01;
const INVENTORY = 0x22;
const ERROR = 0xff;
/** Error 15: no tag answered. */
const NO_TAG = 0x15;
/** 10,000 rounds of inventory; asked for again before they can run out, so that a reader that was switched off and on reads on. */
const MULTI_POLL = hex('BB 00 27 00 03 22 27 10 83 7E');
const RSSI_AND_PC = 3;
const CRC = 2;

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** RSSI (signed, dBm), protocol control, EPC of the length that the protocol control says in words of 16 bits, CRC. Modules with several ports add the port, from 1. */
function tag({ data }: Yrm100Frame): WordOf<'reader'> {
  const length = (data[1]! >> 3) * 2;
  const extra = data.length - RSSI_AND_PC - length - CRC;
  if (length === 0 || extra < 0 || extra > 1) return { kind: 'fault', fault: 'READER_GARBLED' };
  const antenna = extra === 1 ? data.at(-1)! : 1;
  if (antenna < 1 || antenna > 64) return { kind: 'fault', fault: 'READER_GARBLED' };
  const rssi = (data[0]! << 24) >> 24;
  return {
    kind: 'tag',
    tag: hexOf(data.subarray(RSSI_AND_PC, RSSI_AND_PC + length)),
    antenna,
    rssiDbm: decibels(Math.min(20, Math.max(-120, rssi))),
  };
}

export const yrm100 = defineDriver({
  id: 'yrm100',
  kind: 'reader',
  model: 'UHF RFID modules of the YRM100 / M100 / R200 family',
  manual: 'YRM100 UHF RFID module, serial protocol: multi-poll 0x27, tag notice 0x22',
  serial: { baudRate: 115_200, parity: 'none', dataBits: 8, stopBits: 1 },
  framing: yrm100Frames,
  polls: [{ command: MULTI_POLL, every: milliseconds(5000) }],
  silentAfter: milliseconds(15_000),
  garbled: 'READER_GARBLED',

  decode(frame) {
    if (frame.type === NOTICE && frame.command === INVENTORY) return [tag(frame)];
    if (frame.type === ANSWER && frame.command === ERROR && frame.data[0] !== NO_TAG) return [{ kind: 'fault', fault: 'READER_ANTENNA' }];
    return [{ kind: 'idle' }];
  },

  examples: [
    {
      wire: hex('BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E'),
      words: [{ kind: 'tag', tag: '30751FEB705C5904E3D50D70', antenna: 1, rssiDbm: decibels(-55) }],
    },
    {
      wire: hex('BB 02 22 00 12 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 03 F3 7E'),
      words: [{ kind: 'tag', tag: '30751FEB705C5904E3D50D70', antenna: 3, rssiDbm: decibels(-55) }],
    },
    { wire: hex('BB 01 FF 00 01 15 16 7E'), words: [{ kind: 'idle' }] },
    { wire: hex('BB 01 FF 00 01 20 21 7E'), words: [{ kind: 'fault', fault: 'READER_ANTENNA' }] },
    {
      wire: hex('BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EE 7E'),
      words: [{ kind: 'fault', fault: 'READER_GARBLED' }],
    },
    { wire: hex('BB 02 22 00 05 C9 34 00 30 75 CA 7E'), words: [{ kind: 'fault', fault: 'READER_GARBLED' }] },
  ],
});
