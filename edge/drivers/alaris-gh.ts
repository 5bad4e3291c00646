import { type Milliseconds, millilitres, millilitresPerHour, millimetresOfMercury, milliseconds } from '#contracts/units.ts';
import { lines } from '../framing/lines.ts';
import { crc16 } from './crc16.ts';
import { ascii, defineDriver, type Poll, type PumpAlarmWord, type PumpStatusWord, type WordOf } from './driver.ts';

/**
 * Alaris / Asena GH syringe pump, read only. Every question is `!NAME|CRC\r`, every answer `!NAME^field^…|CRC\r` with the CRC over what stands between `!` and `|`.
 * The pump takes commands only under `REMOTE_CTRL`, which is never sent: the three names below are all that this driver can write.
 */
type Question = 'INF' | 'INF_VTBI' | 'ALARM';
const ask = (question: Question, every: Milliseconds): Poll => ({ command: ascii(`!${question}|${crc16(question)}\r`), every });

const ANSWER = /^!([A-Z_]+)((?:\^[^|^]*)*)\|([0-9A-F]{4})$/;
const NUMBER = /^\d{1,6}(?:\.\d{1,4})?$/;
/** HLD and SET stand in recorded answers; the other names follow the pump's display. A mode that is not listed is garbled, never guessed. */
const MODES: Readonly<Record<string, PumpStatusWord['mode']>> = {
  INF: 'infusing',
  BOL: 'infusing',
  PRG: 'infusing',
  KVO: 'kvo',
  SET: 'stopped',
  HLD: 'stopped',
  STP: 'stopped',
  STB: 'standby',
  STBY: 'standby',
};
/** Only AL_OCCLU is known to us from the field; the other alarms are recognised by the word in their name. */
const ALARMS: readonly (readonly [RegExp, PumpAlarmWord['alarm']])[] = [
  [/OCCL/, 'occlusion'],
  [/AIR/, 'air_in_line'],
  [/DOOR|DRIVE|DISENG/, 'door_open'],
  [/BATT/, 'battery_low'],
];
const MMHG_IN: Readonly<Record<string, number>> = { mmHg: 1, kPa: 7.500_62 };
const GARBLED: readonly WordOf<'pump'>[] = [{ kind: 'fault', fault: 'PUMP_GARBLED' }];

const alarmOf = (text: string): PumpAlarmWord['alarm'] => ALARMS.find(([pattern]) => pattern.test(text.toUpperCase()))?.[1] ?? 'other';
const NO_ALARM: ReadonlySet<string> = new Set(['', '-', 'AL_NOALM']);
const isNone = (field = ''): boolean => NO_ALARM.has(field.trim());

/** serial ^ alarm ^ mode ^ rate ^ unit ^ – ^ volume ^ unit ^ pressure ^ unit ^ time left ^ … */
function status(fields: readonly string[]): readonly WordOf<'pump'>[] {
  const [, alarm, modeName = '', rate = '', rateUnit, , volume = '', volumeUnit, pressure = '', pressureUnit = ''] = fields;
  const mode = MODES[modeName];
  if (mode === undefined || !NUMBER.test(rate) || rateUnit !== 'ml/h' || Number(rate) > 20_000) return GARBLED;
  if (!NUMBER.test(volume) || volumeUnit !== 'ml' || Number(volume) > 100_000) return GARBLED;
  const inMmHg = NUMBER.test(pressure) ? Number(pressure) * (MMHG_IN[pressureUnit] ?? Number.NaN) : Number.NaN;
  const words: WordOf<'pump'>[] = [
    {
      kind: 'pump_status',
      mode,
      hasAlarm: !isNone(alarm),
      rateMlPerHour: millilitresPerHour(Number(rate)),
      infusedMl: millilitres(Number(volume)),
      ...(inMmHg >= 0 && inMmHg <= 5000 ? { pressureMmHg: millimetresOfMercury(inMmHg) } : {}),
    },
  ];
  // Some firmware names the alarm here; `A` only says that there is one.
  if (!isNone(alarm) && alarm !== 'A') words.unshift({ kind: 'pump_alarm', alarm: alarmOf(alarm!) });
  return words;
}

