import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { supervise } from './supervise.ts';

test('a process that is killed comes back; one with a mistake in its configuration does not; all end together', async () => {
  const root = mkdtempSync(join(tmpdir(), 'wardline-supervise-'));
  writeFileSync(
    join(root, 'good.mjs'),
    "process.send({ ready: true }); console.log('good speaks'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => 0, 1000);",
  );
  writeFileSync(join(root, 'wrong.mjs'), "process.stderr.write('site.yaml: beds.0'); process.exit(78);");
  const said: string[] = [];
  const house = supervise(
    [
      { name: 'good', script: 'good.mjs', args: [], isFirst: true },
      { name: 'wrong', script: 'wrong.mjs', args: [] },
    ],
    { root, logDir: join(root, 'log'), say: (line) => said.push(line) },
  );
  await house.whenReady(20_000);
  const [good, wrong] = house.processes;
  assert.ok(good?.isReady);
  assert.match(wrong?.ended ?? '', /beds\.0/);
  const before = good.pid;
  process.kill(before!, 'SIGKILL');
  for (let i = 0; i < 200 && !(good.isReady && good.pid !== before); i++) await wait(50);
  assert.ok(good.isReady && good.pid !== before, said.join('\n'));
  assert.equal(good.restarts, 1);
  await house.stop();
  assert.equal(good.pid, undefined);
  assert.match(readFileSync(join(root, 'log', 'good.log'), 'utf8'), /good speaks/);
  rmSync(root, { recursive: true });
});
