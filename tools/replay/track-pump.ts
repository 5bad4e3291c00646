import { Type } from 'typebox';
import { crcCcittFalse } from '#simulators/devices/alaris-gh.ts';
import { lineReader } from '#simulators/devices/device.ts';
import { openTrace, parseLine, TraceError } from '#tools/evaluate/trace-file.ts';
import { duePart, type Track } from './track.ts';

const Header = Type.Object({ trace: Type.String(), dur_s: Type.Number() });
const N = Type.Number();
const Rows = Type.Object({ rows: Type.Array(Type.Tuple([N, N, N, N, N, N, Type.String()])) });

/** How the pump's recorded words look on its wire: mode and alarm. */
const WORDS: Readonly<Record<string, { mode: string; alarm?: string }>> = {
  infusing: { mode: 'INF' },
  kvo: { mode: 'KVO' },
  standby: { mode: 'STBY' },
  stopped: { mode: 'HLD' },
  alarm_occlusion: { mode: 'HLD', alarm: 'AL_OCCLU' },
  alarm_air: { mode: 'HLD', alarm: 'AL_AIR' },
  door_open: { mode: 'HLD', alarm: 'AL_DOOR' },
};
/** A pump from which no row has come for so long does not answer: it was off or unplugged. */
const GAP_S = 5;

/** A recorded pump: asked, it answers with the row that had arrived by then, in the frames of an Alaris / Asena GH. */
export function pumpTrack(path: string): Track {
  const { header, lines } = openTrace(path, Header);
  function* rows() {
    for (const line of lines) yield* parseLine(Rows, line, path).rows;
  }
  const due = duePart(rows(), ([receivedAt]) => receivedAt);
  let position = 0;
  let last:
    | { at: number; rate: number; toInfuse: number; infused: number; pressure: number; mode: string; alarm?: string; isBatteryLow: boolean }
    | undefined;

  function answerTo(question: string): string | undefined {
    if (!last || position - last.at > GAP_S) return undefined;
    const alarm = last.alarm ?? (last.isBatteryLow ? 'AL_BATT' : 'AL_NOALM');
    const mark = last.alarm === undefined ? '-' : 'A';
    if (question === 'INF')
      return `INF^8002-00001^${mark}^${last.mode}^${last.rate.toFixed(2)}^ml/h^^${last.infused.toFixed(3)}^ml^${last.pressure.toFixed(2)}^mmHg^00:00:00^EVENT^1`;
    if (question === 'INF_VTBI') return `INF_VTBI^ACTIV^${last.toInfuse.toFixed(3)}^ml^KVO`;
    return question === 'ALARM' ? `ALARM^${alarm}^ ^ ` : `ERROR^${question}`;
  }
  return {
    name: header.trace,
    driver: 'alaris-gh',
    facts: {},
    device: {
      connect: (send) => ({
        receive: lineReader('\r', (line) => {
          const [, question = '', crc] = /^!([A-Z_]+)\|([0-9A-F]{4})$/.exec(line) ?? [];
          const answer = crc === crcCcittFalse(question) ? answerTo(question) : undefined;
          if (answer !== undefined) send(`!${answer}|${crcCcittFalse(answer)}\r`);
        }),
        close: () => undefined,
      }),
    },
    advance(to) {
      position = to;
      return due.take(to, ([at, , rate, toInfuse, infused, pressure, status]) => {
        const [word = '', ...flags] = status.split('|');
        const words = WORDS[word];
        if (!words) throw new TraceError(`${path}: unknown status ${JSON.stringify(word)} at ${at} s`);
        last = { at, rate, toInfuse, infused, pressure: Math.max(0, pressure), ...words, isBatteryLow: flags.includes('batt_low') };
      });
    },
  };
}
