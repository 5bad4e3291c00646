import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { instant, millilitres } from '#contracts/units.ts';
import { decodeJpeg } from '#sensing/level/jpeg.ts';
import { createLevel } from '#sensing/level/level.ts';
import type { Level, Picture } from '#sensing/level/level-estimate.ts';
import type { ResultFile } from './result-file.ts';
import { parseLine, TraceError, traceLines } from './trace-file.ts';

const Input = Type.Object({
  file: Type.String(),
  seq: Type.String(),
  elapsed_s: Type.Number(),
  ordered_ml: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});

function readJpeg(path: string): Picture {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new TraceError(`the picture ${path} cannot be read`, { cause });
  }
  try {
    return decodeJpeg(bytes);
  } catch (cause) {
    throw new TraceError(`${path} is no JPEG picture that can be decoded`, { cause });
  }
}

/** Runs the level core over the picture sequences that `input.jsonl` lists, in its order; returns the pictures it took. */
export function evaluateLevel(dir: string, results: ResultFile): number {
  const list = join(dir, 'input.jsonl');
  if (!existsSync(list)) throw new TraceError(`${dir} has no input.jsonl, which lists the pictures in order of arrival`);
  const beds = new Map<string, Level>();
  let taken = 0;
  for (const line of traceLines(list)) {
    const { file, seq, elapsed_s, ordered_ml } = parseLine(Input, line, list);
    if (/[\\/]|^\.\./.test(file)) throw new TraceError(`${list} line ${line.number}: ${JSON.stringify(file)} is no plain file name`);
    let level = beds.get(seq);
    if (!level) {
      level = createLevel();
      beds.set(seq, level);
    }
    const { fraction, remainingMl, confidence } = level.step({
      at: instant(elapsed_s * 1000),
      picture: readJpeg(join(dir, file)),
      ...(ordered_ml === undefined || ordered_ml === null ? {} : { orderedMl: millilitres(ordered_ml) }),
    });
    results.write({ file, fraction: fraction ?? null, remaining_ml: remainingMl ?? null, confidence });
    taken += 1;
  }
  if (taken === 0) throw new TraceError(`${list} lists no picture`);
  return taken;
}
