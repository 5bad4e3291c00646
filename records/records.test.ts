import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Site } from '#contracts/site.ts';
import { instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import { Refusal } from '#runtime/commands.ts';
import { openStore } from '#runtime/store.ts';
import { migrations, type Tables } from './migrations.ts';
import { placesOf } from './places.ts';
import type { Publication } from './publication.ts';
import { createRecords, standing } from './records.ts';
import { settleDevices } from './seed.ts';

const name = { en: 'Ward', 'zh-CN': '病区' };
const transport = { type: 'tcp', host: '127.0.0.1', port: 1 } as const;
const site: Site = {
  schema: 'site.v1',
  site: 'test',
  name,
  timeZone: 'Asia/Shanghai',
  wards: [
    { id: 'w1', name, beds: [{ id: '1', lines: ['1', '2'] }, { id: '2' }, { id: '3', lines: ['2', '3'] }] },
    { id: 'w2', name, beds: [{ id: '1' }] },
  ],
  edges: [
    { id: 'e1', ward: 'w1' },
    { id: 'e2', ward: 'w2' },
  ],
  devices: [
    { id: 'scale-1', edge: 'e1', driver: 'mt-sics', transport, placement: { bed: '1', line: '1' } },
    { id: 'reader-1', edge: 'e1', driver: 'yrm100', transport },
  ],
};
const places = placesOf(site);
const T0 = instant(Date.UTC(2026, 4, 2, 4));
const asker = { caller: 'service.console', person: 'nurse.li' };

async function house(file = ':memory:') {
  const store = openStore<Tables>(file, migrations);
  const said: Publication[] = [];
  let ids = 0;
  await settleDevices(store, places, T0);
  const records = createRecords({
    store,
    places,
    now: () => T0,
    newId: (prefix) => `${prefix}-${++ids}`,
    say: (changes) => said.push(...changes),
  });
  return { store, records, said };
}
const order = (bed: string, line: string, ward = 'w1') => ({
  ward,
  bed,
  line,
  label: 'NaCl 0.9 %',
  volumeMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(120),
  delivery: 'gravity' as const,
  start: true,
});
const refuses = (work: Promise<unknown> | unknown, words: RegExp) =>
  assert.rejects(Promise.resolve(work), (error) => error instanceof Refusal && words.test(error.message));

test('a stay: admitted, infused, discharged with the infusion stopped, cleaned, free again', async () => {
  const { store, records, said } = await house();
  const { patient } = await records.admit({ ward: 'w1', bed: '1', tag: 'band-1' }, asker);
  const { order: id } = await records.setOrder(order('1', '1'), asker);
  await refuses(records.admit({ ward: 'w1', bed: '1' }, asker), /bed 1 of ward w1 is occupied/);
  assert.deepEqual(await records.discharge({ ward: 'w1', bed: '1' }, asker), { patient, stoppedOrders: [id] });
  await refuses(records.admit({ ward: 'w1', bed: '1' }, asker), /waiting to be cleaned/);
  await refuses(records.setOrder(order('1', '1'), asker), /waiting to be cleaned/);
  await records.bedCleaning({ ward: 'w1', bed: '1' }, asker);
  await records.bedCleaned({ ward: 'w1', bed: '1' }, asker);
  await records.bedCleaned({ ward: 'w1', bed: '1' }, asker);

  const orders = said.filter((change) => change.channel === 'order');
  assert.deepEqual(
    orders.map(({ message, isWithdrawn }) => [message.state, message.patient, isWithdrawn ?? false]),
    [
      ['running', patient, false],
      ['stopped', patient, true],
    ],
  );
  const beds = said.filter((change) => change.channel === 'occupancy');
  assert.deepEqual(
    beds.map(({ message }) => message.state),
    ['occupied', 'discharged', 'cleaning', 'free'],
  );
  const audit = await store.db.selectFrom('audit').selectAll().where('caller', '=', 'service.console').orderBy('id').execute();
  assert.deepEqual(
    audit.map(({ what, person, at }) => [what, person, at]),
    ['admit', 'set-order', 'discharge', 'bed-cleaning', 'bed-cleaned'].map((what) => [what, 'nurse.li', T0]),
  );
  const { orders: past } = await records.listOrders({ ward: 'w1', bed: '1' }, asker);
  assert.equal(past[0]?.state, 'stopped');
});

test('a transfer inside the ward takes orders and their devices along, to a free line of the new bed', async () => {
  const { store, records, said } = await house();
  await records.admit({ ward: 'w1', bed: '1', patient: 'p-x', tag: 'band-1' }, asker);
  const { order: id } = await records.setOrder(order('1', '1'), asker);
  said.length = 0;
  const result = await records.transfer({ ward: 'w1', bed: '1', toWard: 'w1', toBed: '3' }, asker);
  assert.deepEqual(result, { patient: 'p-x', movedOrders: [id], movedDevices: ['scale-1'], stayedDevices: [] });
  const now = await standing(store, places, T0);
  assert.deepEqual(
    now.orders.map(({ order: one, bed, line, startedAt }) => [one, bed, line, startedAt]),
    [[id, '3', '2', T0]],
  );
  assert.deepEqual(
    now.occupancies.filter(({ ward }) => ward === 'w1').map(({ bed, state, patient, tag }) => [bed, state, patient, tag]),
    [
      ['1', 'discharged', undefined, undefined],
      ['2', 'free', undefined, undefined],
      ['3', 'occupied', 'p-x', 'band-1'],
    ],
  );
  const moves = said.filter((change) => change.channel === 'order').map(({ message, isWithdrawn }) => [message.bed, isWithdrawn ?? false]);
  assert.deepEqual(moves, [
    ['3', false],
    ['1', true],
  ]);
  assert.equal(now.placements.find(({ device }) => device === 'scale-1')?.bed, '3');
});

test('a transfer to another ward leaves the devices behind and says so', async () => {
  const { store, records } = await house();
  await records.admit({ ward: 'w1', bed: '1', patient: 'p-x' }, asker);
  const { order: id } = await records.setOrder(order('1', '1'), asker);
  const result = await records.transfer({ ward: 'w1', bed: '1', toWard: 'w2', toBed: '1' }, asker);
  assert.deepEqual(result, { patient: 'p-x', movedOrders: [id], movedDevices: [], stayedDevices: ['scale-1'] });
  const { placements, orders } = await standing(store, places, T0);
  assert.equal(placements.find(({ device }) => device === 'scale-1')?.bed, '1');
  assert.deepEqual(
    orders.map(({ ward, state }) => [ward, state]),
    [['w2', 'running']],
  );
});

test('a refused transfer changes nothing', async () => {
  const { store, records, said } = await house();
  await records.admit({ ward: 'w1', bed: '1' }, asker);
  await records.setOrder(order('1', '1'), asker);
  await records.setOrder(order('1', '2'), asker);
  const before = await standing(store, places, T0);
  said.length = 0;
  await refuses(records.transfer({ ward: 'w1', bed: '1', toWard: 'w1', toBed: '2' }, asker), /too few for 2 infusions/);
  await refuses(records.transfer({ ward: 'w1', bed: '2', toWard: 'w1', toBed: '3' }, asker), /bed 2 of ward w1 is free/);
  await refuses(records.transfer({ ward: 'w1', bed: '1', toWard: 'w1', toBed: '9' }, asker), /has no bed 9/);
  assert.deepEqual(await standing(store, places, T0), before);
  assert.deepEqual(said, []);
});

test('an order takes the place of the running one, which is then done', async () => {
  const { records, said } = await house();
  const first = await records.setOrder({ ...order('2', '1'), start: false }, asker);
  await records.startOrder({ ward: 'w1', bed: '2', line: '1' }, asker);
  await records.setOrder(order('2', '1'), asker);
  const { orders } = await records.listOrders({ ward: 'w1', bed: '2' }, asker);
  assert.equal(orders.find((one) => one.order === first.order)?.state, 'done');
  await records.stopOrder({ ward: 'w1', bed: '2', line: '1' }, asker);
  await refuses(records.stopOrder({ ward: 'w1', bed: '3', line: '2' }, asker), /nothing is ordered on line 2 of bed 3/);
  await refuses(records.setOrder(order('2', '7'), asker), /has no line 7; it has 1/);
  assert.deepEqual(
    said.map(({ channel, message }) => [channel, 'state' in message ? message.state : '']),
    ['planned', 'running', 'running', 'stopped'].map((state) => ['order', state]),
  );
});

test('a device is placed only in the ward of its edge agent', async () => {
  const { records, said } = await house();
  await refuses(records.placeDevice({ device: 'ghost' }, asker), /no device ghost/);
  await refuses(records.placeDevice({ device: 'scale-1', bed: '1', line: '9' }, asker), /no line 9/);
  await refuses(records.placeDevice({ device: 'scale-1', bed: '7' }, asker), /belongs to ward w1, which has no bed 7/);
  await records.placeDevice({ device: 'scale-1' }, asker);
  const [only] = said;
  assert.ok(only?.channel === 'placement' && only.message.bed === undefined);
});

test('bad rows of a CSV are named with field and reason, good ones are taken', async () => {
  const { records } = await house();
  const csv = [
    'ward,bed,line,label,volumeMl,rateMlPerHour,delivery,start',
    'w1,1,1,NaCl,500,120,gravity,true',
    'w1,1,2,NaCl,5oo,120,gravity,true',
    'w1,9,1,NaCl,500,120,gravity,true',
    'w1,2,1,NaCl,500,120,magic,true',
    'w1,2,1,NaCl',
  ].join('\n');
  const { accepted, problems } = await records.importCsv({ kind: 'orders', csv }, asker);
  assert.equal(accepted, 1);
  assert.deepEqual(
    problems.map(({ row, field }) => [row, field]),
    [
      [3, 'volumeMl'],
      [4, 'bed'],
      [5, 'delivery'],
      [6, '(whole)'],
    ],
  );
  assert.match(problems[0]?.because ?? '', /5oo/);
});

test('shifts of a CSV get the instants of the site clock; the one that counts now is said', async () => {
  const { records, said } = await house();
  const csv = [
    'ward,shift,from,until,person,role,beds',
    'w1,day,07:00,19:00,nurse.li,nurse,1 2',
    'w1,day,07:00,19:00,head.wu,charge_nurse,',
    'w1,night,19:00,07:00,nurse.he,nurse,1 2 3',
    'w1,night,19:00,7,nurse.he,nurse,1',
    'w1,day,07:00,19:00,nurse.no,nurse,77',
  ].join('\n');
  const { accepted, problems } = await records.importCsv({ kind: 'duty', csv }, asker);
  assert.equal(accepted, 3);
  assert.deepEqual(
    problems.map(({ row, field }) => [row, field]),
    [
      [5, 'until'],
      [6, 'beds'],
    ],
  );
  const duty = said.at(-1);
  assert.ok(duty?.channel === 'duty');
  assert.equal(duty.message.shift, 'day');
  assert.equal(duty.message.from, Date.UTC(2026, 4, 1, 23));
  assert.deepEqual(
    duty.message.assignments.map(({ person, beds }) => [person, beds]),
    [
      ['nurse.li', ['1', '2']],
      ['head.wu', []],
    ],
  );
});

test('what was answered is on disk: another process finds it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'records-')), 'records.sqlite');
  const first = await house(file);
  await first.records.admit({ ward: 'w1', bed: '1', patient: 'p-x' }, asker);
  await first.records.setOrder(order('1', '1'), asker);
  await first.records.placeDevice({ device: 'scale-1', bed: '2', line: '1' }, asker);
  const before = await standing(first.store, places, T0);
  await first.store[Symbol.asyncDispose]();
  const second = await house(file);
  assert.deepEqual(await standing(second.store, places, T0), before);
  assert.equal(before.orders.length, 1);
  await second.store[Symbol.asyncDispose]();
});
