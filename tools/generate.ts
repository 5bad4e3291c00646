import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './reference/generated-files.ts';

/** `npm run generate`: writes the reference pages and the Grafana boards anew. A tidy test fails when they are stale. */
const root = new URL('..', import.meta.url).pathname;
for (const [path, content] of await generatedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  process.stdout.write(`${path}\n`);
}
