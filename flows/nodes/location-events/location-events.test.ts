import assert from 'node:assert/strict';
import { it } from 'node:test';
import { instant } from '#contracts/units.ts';
import type { Location } from '#contracts/ward-state.ts';
import { passes } from './location-events.ts';

const at = instant(1_800_000_000_000);
const tag = (zone: string | undefined, ward: string | undefined): Location => ({
  schema: 'location.v1',
  tag: 't1',
  kind: 'patient',
  ...(zone === undefined ? {} : { zone }),
  ...(ward === undefined ? {} : { ward }),
  homeWard: '7e',
  since: at,
  seenAt: at,
  at,
});

it('tells steps, not repetitions', () => {
  assert.ok(passes({}, tag('room', '7e'), undefined));
  assert.ok(!passes({}, tag('room', '7e'), tag('room', '7e')));
});

it('tells who leaves the home ward, once', () => {
  const form = { event: 'left_ward' } as const;
  assert.ok(passes(form, tag('lobby', '8w'), tag('corridor', '7e')));
  assert.ok(!passes(form, tag('stairs', '8w'), tag('lobby', '8w')));
  assert.ok(!passes(form, tag(undefined, undefined), tag('corridor', '7e')), 'not seen is not gone');
});

it('tells entering and leaving of one zone', () => {
  assert.ok(passes({ event: 'entered', zone: 'store' }, tag('store', '7e'), tag('room', '7e')));
  assert.ok(!passes({ event: 'entered', zone: 'store' }, tag('room', '7e'), tag('store', '7e')));
  assert.ok(passes({ event: 'left', zone: 'store' }, tag('room', '7e'), tag('store', '7e')));
  assert.ok(!passes({ event: 'left', zone: 'store', kind: 'staff' }, tag('room', '7e'), tag('store', '7e')));
});
