import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accessOf } from './access.ts';
import { channels } from './channels.ts';
import { filterCovers, filterMatches, filterOf, paramsOf, topicOf } from './topics.ts';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/);

test('what is put together can be taken apart', () => {
  fc.assert(
    fc.property(name, name, name, (site, ward, edge) => {
      const topic = topicOf(channels.readings, site, { ward, edge });
      assert.deepEqual(paramsOf(channels.readings, site, topic), { ward, edge });
      assert.ok(filterMatches(filterOf(channels.readings, site), topic));
      assert.ok(filterCovers(filterOf(channels.readings, site), topic));
      assert.equal(paramsOf(channels.readings, `${site}x`, topic), undefined);
    }),
  );
});

test('a parameter that would break the grammar is refused by name', () => {
  for (const bad of ['a/b', '+', '#', '', 'a\0b'])
    assert.throws(() => topicOf(channels.edgeStatus, 'demo', { ward: 'w1', edge: bad }), /edge/);
  assert.throws(() => topicOf(channels.edgeStatus, 'demo', { ward: 'w1' } as never), /edge/);
});

test('filters match as MQTT says', () => {
  assert.ok(filterMatches('a/+/c', 'a/b/c'));
  assert.ok(filterMatches('a/#', 'a'));
  assert.ok(!filterMatches('a/+', 'a/b/c'));
  assert.ok(!filterMatches('#', '$SYS/x'));
  assert.ok(!filterCovers('a/+', 'a/#'));
  assert.ok(!filterCovers('a/b', 'a/+'));
  assert.ok(filterCovers('a/#', 'a/+/c'));
});

test('an edge agent writes its own ward and reads only what it needs', () => {
  const { publish, read } = accessOf({ kind: 'edge', user: 'edge.e1', edge: 'e1', ward: 'w1' }, 'demo');
  const may = (filters: readonly string[], topic: string) => filters.some((filter) => filterMatches(filter, topic));
  assert.ok(may(publish, topicOf(channels.readings, 'demo', { ward: 'w1', edge: 'e1' })));
  assert.ok(!may(publish, topicOf(channels.readings, 'demo', { ward: 'w1', edge: 'e2' })));
  assert.ok(!may(publish, topicOf(channels.readings, 'demo', { ward: 'w2', edge: 'e1' })));
  assert.ok(!may(publish, topicOf(channels.alarm, 'demo', { ward: 'w1', alarm: 'a' })));
  assert.ok(may(read, topicOf(channels.order, 'demo', { ward: 'w1', bed: 'b', line: '1' })));
  assert.ok(!may(read, topicOf(channels.order, 'demo', { ward: 'w2', bed: 'b', line: '1' })));
  assert.ok(!may(read, topicOf(channels.occupancy, 'demo', { ward: 'w1', bed: 'b' })));
});

test('a robot keeps to its own branch', () => {
  const { publish, read } = accessOf(
    { kind: 'robot', user: 'robot.r1', interfaceName: 'uagv', major: 'v2', manufacturer: 'acme', serialNumber: '1' },
    'demo',
  );
  assert.ok(publish.includes('uagv/v2/acme/1/state'));
  assert.ok(read.includes('uagv/v2/acme/1/order'));
  assert.ok(
    [...publish, ...read].every(
      (filter) => filter.startsWith('uagv/v2/acme/1/') || filter.includes('/reply/robot.r1') || filter.includes('/rejected/robot.r1'),
    ),
  );
});
