import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** Runs in a process that may write files of 256 KiB at most: SQLite meets the limit as it meets a full disk. */
const FILLING = `
  import { openOutbox } from '#edge/outbox.ts';
  import { virtualClock } from '#runtime/clock.ts';
  import { silentLog } from '#runtime/log.ts';
  const clock = virtualClock(1_750_000_000_000);
  const outbox = openOutbox(process.env.OUTBOX, { ageMax: 1e12, bytesMax: 1e12 }, clock, silentLog());
  const kept = [];
  outbox.onCommit(({ batch, readings }) => kept.push([batch, readings.map(({ sequence }) => sequence)]));
  const fill = (until) => {
    for (let i = 0; i < 4000 && !until(); i++) {
      for (let j = 0; j < 20; j++) outbox.put('d1', clock.now(), { kind: 'presence', isPresent: true });
      outbox.flush();
    }
  };
  fill(() => outbox.lostReadings > 0);
  const lost = outbox.lostReadings;
  process.stdout.write(JSON.stringify({ kept: kept.length, lost, depth: outbox.depth, last: kept.at(-1), stored: outbox.next(kept.at(-1)[0] - 1, kept.at(-1)[0]).readings.length }));
`;

test('a full disk: what was committed stays, what cannot be kept is counted, and the agent lives', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'wardline-outbox-')), 'outbox.sqlite');
  const child = spawnSync('bash', ['-c', 'ulimit -f 256 && exec "$0" --input-type=module-typescript -e "$1"', process.execPath, FILLING], {
    cwd: new URL('..', import.meta.url).pathname,
    env: { ...process.env, OUTBOX: file },
    encoding: 'utf8',
  });
  assert.equal(child.status, 0, child.stderr);
  const said = JSON.parse(child.stdout) as { kept: number; lost: number; depth: number; last: [number, number[]]; stored: number };
  assert.ok(said.kept > 10, `${said.kept} batches before the disk was full`);
  assert.equal(said.depth, said.kept);
  assert.equal(said.lost, 20);
  assert.equal(said.stored, 20);
  assert.deepEqual(said.last[1].at(-1), said.kept * 20 - 1);
});
