import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { parseLine, TraceError, traceLines } from '#tools/evaluate/trace-file.ts';
import { duePart, type Track } from './track.ts';

const Line = Type.Object({ file: Type.String(), seq: Type.String(), elapsed_s: Type.Number({ minimum: 0 }) });
/** A picture lies beside its list; nothing else of the folder is ever opened. */
const PICTURE = /^[A-Za-z0-9_.-]+\.jpe?g$/;

/** The cameras of a folder of pictures: one for each sequence of `input.jsonl`, showing the picture of the moment. */
export function pictureTracks(dir: string): Track[] {
  const list = join(dir, 'input.jsonl');
  const sequences = new Map<string, { file: string; at: number }[]>();
  for (const line of traceLines(list)) {
    const { file, seq, elapsed_s } = parseLine(Line, line, list);
    if (!PICTURE.test(file) || /truth/i.test(file))
      throw new TraceError(`${list} line ${line.number}: ${JSON.stringify(file)} is no name of a picture`);
    const frames = sequences.get(seq) ?? [];
    frames.push({ file, at: elapsed_s });
    sequences.set(seq, frames);
  }
  return [...sequences].map(([seq, frames]) => {
    const due = duePart(frames.values(), ({ at }) => at);
    let now: Uint8Array | undefined;
    return {
      name: seq.replaceAll('_', '-'),
      driver: 'http-jpeg',
      facts: {},
      picture: () => now,
      advance: (to) =>
        due.take(to, ({ file }) => {
          now = readFileSync(join(dir, file));
        }),
    };
  });
}
