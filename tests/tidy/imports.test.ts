import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { filesOf, root } from './source-tree.ts';

const processes = ['edge', 'broker', 'records', 'watch', 'flows', 'alarms', 'fleet', 'history', 'dashboards', 'console', 'simulators'];

/** Who may import whom. Anything absent is forbidden; tests may import everything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contracts: [],
  runtime: ['contracts'],
  sensing: ['contracts'],
  edge: ['contracts', 'runtime', 'sensing'],
  broker: ['contracts', 'runtime'],
  records: ['contracts', 'runtime'],
  watch: ['contracts', 'runtime', 'sensing'],
  flows: ['contracts', 'runtime'],
  alarms: ['contracts', 'runtime'],
  fleet: ['contracts', 'runtime'],
  history: ['contracts', 'runtime'],
  dashboards: ['contracts', 'runtime'],
  console: ['contracts', 'runtime'],
  simulators: ['contracts', 'runtime'],
  tools: ['contracts', 'runtime', 'sensing', ...processes, 'cli'],
  cli: ['contracts', 'runtime', 'sensing', 'tools', ...processes],
  bin: ['cli'],
};

const importsOf = (text: string): string[] => [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);

test('every import runs the allowed way and leads to a file', () => {
  const wrong: string[] = [];
  const files = filesOf(/^(?!tests\/|node_modules\/).*\.(ts|js|mjs|vue)$/);
  assert.ok(files.length > 50);
  for (const { path, text } of files) {
    const folder = path.split('/')[0]!;
    const isTest = path.endsWith('.test.ts');
    for (const target of importsOf(text)) {
      const resolved = target.startsWith('#')
        ? target.slice(1)
        : target.startsWith('.')
          ? normalize(join(dirname(path), target))
          : undefined;
      if (resolved === undefined) continue;
      if (!existsSync(join(root, resolved.split('?')[0]!))) wrong.push(`${path} imports ${target}, which is not there`);
      const other = resolved.split('/')[0]!;
      if (other === folder || isTest) continue;
      if (!(MAY_IMPORT[folder] ?? []).includes(other) && other !== 'package.json')
        wrong.push(`${path} imports ${target}: ${folder} may not import ${other}`);
      if (target.startsWith('..')) wrong.push(`${path} imports ${target}: use #${other}/…`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('there are no barrels', () => {
  assert.deepEqual(
    filesOf(/(^|\/)index\.ts$/).map(({ path }) => path),
    [],
  );
});
