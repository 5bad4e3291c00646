import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurements } from '#history/measurements.ts';
import { boards } from './boards.ts';
import { buildBoard } from './build-board.ts';

test('every board builds, with a target for each panel', () => {
  assert.ok(boards.length >= 3);
  for (const plan of boards) {
    const built = buildBoard(plan) as { uid: string; panels: { title: string; targets: { query: string }[] }[] };
    assert.equal(built.uid, plan.uid);
    assert.deepEqual(
      built.panels.map((p) => p.targets[0]?.query),
      plan.panels.map((p) => p.influxQl),
    );
  }
});

test('every query asks a measurement and fields that history records', () => {
  for (const { panels } of boards)
    for (const { influxQl, title } of panels) {
      const [, measurement] = /FROM "(\w+)"/.exec(influxQl) ?? [];
      const definition = measurements[measurement as keyof typeof measurements];
      assert.ok(definition, `${title}: ${measurement} is not recorded`);
      const known = new Set<string>([...Object.keys(definition.fields), ...definition.tags, measurement!]);
      for (const [, name] of influxQl.replace(/\) AS "\w+"|"last"/g, '').matchAll(/"(\w+)"/g))
        assert.ok(known.has(name!), `${title}: ${measurement} has no ${name}`);
    }
});
