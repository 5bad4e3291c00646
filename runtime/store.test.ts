import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from './store.ts';

interface Tables {
  bag: { id: string; ml: number };
}
const first = 'CREATE TABLE bag (id TEXT PRIMARY KEY)';
const second = 'ALTER TABLE bag ADD COLUMN ml REAL NOT NULL DEFAULT 500';

test('a store of an older version is brought up to date and keeps what it holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-store-'));
  const file = join(folder, 'x', 'bags.sqlite');
  {
    await using store = openStore<Tables>(file, [first]);
    store.commit(() => store.raw.prepare('INSERT INTO bag (id) VALUES (?)').run('b1'));
  }
  {
    await using store = openStore<Tables>(file, [first, second]);
    assert.deepEqual(
      await store.db.selectFrom('bag').selectAll().execute(),
      [{ id: 'b1', ml: 500 }].map((row) => Object.assign(Object.create(null), row)),
    );
  }
  assert.throws(() => openStore<Tables>(file, [first]), /newer Wardline/);
  rmSync(folder, { recursive: true });
});

test('a transaction that fails leaves nothing behind', async () => {
  await using store = openStore<Tables>(':memory:', [first, second]);
  assert.throws(() =>
    store.commit(() => {
      store.raw.exec("INSERT INTO bag (id, ml) VALUES ('b2', 1)");
      throw new Error('power cut');
    }),
  );
  assert.deepEqual(await store.db.selectFrom('bag').selectAll().execute(), []);
});
