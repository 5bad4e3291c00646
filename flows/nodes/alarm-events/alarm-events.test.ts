import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Alarm } from '#contracts/alarms.ts';
import { instant } from '#contracts/units.ts';
import { eventOf, passes } from './alarm-events.ts';

const at = instant(1_800_000_000_000);
const alarm = (change: Partial<Alarm> = {}): Alarm => ({
  schema: 'alarm.v1',
  alarm: 'a1',
  ward: '7e',
  kind: 'empty',
  subject: '12.1',
  priority: 'high',
  condition: 'present',
  annunciation: 'on',
  occurrence: 1,
  revision: 1,
  presentSince: at,
  raisedAt: at,
  at,
  decidedBy: 'flow',
  route: ['nurse'],
  escalation: 0,
  deliveries: [],
  evidence: [],
  isClosed: false,
  ...change,
});

it('names what has happened between two messages', () => {
  const before = alarm();
  assert.equal(eventOf(before, undefined), 'raised');
  assert.equal(eventOf(alarm({ occurrence: 2 }), before), 'recurred');
  assert.equal(eventOf(alarm({ annunciation: 'acknowledged' }), before), 'acknowledged');
  assert.equal(eventOf(alarm({ annunciation: 'latched', condition: 'absent' }), before), 'latched');
  assert.equal(eventOf(alarm({ escalation: 1 }), before), 'escalated');
  assert.equal(eventOf(alarm({ condition: 'clearing' }), before), 'changed');
  assert.equal(eventOf(alarm({ isClosed: true }), before), 'closed');
});

it('lets through what the form asks for', () => {
  assert.ok(passes({}, alarm(), 'changed'));
  assert.ok(passes({ events: ['escalated'], priority: 'high', ward: '7e', kinds: ['empty'] }, alarm(), 'escalated'));
  assert.ok(!passes({ events: ['escalated'] }, alarm(), 'raised'));
  assert.ok(!passes({ priority: 'low' }, alarm(), 'raised'));
});
