import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layoutOf } from '../dispatch/test-layouts.ts';
import { importLif } from './import-lif.ts';
import { locate } from './locate.ts';
import { costsTo, shortestPath } from './shortest-path.ts';

const square = importLif(
  layoutOf(
    [
      ['a', 0, 0],
      ['b', 10, 0],
      ['c', 10, 10],
      ['d', 0, 10],
    ],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'a'],
    ],
    {},
  ),
  {},
).graph;

test('a closed edge is driven around, and no way is no way', () => {
  assert.deepEqual(
    shortestPath(square, 'a', 'b')?.edges.map((e) => e.id),
    ['a>b'],
  );
  assert.deepEqual(
    shortestPath(square, 'a', 'b', { isBlocked: (e) => e.id === 'a>b' })?.edges.map((e) => e.to),
    ['d', 'c', 'b'],
  );
  assert.equal(shortestPath(square, 'a', 'b', { isBlocked: () => true }), undefined);
  assert.deepEqual(shortestPath(square, 'a', 'a'), { edges: [], costSeconds: 0 });
});

test('A* costs what Dijkstra costs, on any graph', () => {
  const graphs = fc.integer({ min: 3, max: 9 }).chain((size) =>
    fc.record({
      spots: fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })), { minLength: size, maxLength: size }),
      ways: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 20 }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ spots, ways }) => {
      const layout = layoutOf(
        spots.map(([x, y], i) => [`n${i}`, x, y] as const),
        ways.map(([a, b]) => [`n${a}`, `n${b}`] as const),
        {},
      );
      const { graph } = importLif(layout, {});
      const costs = costsTo(graph, 'n0');
      for (const node of graph.nodes.keys()) {
        const path = shortestPath(graph, node, 'n0');
        assert.equal(path === undefined, !costs.has(node));
        if (path) assert.ok(Math.abs(path.costSeconds - costs.get(node)!) < 1e-6);
      }
    }),
    { numRuns: 200 },
  );
});

test('a robot is placed on a node, in a corridor, or said to be off the map', () => {
  const pose = (x: number, y: number, floor = 'F1') => ({ x, y, theta: 0, floor });
  assert.deepEqual(locate(square, pose(0.3, 0.2), 'a'), { kind: 'node', node: 'a' });
  assert.deepEqual(locate(square, pose(10, 0.1), 'a'), { kind: 'node', node: 'b' });
  assert.deepEqual(locate(square, undefined, 'c'), { kind: 'node', node: 'c' });
  const between = locate(square, pose(4, 0.1), 'a');
  assert.ok(between.kind === 'corridor' && [between.edge.from, between.edge.to].sort().join() === 'a,b');
  for (const lost of [locate(square, pose(4, 4), 'a'), locate(square, pose(0, 0, 'F9'), 'a'), locate(square, undefined, 'zz')])
    assert.equal(lost.kind, 'unknown');
});
