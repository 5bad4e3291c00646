import { milliseconds } from '#contracts/units.ts';
import { lines } from '../framing/lines.ts';
import { ascii, defineDriver } from './driver.ts';

/**
 * The line protocol of a drip counter, ASCII, CR LF, unasked:
 * `D,<ms>` one drop, `A,<ms>,<light>` once a second the steady light on the detector in thousandths of full scale.
 * `<ms>` is the counter's own clock since it was switched on; it starts again at 0 after a power cut.
 */
const DROP = /^D,(\d{1,15})(?:\.\d+)?$/;
const LIGHT = /^A,(\d{1,15})(?:\.\d+)?,(\d{1,4})$/;
const FULL_SCALE = 1000;

export const dripCounter = defineDriver({
  id: 'drip-counter',
  kind: 'drip',
  model: 'Drip counter with ASCII lines',
  manual: 'a line protocol of our own, described at the head of this file',
  serial: { baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 },
  framing: () => lines('\r\n'),
  polls: [],
  silentAfter: milliseconds(5000),
  garbled: 'DRIP_GARBLED',

  decode(frame) {
    const [, dropMs] = DROP.exec(frame) ?? [];
    if (dropMs !== undefined) return [{ kind: 'drop', deviceMs: Number(dropMs) }];
    const [, lightMs, light] = LIGHT.exec(frame) ?? [];
    if (lightMs === undefined || Number(light) > FULL_SCALE) return [{ kind: 'fault', fault: 'DRIP_GARBLED' }];
    return [{ kind: 'light', deviceMs: Number(lightMs), share: Number(light) / FULL_SCALE }];
  },

  examples: [
    { wire: ascii('D,123456\r\n'), words: [{ kind: 'drop', deviceMs: 123_456 }] },
    { wire: ascii('A,124000,530\r\n'), words: [{ kind: 'light', deviceMs: 124_000, share: 0.53 }] },
    { wire: ascii('A,124000,1700\r\n'), words: [{ kind: 'fault', fault: 'DRIP_GARBLED' }] },
    { wire: ascii('D,12#456\r\n'), words: [{ kind: 'fault', fault: 'DRIP_GARBLED' }] },
    { wire: ascii('D,-5\r\n'), words: [{ kind: 'fault', fault: 'DRIP_GARBLED' }] },
  ],
});
