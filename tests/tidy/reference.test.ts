import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { generatedFiles } from '#tools/reference/generated-files.ts';
import { filesOf, read, root } from './source-tree.ts';

test('the generated reference is in step with the contracts', async () => {
  const files = await generatedFiles();
  assert.ok(files.size > 5);
  for (const [path, content] of files)
    assert.equal(existsSync(join(root, path)) ? read(path) : 'missing', content, `${path} is stale: npm run generate`);
});

test('every link in the docs leads somewhere', () => {
  const dead: string[] = [];
  for (const { path, text } of filesOf(/^(docs\/.*|README|CONTRIBUTING)[^/]*\.md$/))
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      if (!existsSync(join(root, normalize(join(dirname(path), target!))))) dead.push(`${path}: ${target}`);
    }
  assert.deepEqual(dead, []);
});

test('the docs name no machine and no place of work', () => {
  const wrong = filesOf(/\.(md|ts|vue|yaml|json|css|html)$/)
    .filter(({ path }) => !path.startsWith('tests/tidy/') && path !== 'package-lock.json')
    .filter(({ text }) => /\/work\/main|\/root\/|registry\.npmjs/.test(text))
    .map(({ path }) => path);
  assert.deepEqual(wrong, []);
});
