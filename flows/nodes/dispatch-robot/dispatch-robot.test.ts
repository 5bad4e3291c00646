import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Site } from '#contracts/site.ts';
import { instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import { planFor } from './dispatch-robot.ts';

const at = instant(1_800_000_000_000);
const name = { en: 'x', 'zh-CN': 'x' };
const site: Site = {
  schema: 'site.v1',
  site: 's',
  name,
  timeZone: 'Asia/Shanghai',
  pharmacyStation: 'pharmacy',
  wards: [{ id: '7e', name, beds: [{ id: '12', zone: 'room-12', station: 'st-12' }, { id: '13' }] }],
};
const order = (state: Order['state']): Order => ({
  schema: 'order.v1',
  order: 'o1',
  ward: '7e',
  bed: '12',
  line: '1',
  state,
  label: 'NaCl 0.9 %',
  volumeMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(100),
  delivery: 'gravity',
  at,
});
const cause = { ward: '7e', bed: '12', line: '1', kind: 'near_empty', subject: '12.1', occurrence: 4 };

it('sends the next bag from the pharmacy to the bed, once per running order', () => {
  assert.deepEqual(planFor({ kind: 'delivery', oncePer: 'order', load: 'next bag for bed' }, cause, site, order('running')), {
    ok: true,
    key: 'delivery/o1',
    args: { kind: 'delivery', ward: '7e', bed: '12', key: 'delivery/o1', from: 'pharmacy', to: 'st-12', load: 'next bag for bed 12' },
  });
});

it('says why it sends nothing', () => {
  const because = (plan: ReturnType<typeof planFor>) => (plan.ok ? 'sent' : plan.because);
  assert.match(because(planFor({ oncePer: 'order' }, cause, site, order('stopped'))), /no order runs/);
  assert.match(because(planFor({ oncePer: 'order' }, cause, site, undefined)), /no order runs/);
  assert.match(because(planFor({}, { ward: '7e', bed: '13' }, site, undefined)), /no station/);
  assert.match(because(planFor({ kind: 'disinfection' }, { ward: '7e', bed: '13' }, site, undefined)), /no zone/);
  assert.match(because(planFor({}, { ward: '7e', bed: '99' }, site, undefined)), /not in the site/);
});

it('tells one event from the next, and keeps long keys within bounds', () => {
  const keyFor = (occurrence: number, subject = '12.1') => {
    const plan = planFor({ kind: 'disinfection' }, { ...cause, occurrence, subject }, site, undefined);
    assert.ok(plan.ok);
    return plan.key;
  };
  assert.notEqual(keyFor(1), keyFor(2));
  assert.equal(keyFor(1), keyFor(1));
  assert.ok(keyFor(1, 'x'.repeat(120)).length <= 128);
  assert.notEqual(keyFor(1, 'x'.repeat(120)), keyFor(2, 'x'.repeat(120)));
});
