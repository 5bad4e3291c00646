import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Mission } from '#contracts/fleet.ts';
import { instant } from '#contracts/units.ts';
import { passes } from './mission-events.ts';

const at = instant(1_800_000_000_000);
const mission = (state: Mission['state'], kind: Mission['kind'] = 'disinfection'): Mission => ({
  schema: 'mission.v1',
  mission: 'm1',
  kind,
  state,
  phases: [{ kind: 'disinfect', place: 'room-12', state: 'planned' }],
  ward: '7e',
  bed: '12',
  isUrgent: false,
  requestedBy: 'service.flows',
  createdAt: at,
  revision: 1,
  at,
  isClosed: state === 'done',
});

it('tells when a mission comes into a state, not while it stays there', () => {
  assert.ok(passes({ states: ['done'] }, mission('done'), mission('under_way')));
  assert.ok(!passes({ states: ['done'] }, mission('under_way'), mission('waiting')));
  assert.ok(!passes({}, mission('under_way'), mission('under_way')));
  assert.ok(!passes({ kind: 'delivery' }, mission('done'), undefined));
});
