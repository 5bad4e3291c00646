import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EvaluationKind, evaluate } from '#tools/evaluate/evaluate.ts';

/**
 * `npm run bench -- sensing [KIND ...] [--data DIR]`: runs every kind through the evaluation, scores it with the data sets' own scorers and prints one JSON line each, beside the naive baseline.
 * DIR holds `traces/` and `ivset/`; the folder `../shared/data` unless told.
 */
type Scored = Readonly<Record<string, object | string | number | null>>;

const LETTERS: ReadonlyMap<EvaluationKind, string> = new Map([
  ['weighing', 'A'],
  ['drip', 'B'],
  ['pump', 'C'],
  ['tags', 'D'],
]);

const score = (program: string, args: readonly string[]): Scored => {
  const printed = execFileSync('python3', [program, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(printed) as Scored;
};

/** The figures that matter of a score of traces: errors, states, events. */
function figures(scored: Scored): object {
  const events = Object.entries(scored.events ?? {}).map(([kind, event]) => {
    const of = event as Readonly<Record<string, number | null>>;
    return [kind, `${of.detected}/${of.events}, mean ${of.delay_mean_s} s, p95 ${of.delay_p95_s} s, false ${of.false}`];
  });
  const kept = Object.entries(scored).filter(
    ([key]) => !['events', 'missed', 'false', 'confusion_top', 'unknown_alarm_kinds', 'by', 'kind'].includes(key),
  );
  return { ...Object.fromEntries(kept), ...(events.length > 0 ? { events: Object.fromEntries(events) } : {}) };
}

async function benchTraces(kind: EvaluationKind, letter: string, data: string, folder: string): Promise<object> {
  const traces = join(data, 'traces');
  const dir = join(traces, 'dev', letter);
  const truth = join(dir, 'truth.jsonl.gz');
  const ours = join(folder, `${letter}.jsonl`);
  const run = await evaluate(kind, dir, ours);
  const naive = join(folder, `${letter}-naive.jsonl`);
  execFileSync('python3', [join(traces, 'score/baseline.py'), '--kind', letter, '--in', dir, '--out', naive], { stdio: 'inherit' });
  const scorer = join(traces, 'score/score.py');
  const scoreOf = (results: string) => figures(score(scorer, ['--kind', letter, '--truth', truth, '--results', results, '--brief']));
  return {
    bench: 'sensing',
    kind,
    samples: run.samples,
    cpuMsPerSample: (run.cpuSeconds * 1000) / run.samples,
    ours: scoreOf(ours),
    naive: scoreOf(naive),
  };
}

async function benchLevel(data: string, folder: string): Promise<object> {
  const set = join(data, 'ivset');
  const dir = join(set, 'dev');
  const ours = join(folder, 'level.jsonl');
  const run = await evaluate('level', dir, ours);
  const scored = score(join(set, 'score.py'), ['--truth', join(dir, 'truth.jsonl'), '--results', ours]);
  // The naive figure (always the mean fraction) is the data set's own.
  return {
    bench: 'sensing',
    kind: 'level',
    samples: run.samples,
    cpuMsPerSample: (run.cpuSeconds * 1000) / run.samples,
    ours: figures(scored),
    naive: { mae: 0.226 },
  };
}

/** Prints one JSON line per kind. */
export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--data');
  const data = at >= 0 ? args[at + 1]! : new URL('../../../shared/data', import.meta.url).pathname;
  const asked = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  if (!existsSync(data)) throw new Error(`no data in ${data}: name its folder by --data DIR`);
  mkdirSync(tmpdir(), { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'wardline-sensing-'));
  try {
    for (const [kind, letter] of LETTERS) {
      if (asked.length > 0 && !asked.includes(kind)) continue;
      process.stdout.write(`${JSON.stringify(await benchTraces(kind, letter, data, folder))}\n`);
    }
    if (asked.length === 0 || asked.includes('level')) process.stdout.write(`${JSON.stringify(await benchLevel(data, folder))}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
