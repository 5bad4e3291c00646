import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, Ward } from '#contracts/site.ts';
import { instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Order, Placement } from '#contracts/ward-state.ts';
import { createAssignments } from './assignments.ts';

const NOW = instant(1_750_000_000_000);
const ward: Ward = { id: 'w1', name: { en: 'W', 'zh-CN': '病区' }, beds: [{ id: 'b1', lines: ['l1', 'l2'] }, { id: 'b2' }] };
const device = (id: string, bed?: string, line?: string): Device => ({
  id,
  edge: 'e1',
  driver: 'mt-sics',
  transport: { type: 'tcp', host: '127.0.0.1', port: 1 },
  ...(bed === undefined ? {} : { placement: { bed, ...(line === undefined ? {} : { line }) } }),
});
const order = (bed: string, line: string): Order => ({
  schema: 'order.v1',
  order: `o-${bed}-${line}`,
  ward: 'w1',
  bed,
  line,
  state: 'running',
  label: 'NaCl 0.9 %',
  volumeMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(120),
  delivery: 'gravity',
  at: NOW,
});
const placed = (id: string, bed?: string, edge = 'e1'): Placement => ({
  schema: 'placement.v1',
  device: id,
  ward: 'w1',
  edge,
  ...(bed === undefined ? {} : { bed }),
  at: NOW,
});

test('an order reaches the devices of its line and no others', () => {
  const a = createAssignments('e1', ward, [device('s1', 'b1', 'l1'), device('s2', 'b1'), device('s3', 'b1', 'l2'), device('s4', 'b2')]);
  assert.deepEqual([...a.order('b1', 'l1', order('b1', 'l1')).keys()], ['s1', 's2']);
  assert.deepEqual([...a.order('b2', '1', order('b2', '1')).keys()], ['s4']);
  assert.deepEqual([...a.order('b1', 'l1', undefined).values()], [undefined, undefined]);
});

test('a device that is moved takes on the order of its new bed', () => {
  const a = createAssignments('e1', ward, [device('s1', 'b1')]);
  a.order('b1', 'l1', order('b1', 'l1'));
  a.order('b2', '1', order('b2', '1'));
  assert.equal(a.placement('s1', placed('s1', 'b2')).get('s1')?.order, 'o-b2-1');
  assert.equal(a.placement('s1', placed('s1', 'b2')).size, 0);
  assert.deepEqual([...a.placement('s1', placed('s1'))], [['s1', undefined]]);
});

test('a device that went to another edge has no order here; a strange device is none of ours', () => {
  const a = createAssignments('e1', ward, [device('s1', 'b1')]);
  a.order('b1', 'l1', order('b1', 'l1'));
  assert.deepEqual([...a.placement('s1', placed('s1', 'b1', 'e2'))], [['s1', undefined]]);
  assert.equal(a.placement('x9', placed('x9', 'b1')).size, 0);
});
