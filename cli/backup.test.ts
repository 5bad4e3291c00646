import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { ConfigError } from '#runtime/errors.ts';
import { openStore } from '#runtime/store.ts';
import { backupCommand, restoreCommand } from './backup.ts';

const migrations = ['CREATE TABLE bag (ml INTEGER NOT NULL)'];

test('what is saved from a running house comes back, and what was there is set aside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-backup-'));
  const data = join(folder, 'data');
  const saved = join(folder, 'saved');
  mkdirSync(join(data, 'run'), { recursive: true });
  writeFileSync(join(data, 'run', 'settings.json'), '{}');
  mkdirSync(join(data, 'credentials'));
  writeFileSync(join(data, 'credentials', 'service.watch.json'), '{"user":"service.watch"}');
  {
    await using store = openStore(join(data, 'records', 'records.sqlite'), migrations);
    store.commit(() => store.raw.exec('INSERT INTO bag VALUES (500)'));
    await backupCommand(['--data', data, '--out', saved]);
    store.commit(() => store.raw.exec('INSERT INTO bag VALUES (250)'));
  }
  assert.ok(!existsSync(join(saved, 'run')));
  await restoreCommand(['--from', saved, '--data', data]);
  using back = new DatabaseSync(join(data, 'records', 'records.sqlite'));
  assert.deepEqual(
    back
      .prepare('SELECT ml FROM bag')
      .all()
      .map((row) => row.ml),
    [500],
  );
  assert.ok(existsSync(join(data, 'credentials', 'service.watch.json')));
  assert.ok(existsSync(`${data}.before-restore-1`));
  await assert.rejects(backupCommand(['--data', data, '--out', saved]), ConfigError);

  writeFileSync(join(saved, 'credentials', 'service.watch.json'), 'changed');
  await assert.rejects(restoreCommand(['--from', saved, '--data', data]), /service\.watch\.json: missing or changed/);
  rmSync(folder, { recursive: true });
});
