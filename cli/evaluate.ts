import { parseArgs } from 'node:util';
import { ConfigError } from '#runtime/errors.ts';
import { evaluate, evaluationKinds } from '#tools/evaluate/evaluate.ts';

const HELP = `Usage: wardline evaluate KIND DIR --out FILE

Runs the sensing over recorded material as fast as it can and writes its results (JSON lines; gzip when FILE ends in .gz).
Truth files are never opened.

  KIND   weighing | drip | pump | tags | level
  DIR    traces of that kind (*.jsonl.gz), or for level a folder with input.jsonl and pictures
`;

/** `wardline evaluate`. */
export async function evaluateCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(HELP);
  const [kind, dir] = positionals;
  const known = evaluationKinds.find((name) => name === kind);
  const problems: string[] = [];
  if (!known) problems.push(`KIND ${kind ?? '(missing)'}: must be one of ${evaluationKinds.join(', ')}`);
  if (!dir) problems.push('DIR must be given');
  if (!values.out) problems.push('--out FILE must be given');
  if (!known || !dir || !values.out) throw new ConfigError('evaluate', problems);
  await evaluate(known, dir, values.out, {
    onProgress: ({ trace, done, of }) => process.stderr.write(`\r${done}/${of} ${trace}    `),
  });
  process.stderr.write('\n');
}
