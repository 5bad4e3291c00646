import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DoorState } from '#contracts/fleet.ts';
import { type Instant, instant } from '#contracts/units.ts';
import type { Location, Occupancy, Presence } from '#contracts/ward-state.ts';
import { siteOf } from '../dispatch/test-layouts.ts';
import { isRoomSafe } from './room.ts';

const now = instant(1_800_000_000_000);
const site = siteOf({
  wards: [{ id: 'w1', name: { en: 'W', 'zh-CN': '病区' }, beds: [{ id: '01', zone: 'room' }] }],
  doors: [
    { id: 'D1', edges: ['x'], zones: ['room'] },
    { id: 'D2', edges: ['y'], zones: ['room', 'hall'] },
  ],
  devices: [{ id: 'pir', edge: 'e1', driver: 'presence', transport: { type: 'tcp', host: 'h', port: 1 }, zone: 'room' }],
});

const door = (id: string, state: DoorState['state']): [string, DoorState] => [id, { schema: 'door-state.v1', door: id, state, at: now }];
const presence = (state: Presence['state'], at: Instant = now): Presence => ({
  schema: 'presence.v1',
  zone: 'room',
  state,
  devices: ['pir'],
  since: at,
  at,
});
const tag = (kind: Location['kind'], zone: string): Location => ({
  schema: 'location.v1',
  tag: 't1',
  kind,
  zone,
  since: now,
  seenAt: now,
  at: now,
});

const empty = () => ({
  doors: new Map([door('D1', 'closed'), door('D2', 'closed')]),
  tags: new Map<string, Location>(),
  beds: new Map<string, Occupancy>(),
  presence: new Map([['room', presence('clear')]]),
});
const because = (known: ReturnType<typeof empty>) => {
  const verdict = isRoomSafe('room', site, known, now);
  return verdict.ok ? 'safe' : verdict.because;
};

test('a closed and empty room is safe', () => assert.equal(because(empty()), 'safe'));

test('what may mean somebody inside counts against it, and so does what is not known', () => {
  assert.equal(because({ ...empty(), doors: new Map([door('D1', 'closed'), door('D2', 'moving')]) }), 'door D2 is moving');
  assert.equal(because({ ...empty(), doors: new Map([door('D1', 'closed')]) }), 'door D2 says nothing');
  assert.equal(because({ ...empty(), tags: new Map([['t1', tag('staff', 'room')]]) }), 'staff tag t1 is inside');
  assert.equal(because({ ...empty(), tags: new Map([['t1', tag('equipment', 'room')]]) }), 'safe');
  assert.equal(because({ ...empty(), tags: new Map([['t1', tag('patient', 'hall')]]) }), 'safe');
  const occupied: Occupancy = { schema: 'occupancy.v1', ward: 'w1', bed: '01', state: 'occupied', at: now };
  assert.equal(because({ ...empty(), beds: new Map([['w1/01', occupied]]) }), 'bed 01 is occupied');
  assert.equal(because({ ...empty(), presence: new Map([['room', presence('present')]]) }), 'sensor pir sees somebody inside');
  assert.match(because({ ...empty(), presence: new Map([['room', presence('unknown')]]) }), /does not say whether/);
  assert.match(because({ ...empty(), presence: new Map() }), /does not say whether/);
  assert.match(because({ ...empty(), presence: new Map([['room', presence('clear', instant(now - 300_000))]]) }), /silent for 300 s/);
});
