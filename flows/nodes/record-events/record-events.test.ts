import assert from 'node:assert/strict';
import { it } from 'node:test';
import { instant } from '#contracts/units.ts';
import type { Occupancy } from '#contracts/ward-state.ts';
import { passes } from './record-events.ts';

const bed = (state: Occupancy['state'], patient?: string): Occupancy => ({
  schema: 'occupancy.v1',
  ward: '7e',
  bed: '12',
  state,
  ...(patient === undefined ? {} : { patient }),
  at: instant(1_800_000_000_000),
});

it('tells a new state, and another patient in the same state', () => {
  assert.ok(passes({}, bed('discharged'), bed('occupied')));
  assert.ok(!passes({}, bed('discharged'), bed('discharged')));
  assert.ok(passes({}, bed('occupied', 'p2'), bed('occupied', 'p1')));
});

it('tells only the state and ward asked for', () => {
  assert.ok(passes({ state: 'discharged' }, bed('discharged'), undefined));
  assert.ok(!passes({ state: 'discharged' }, bed('cleaning'), bed('discharged')));
  assert.ok(!passes({ ward: '8w' }, bed('cleaning'), undefined));
});
