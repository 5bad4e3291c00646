import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '#contracts/findings.ts';
import { instant } from '#contracts/units.ts';
import { openEpisodeStore } from './episode-store.ts';
import { mergeFindings } from './restore.ts';

const T0 = instant(Date.UTC(2026, 4, 2));
const finding = (occurrence: number, isPresent: boolean, subject = 'b1.1'): Finding => ({
  schema: 'finding.v1',
  ward: 'w1',
  kind: 'empty',
  subject,
  isPresent,
  occurrence,
  since: T0,
  at: T0,
  evidence: [],
});

test('a finding stays unsaid until the broker has confirmed that very change', async () => {
  await using store = openEpisodeStore(':memory:');
  const open = finding(1, true);
  const closed = finding(1, false);
  store.keep([open, finding(4, true, 'b2.1')], []);
  store.keep([closed], [open]);
  assert.deepEqual(store.unsaid(), [closed, finding(4, true, 'b2.1')]);
  store.keep([], [closed]);
  assert.deepEqual(store.unsaid(), [finding(4, true, 'b2.1')]);
  assert.equal(store.all().length, 2);
});

test('the disk knows what has ended, the broker what a lost disk forgot', () => {
  const kept = [finding(3, false), finding(1, true, 'b2.1')];
  const retained = [finding(3, true), finding(2, true, 'b2.1'), finding(7, true, 'b3.1')];
  assert.deepEqual(
    mergeFindings(kept, retained).map(({ subject, occurrence, isPresent }) => `${subject} ${occurrence} ${isPresent}`),
    ['b1.1 3 false', 'b2.1 2 true', 'b3.1 7 true'],
  );
});
