import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { evaluateDrip } from './evaluate-drip.ts';
import { evaluateLevel } from './evaluate-level.ts';
import { evaluatePump } from './evaluate-pump.ts';
import { evaluateTags } from './evaluate-tags.ts';
import { evaluateWeighing } from './evaluate-weighing.ts';
import { openResults, type ResultFile } from './result-file.ts';
import { TraceError, traceFiles } from './trace-file.ts';

export const evaluationKinds = ['weighing', 'drip', 'pump', 'tags', 'level'] as const;
export type EvaluationKind = (typeof evaluationKinds)[number];

type Runner = (path: string, results: ResultFile, dir: string) => number;

const traceRunners: Readonly<Record<Exclude<EvaluationKind, 'level'>, Runner>> = {
  weighing: evaluateWeighing,
  drip: evaluateDrip,
  pump: evaluatePump,
  tags: evaluateTags,
};

export interface Progress {
  readonly trace: string;
  /** Traces done so far, of all; a folder of pictures is one trace. */
  readonly done: number;
  readonly of: number;
  /** Samples, drops, rows, reads or pictures taken so far. */
  readonly samples: number;
}

export interface Evaluation {
  readonly traces: number;
  readonly samples: number;
  /** Lines written. */
  readonly results: number;
  readonly cpuSeconds: number;
}

function isFolder(dir: string): boolean {
  try {
    return statSync(dir).isDirectory();
  } catch (cause) {
    throw new TraceError(`the folder ${dir} cannot be read`, { cause });
  }
}

/**
 * Runs a sensing core over the recorded material in `dir`, causally and as fast as it can, and writes its results as JSONL (packed where `outFile` ends in `.gz`).
 * Throws `TraceError` with the place and the reason for material that cannot be read.
 */
export async function evaluate(
  kind: EvaluationKind,
  dir: string,
  outFile: string,
  options: { onProgress?: (progress: Progress) => void } = {},
): Promise<Evaluation> {
  if (!evaluationKinds.includes(kind))
    throw new TraceError(`unknown kind ${JSON.stringify(kind)}: it must be one of ${evaluationKinds.join(', ')}`);
  if (!isFolder(dir)) throw new TraceError(`${dir} is not a folder`);
  const files = kind === 'level' ? [dir] : traceFiles(dir);
  const cpu = process.cpuUsage();
  using results = openResults(outFile);
  let samples = 0;
  let done = 0;
  for (const path of files) {
    samples += kind === 'level' ? evaluateLevel(path, results) : traceRunners[kind](path, results, dir);
    done += 1;
    options.onProgress?.({ trace: basename(path), done, of: files.length, samples });
    // Lets the caller's signal handlers and progress display run between traces.
    await new Promise<void>((resume) => setImmediate(resume));
  }
  const { user, system } = process.cpuUsage(cpu);
  return { traces: files.length, samples, results: results.lines, cpuSeconds: (user + system) / 1e6 };
}
