import { Type } from 'typebox';
import { audience } from '#simulators/devices/device.ts';
import { openTrace, parseLine } from '#tools/evaluate/trace-file.ts';
import { duePart, type Track } from './track.ts';

const Header = Type.Object({ trace: Type.String(), dur_s: Type.Number(), drop_factor: Type.Number() });
const Minute = Type.Object({ t0: Type.Number(), drops: Type.Array(Type.Number()), amb: Type.Array(Type.Number()) });

/** A recorded drip counter. Its own clock runs with the wall clock, so at `speed` times the pace the stated moments come closer together. */
export function dripTrack(path: string, speed: number): Track {
  const { header, lines } = openTrace(path, Header);
  const { say, device } = audience();
  const clock = (t: number): string => String(Math.round((t / speed) * 1e6) / 1e3);
  function* events() {
    for (const line of lines) {
      const { t0, drops, amb } = parseLine(Minute, line, path);
      const minute = [
        ...drops.map((t) => ({ t, line: `D,${clock(t)}\r\n` })),
        ...amb.map((light, i) => ({
          t: t0 + i + 1,
          line: `A,${clock(t0 + i + 1)},${Math.min(1000, Math.max(0, Math.round(light * 1000)))}\r\n`,
        })),
      ];
      yield* minute.sort((a, b) => a.t - b.t);
    }
  }
  const due = duePart(events(), ({ t }) => t);
  return {
    name: header.trace,
    driver: 'drip-counter',
    facts: { dropsPerMl: header.drop_factor },
    device,
    advance: (to) => due.take(to, ({ line }) => say(line)),
  };
}
