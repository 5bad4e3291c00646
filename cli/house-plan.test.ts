import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Site } from '#contracts/site.ts';
import { ConfigError } from '#runtime/errors.ts';
import { planHouse, readOnly } from './house-plan.ts';

const site: Site = {
  schema: 'site.v1',
  site: 's',
  name: { en: 'S', 'zh-CN': '医院' },
  timeZone: 'UTC',
  wards: [{ id: 'w1', name: { en: 'W', 'zh-CN': '东' }, beds: [{ id: '01' }] }],
  edges: [
    { id: 'e1', ward: 'w1' },
    { id: 'e2', ward: 'w1' },
  ],
};

test('a house is one process a part and one an edge agent; the broker comes first', () => {
  const plan = planHouse(site, 'f', readOnly(undefined), true);
  assert.deepEqual(
    plan.map(({ name }) => name),
    ['broker', 'records', 'watch', 'alarms', 'flows', 'fleet', 'history', 'console', 'edge-e1', 'edge-e2', 'simulators'],
  );
  assert.deepEqual(
    plan.filter(({ isFirst }) => isFirst).map(({ name }) => name),
    ['broker'],
  );
  assert.ok(!planHouse(site, 'f', readOnly(undefined), false).some(({ name }) => name === 'simulators'));
});

test('one part runs on its own machine; a wrong word is named', () => {
  assert.deepEqual(
    planHouse(site, 'f', readOnly('broker, flows'), false).map(({ name }) => name),
    ['broker', 'flows'],
  );
  assert.throws(
    () => readOnly('broker,brocker'),
    (error) => error instanceof ConfigError && /brocker/.test(error.message),
  );
});
