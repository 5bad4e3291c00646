import { Type } from 'typebox';
import { lineReader } from '#simulators/devices/device.ts';
import { openTrace, parseLine } from '#tools/evaluate/trace-file.ts';
import { duePart, type Track } from './track.ts';

const Header = Type.Object({ trace: Type.String(), dur_s: Type.Number() });
const N = Type.Number();
const Rows = Type.Object({ rows: Type.Array(Type.Tuple([N, N, N, N, N, N, N, N, N])) });

/** The reading counts as stable when two samples in a row differ by less and nobody is near. */
const STABLE_GRAMS = 0.5;
/** A scale that has had no sample for so long (a gap in the recording) does not answer. */
const GAP_S = 1;

/** A recorded scale: asked with `SI`, it answers with the sample of that moment, as MT-SICS frames. */
export function weighingTrack(path: string): Track {
  const { header, lines } = openTrace(path, Header);
  function* samples() {
    for (const line of lines) yield* parseLine(Rows, line, path).rows;
  }
  const due = duePart(samples(), ([t]) => t);
  let position = 0;
  let last: { t: number; grams: number; isStable: boolean } | undefined;
  const weight = (): string | undefined => {
    if (!last || position - last.t > GAP_S) return undefined;
    return `S ${last.isStable ? 'S' : 'D'} ${last.grams.toFixed(1).padStart(10)} g`;
  };
  return {
    name: header.trace,
    driver: 'mt-sics',
    facts: {},
    device: {
      connect: (send) => ({
        receive: lineReader('\r\n', (line) => {
          const answer = line === 'SI' ? weight() : 'ES';
          if (answer !== undefined) send(`${answer}\r\n`);
        }),
        close: () => undefined,
      }),
    },
    advance(to) {
      position = to;
      return due.take(to, ([t, grams, , , , , , , near]) => {
        last = { t, grams, isStable: near === 0 && last !== undefined && Math.abs(grams - last.grams) < STABLE_GRAMS };
      });
    },
  };
}
