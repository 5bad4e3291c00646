import { existsSync, globSync } from 'node:fs';
import { basename } from 'node:path';

/** `npm run bench -- NAME [options]`: runs tests/bench/NAME.ts, which prints one JSON line for each figure. */
const [name, ...args] = process.argv.slice(2);
const known = globSync('tests/bench/*.ts', { cwd: new URL('..', import.meta.url).pathname })
  .map((file) => basename(file, '.ts'))
  .sort();
const file = new URL(`../tests/bench/${name}.ts`, import.meta.url);
if (name === undefined || !/^[a-z-]+$/.test(name) || !existsSync(file)) {
  process.stderr.write(`Usage: npm run bench -- NAME [options]\nBenches: ${known.join(', ')}\n`);
  process.exit(64);
}
const bench = (await import(file.href)) as { run(args: string[]): Promise<void> };
await bench.run(args);
process.exit(Number(process.exitCode ?? 0));
