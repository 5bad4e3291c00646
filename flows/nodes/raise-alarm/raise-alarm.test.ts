import assert from 'node:assert/strict';
import { it } from 'node:test';
import { instant } from '#contracts/units.ts';
import { decisionOf } from './raise-alarm.ts';

const at = instant(1_800_000_000_000);
const finding = {
  schema: 'finding.v1',
  ward: '7e',
  kind: 'empty',
  subject: '12.1',
  isPresent: true,
  occurrence: 3,
  since: at,
  at,
  evidence: [],
} as const;
const about = { ward: '7e', kind: 'empty', subject: '12.1', occurrence: 3 };

it('leaves to the ward what the form leaves open', () => {
  assert.deepEqual(decisionOf({ priority: '', route: [], onDelaySeconds: '' }, { ...finding, evidence: [] }), about);
});

it('takes priority, route and delay from the form', () => {
  assert.deepEqual(decisionOf({ priority: 'high', route: ['ward'], onDelaySeconds: '1.5' }, { ...finding, evidence: [] }), {
    ...about,
    priority: 'high',
    route: ['ward'],
    onDelayMs: 1500,
  });
});
