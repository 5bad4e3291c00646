import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { ensureSystemPackages } from './system-packages.ts';

/**
 * Runs the project's tests. `unit`: those beside the code, conformance and tidy. `all` (npm test): types, lint and everything, with the system
 * packages that real peers need. Tests of several processes run one file at a time, so that they do not starve each other.
 */
const mode = process.argv[2] ?? 'unit';
const sources = [
  'contracts',
  'runtime',
  'cli',
  'sensing',
  'edge',
  'broker',
  'records',
  'watch',
  'flows',
  'alarms',
  'fleet',
  'history',
  'dashboards',
  'console',
  'simulators',
  'tools',
];
const unit = globSync([...sources.map((folder) => `${folder}/**/*.test.ts`), 'tests/conformance/**/*.test.ts', 'tests/tidy/**/*.test.ts'], {
  exclude: ['**/node_modules/**'],
}).sort();
const whole = globSync(['tests/{integration,simulation,e2e}/**/*.test.ts']).sort();

const step = (name: string, command: string, args: string[]): boolean => {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  return status === 0;
};
const tests = (name: string, files: string[], concurrency: number): boolean =>
  files.length === 0 ||
  step(name, process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=180000',
    ...files,
  ]);

const results: boolean[] = [];
if (mode === 'all') {
  ensureSystemPackages();
  results.push(
    step('types', 'tsc', ['--noEmit']),
    step('types of the web console', 'vue-tsc', ['--noEmit', '-p', 'console/web/tsconfig.json']),
  );
  results.push(step('lint', 'biome', ['check', '--error-on-warnings', '.']));
}
results.push(tests('unit, conformance and tidy tests', unit, 2));
if (mode === 'all') results.push(tests('integration, simulation and end-to-end tests', whole, 1));
process.exit(results.every(Boolean) ? 0 : 1);
