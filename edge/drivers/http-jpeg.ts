import { milliseconds } from '#contracts/units.ts';
import { whole } from '../framing/whole.ts';
import { defineDriver, hex } from './driver.ts';

/** ITU-T T.81 Annex B: a picture begins with the marker SOI and another marker. Whether the rest can be read, the decoder says. */
const isJpeg = (bytes: Uint8Array): boolean => bytes.length > 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

export const httpJpeg = defineDriver({
  id: 'http-jpeg',
  kind: 'camera',
  model: 'Camera that gives a JPEG picture over HTTP GET',
  manual: 'ITU-T T.81 (JPEG) in the body of an HTTP answer',
  framing: whole,
  polls: [],
  silentAfter: milliseconds(120_000),
  garbled: 'CAMERA_GARBLED',

  decode: (bytes) => [isJpeg(bytes) ? { kind: 'picture', jpeg: bytes } : { kind: 'fault', fault: 'CAMERA_GARBLED' }],

  examples: [
    { wire: hex('FF D8 FF E0 00 10'), words: [{ kind: 'picture', jpeg: hex('FF D8 FF E0 00 10') }] },
    { wire: hex('89 50 4E 47 0D 0A'), words: [{ kind: 'fault', fault: 'CAMERA_GARBLED' }] },
  ],
});
