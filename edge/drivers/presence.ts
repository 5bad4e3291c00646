import { milliseconds } from '#contracts/units.ts';
import { lines } from '../framing/lines.ts';
import { ascii, defineDriver } from './driver.ts';

/** A room sensor sends `P,1` or `P,0` with CR LF at every change and at least every 5 s. */
const PRESENCE = /^P,([01])$/;

export const presence = defineDriver({
  id: 'presence',
  kind: 'presence',
  model: 'Room presence sensor with ASCII lines',
  manual: 'a line protocol of our own, described at the head of this file',
  serial: { baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 },
  framing: () => lines('\r\n'),
  polls: [],
  silentAfter: milliseconds(15_000),
  garbled: 'PRESENCE_GARBLED',

  decode(frame) {
    const [, value] = PRESENCE.exec(frame) ?? [];
    if (value === undefined) return [{ kind: 'fault', fault: 'PRESENCE_GARBLED' }];
    return [{ kind: 'presence', isPresent: value === '1' }];
  },

  examples: [
    { wire: ascii('P,1\r\n'), words: [{ kind: 'presence', isPresent: true }] },
    { wire: ascii('P,0\r\n'), words: [{ kind: 'presence', isPresent: false }] },
    { wire: ascii('P,2\r\n'), words: [{ kind: 'fault', fault: 'PRESENCE_GARBLED' }] },
  ],
});
