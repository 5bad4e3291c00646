import { basename } from 'node:path';
import { evaluateDrip } from './evaluate-drip.ts';
import { evaluatePump } from './evaluate-pump.ts';
import { evaluateTags } from './evaluate-tags.ts';
import { evaluateWeighing } from './evaluate-weighing.ts';
import { openResults, type ResultFile } from './result-file.ts';
import { TraceError, traceFiles } from './trace-file.ts';

type Runner = (path: string, results: ResultFile, dir: string) => number;

const runners: Readonly<Record<string, Runner>> = {
  drip: evaluateDrip,
  pump: evaluatePump,
  tags: evaluateTags,
  weighing: evaluateWeighing,
};

export const evaluationKinds = Object.keys(runners);

export interface Progress {
  readonly trace: string;
  /** Traces done so far, of all. */
  readonly done: number;
  readonly of: number;
  /** Samples, rows, drops, reads or pictures taken so far. */
  readonly samples: number;
}

export interface Evaluation {
  readonly traces: number;
  readonly samples: number;
  readonly results: number;
  readonly cpuSeconds: number;
}

/**
 * Runs a sensing core over the recorded material in `dir`, causally and as fast as it can, and writes its results as JSONL (packed where `outFile` ends in `.gz`).
 * Throws `TraceError` with the place and the reason for material that cannot be read.
 */
export async function evaluate(
  kind: string,
  dir: string,
  outFile: string,
  options: { onProgress?: (progress: Progress) => void } = {},
): Promise<Evaluation> {
  const runner = Object.hasOwn(runners, kind) ? runners[kind] : undefined;
  if (!runner) throw new TraceError(`unknown kind ${JSON.stringify(kind)}: it must be one of ${evaluationKinds.join(', ')}`);
  const files = traceFiles(dir);
  const cpu = process.cpuUsage();
  using results = openResults(outFile);
  let samples = 0;
  let done = 0;
  for (const path of files) {
    samples += runner(path, results, dir);
    done += 1;
    options.onProgress?.({ trace: basename(path), done, of: files.length, samples });
    // Lets the caller's signal handlers and progress display run between traces.
    await new Promise<void>((resume) => setImmediate(resume));
  }
  const { user, system } = process.cpuUsage(cpu);
  return { traces: files.length, samples, results: results.lines, cpuSeconds: (user + system) / 1e6 };
}