/** state ^ volume ^ unit ^ what follows; without a limit the volume is empty. */
function toInfuse([state, volume = '', unit]: readonly string[]): readonly WordOf<'pump'>[] {
  if (state === 'DEACT' || volume === '') return [{ kind: 'to_infuse' }];
  if (!NUMBER.test(volume) || unit !== 'ml' || Number(volume) > 20_000) return GARBLED;
  return [{ kind: 'to_infuse', toInfuseMl: millilitres(Number(volume)) }];
}

export const alarisGh = defineDriver({
  id: 'alaris-gh',
  kind: 'pump',
  model: 'Alaris / Asena GH syringe pump, read only',
  manual: 'Asena communications protocol Rev 2.1.5: INF, INF_VTBI, ALARM',
  serial: { baudRate: 38_400, parity: 'none', dataBits: 8, stopBits: 1 },
  framing: () => lines('\r'),
  // The status comes last: with it the pump's row is whole.
  polls: [ask('ALARM', milliseconds(1000)), ask('INF_VTBI', milliseconds(1000)), ask('INF', milliseconds(1000))],
  silentAfter: milliseconds(5000),
  garbled: 'PUMP_GARBLED',

  decode(frame) {
    const [, name, rest = '', crc] = ANSWER.exec(frame) ?? [];
    if (name === undefined || crc !== crc16(frame.slice(1, frame.lastIndexOf('|')))) return GARBLED;
    const fields = rest.split('^').slice(1);
    if (name === 'INF') return status(fields);
    if (name === 'INF_VTBI') return toInfuse(fields);
    if (name === 'ALARM') return [{ kind: 'pump_alarm', alarm: fields.every(isNone) ? 'none' : alarmOf(fields.join(' ')) }];
    return [{ kind: 'idle' }];
  },

  examples: [
    {
      wire: ascii('!INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r'),
      words: [
        {
          kind: 'pump_status',
          mode: 'stopped',
          hasAlarm: true,
          rateMlPerHour: millilitresPerHour(0),
          infusedMl: millilitres(0.969),
          pressureMmHg: millimetresOfMercury(530.15),
        },
      ],
    },
    {
      wire: ascii(
        `!INF^8002-51733^-^INF^12.50^ml/h^^1.250^ml^31.00^mmHg^00:42:00|${crc16('INF^8002-51733^-^INF^12.50^ml/h^^1.250^ml^31.00^mmHg^00:42:00')}\r`,
      ),
      words: [
        {
          kind: 'pump_status',
          mode: 'infusing',
          hasAlarm: false,
          rateMlPerHour: millilitresPerHour(12.5),
          infusedMl: millilitres(1.25),
          pressureMmHg: millimetresOfMercury(31),
        },
      ],
    },
    { wire: ascii('!INF_VTBI^ACTIV^11.000^ml^STOP|4433\r'), words: [{ kind: 'to_infuse', toInfuseMl: millilitres(11) }] },
    { wire: ascii('!INF_VTBI^DEACT|D8C5\r'), words: [{ kind: 'to_infuse' }] },
    {
      wire: ascii(`!ALARM^AL_OCCLU^OCCLUSION^|${crc16('ALARM^AL_OCCLU^OCCLUSION^')}\r`),
      words: [{ kind: 'pump_alarm', alarm: 'occlusion' }],
    },
    { wire: ascii(`!ALARM^^^|${crc16('ALARM^^^')}\r`), words: [{ kind: 'pump_alarm', alarm: 'none' }] },
    { wire: ascii(`!ALARM^AL_NOALM^ ^ |${crc16('ALARM^AL_NOALM^ ^ ')}\r`), words: [{ kind: 'pump_alarm', alarm: 'none' }] },
    { wire: ascii('!INST_SERIALNO^8002-51740|050B\r'), words: [{ kind: 'idle' }] },
    {
      wire: ascii('!INF^8002-51733^A^HLD^0.01^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r'),
      words: [{ kind: 'fault', fault: 'PUMP_GARBLED' }],
    },
  ],
});
