import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Finding } from '#contracts/findings.ts';
import { instant } from '#contracts/units.ts';
import { passes } from './findings.ts';

const at = instant(1_800_000_000_000);
const finding = (kind: Finding['kind'], isPresent = true, ward = '7e'): Finding => ({
  schema: 'finding.v1',
  ward,
  kind,
  subject: '12.1',
  isPresent,
  occurrence: 1,
  since: at,
  at,
  evidence: [],
});

it('lets through every kind of every ward when nothing is chosen', () => {
  assert.ok(passes({}, finding('empty')));
  assert.ok(passes({ ward: '', kinds: [], when: '' }, finding('empty', true, '8w')));
  assert.ok(!passes({}, finding('empty', false)), 'beginnings only');
});

it('chooses by ward and kind, or by all kinds but the chosen', () => {
  assert.ok(!passes({ ward: '7e' }, finding('empty', true, '8w')));
  assert.ok(passes({ kinds: ['empty'] }, finding('empty')));
  assert.ok(!passes({ kinds: ['empty'] }, finding('stalled')));
  assert.ok(!passes({ kinds: ['empty'], isExcluding: true }, finding('empty')));
  assert.ok(passes({ kinds: ['empty'], isExcluding: true }, finding('stalled')));
  assert.ok(passes({ kinds: [], isExcluding: true }, finding('stalled')));
});

it('chooses beginnings, ends or both', () => {
  assert.ok(passes({ when: 'absent' }, finding('empty', false)));
  assert.ok(!passes({ when: 'absent' }, finding('empty')));
  assert.ok(passes({ when: 'both' }, finding('empty')) && passes({ when: 'both' }, finding('empty', false)));
});
