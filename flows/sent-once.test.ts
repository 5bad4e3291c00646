import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { instant } from '#contracts/units.ts';
import { openSentOnce } from './sent-once.ts';

it('remembers over a restart what was sent, until the mission has failed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-sent-'));
  const file = join(folder, 'sent.sqlite');
  const first = openSentOnce(file);
  first.remember('delivery/o1', 'm1', instant(1_800_000_000_000));
  first[Symbol.dispose]();
  const second = openSentOnce(file);
  assert.equal(second.missionFor('delivery/o1'), 'm1');
  assert.equal(second.missionFor('delivery/o2'), undefined);
  second.forget('m1');
  assert.equal(second.missionFor('delivery/o1'), undefined);
  second[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});
