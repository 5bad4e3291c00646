import type { FaultCode } from '#contracts/faults.ts';
import { grams, milliseconds } from '#contracts/units.ts';
import { lines } from '../framing/lines.ts';
import { ascii, defineDriver } from './driver.ts';

/** `ES`: the scale did not understand us, `ET`: it received broken bytes, `EL`: it cannot carry the command out now. */
const FAULTS: ReadonlyMap<string, FaultCode> = new Map([
  ['S +', 'SCALE_OVERLOAD'],
  ['S -', 'SCALE_UNDERLOAD'],
  ['S I', 'SCALE_BUSY'],
  ['EL', 'SCALE_BUSY'],
  ['ES', 'SCALE_GARBLED'],
  ['ET', 'SCALE_GARBLED'],
]);
const WEIGHT = /^S ([SD]) +(-? ?\d{1,6}(?:\.\d{1,4})?) (g|kg)$/;
const GRAMS_IN: Readonly<Record<string, number>> = { g: 1, kg: 1000 };
/** Bounds of the reading's contract: what lies beyond is no hanging scale. */
const [LIGHTEST, HEAVIEST] = [-10_000, 50_000];

export const mtSics = defineDriver({
  id: 'mt-sics',
  kind: 'scale',
  model: 'Mettler-Toledo scales with MT-SICS level 0',
  manual: 'MT-SICS Interface Commands, "SI"',
  serial: { baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 },
  framing: () => lines('\r\n'),
  polls: [{ command: ascii('SI\r\n'), every: milliseconds(200) }],
  silentAfter: milliseconds(3000),
  garbled: 'SCALE_GARBLED',

  decode(frame) {
    const fault = FAULTS.get(frame);
    if (fault) return [{ kind: 'fault', fault }];
    const [, stability, value, unit] = WEIGHT.exec(frame) ?? [];
    const mass = value === undefined ? Number.NaN : Number(value.replace(' ', '')) * GRAMS_IN[unit!]!;
    if (!(mass >= LIGHTEST && mass <= HEAVIEST)) return [{ kind: 'fault', fault: 'SCALE_GARBLED' }];
    return [{ kind: 'mass', massGrams: grams(mass), isStable: stability === 'S' }];
  },

  examples: [
    { wire: ascii('S S     100.00 g\r\n'), words: [{ kind: 'mass', massGrams: grams(100), isStable: true }] },
    { wire: ascii('S D    -  1.50 g\r\n'), words: [{ kind: 'fault', fault: 'SCALE_GARBLED' }] },
    { wire: ascii('S D      -1.50 g\r\n'), words: [{ kind: 'mass', massGrams: grams(-1.5), isStable: false }] },
    { wire: ascii('S S      0.512 kg\r\n'), words: [{ kind: 'mass', massGrams: grams(512), isStable: true }] },
    { wire: ascii('S +\r\n'), words: [{ kind: 'fault', fault: 'SCALE_OVERLOAD' }] },
    { wire: ascii('S -\r\n'), words: [{ kind: 'fault', fault: 'SCALE_UNDERLOAD' }] },
    { wire: ascii('S I\r\n'), words: [{ kind: 'fault', fault: 'SCALE_BUSY' }] },
    { wire: ascii('EL\r\n'), words: [{ kind: 'fault', fault: 'SCALE_BUSY' }] },
    { wire: ascii('ES\r\n'), words: [{ kind: 'fault', fault: 'SCALE_GARBLED' }] },
    { wire: ascii('S S     1##.00 g\r\n'), words: [{ kind: 'fault', fault: 'SCALE_GARBLED' }] },
    { wire: ascii('S S     100.00 lb\r\n'), words: [{ kind: 'fault', fault: 'SCALE_GARBLED' }] },
    { wire: ascii('S S  900000.00 g\r\n'), words: [{ kind: 'fault', fault: 'SCALE_GARBLED' }] },
  ],
});
