import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LayoutFile } from '#runtime/layout.ts';
import { parser } from '#runtime/validate.ts';
import { layoutOf } from '../dispatch/test-layouts.ts';
import { importLif } from './import-lif.ts';

const house = layoutOf(
  [
    ['hall', 0, 0],
    ['cabin1', 0, 2],
    ['ward', 0, 0, 'F2'],
    ['cabin2', 0, 2, 'F2'],
  ],
  [
    ['hall', 'cabin1'],
    ['ward', 'cabin2'],
  ],
  { counter: 'hall', bed: 'ward' },
);
const name = { en: 'Lift', 'zh-CN': '电梯' };
const lifts = [
  {
    id: 'L1',
    name,
    stops: [
      { floor: 'F1', node: 'cabin1' },
      { floor: 'F2', node: 'cabin2' },
    ],
  },
];

test('a lift joins the floors: one cabin, held as a whole wherever it is', () => {
  const { graph, unused } = importLif(house, { lifts });
  assert.deepEqual(unused, []);
  assert.deepEqual(graph.floors, ['F1', 'F2']);
  assert.equal(graph.nodes.get('cabin1')!.resource, graph.nodes.get('cabin2')!.resource);
  const rides = [...graph.edges.values()].filter((e) => e.ride === 'L1').map((e) => `${e.from} ${e.to}`);
  assert.deepEqual(rides.sort(), ['cabin1 cabin2', 'cabin2 cabin1']);
});

test('both directions between two nodes are one corridor, and doors stand on their edges', () => {
  const { graph } = importLif(house, { lifts, doors: [{ id: 'D1', edges: ['hall>cabin1'], zones: [] }] });
  const [there, back] = [graph.edges.get('hall>cabin1')!, graph.edges.get('cabin1>hall')!];
  assert.equal(there.resource, back.resource);
  assert.deepEqual([there.doors, back.doors], [['D1'], []]);
  assert.ok(there.costSeconds > back.costSeconds);
});

test('what cannot be used is said', () => {
  const broken = structuredClone(house);
  broken.layouts[0]!.edges.push({ edgeId: 'e1', startNodeId: 'hall', endNodeId: 'nowhere' });
  broken.layouts[0]!.edges.push({ edgeId: 'e2', startNodeId: 'hall', endNodeId: 'ward' });
  broken.layouts[0]!.edges.push({ edgeId: 'e3', startNodeId: 'hall', endNodeId: 'hall' });
  broken.layouts[0]!.nodes.push({ nodeId: 'lonely', mapId: 'F1', nodePosition: { x: 9, y: 9 } });
  broken.layouts[0]!.stations!.push({ stationId: 'S9', interactionNodeIds: ['nowhere'] });
  const { unused } = importLif(broken, { lifts: [{ ...lifts[0]!, stops: [...lifts[0]!.stops, { floor: 'F2', node: 'hall' }] }] });
  assert.deepEqual(unused, [
    'edge e1: there is no node nowhere',
    'edge e2: it joins floor F1 to floor F2, which only a lift of the site file can do',
    'edge e3: it starts where it ends',
    'lift L1: node hall does not lie on floor F2',
    'station S9: there is no node nowhere',
    'station S9: none of its nodes can be reached',
    'node lonely: no edge leads to it or away from it',
  ]);
});

const examples = new URL('../../../shared/data/lif/official-2.0.0-draft/examples/', import.meta.url);
test('the official examples are read', { skip: existsSync(examples) ? false : 'no examples beside the project' }, () => {
  const files = readdirSync(examples).filter((file) => file.endsWith('.lif.json'));
  assert.ok(files.length >= 18);
  const layoutParser = parser(LayoutFile);
  for (const file of files) {
    const parsed = layoutParser.parse(JSON.parse(readFileSync(new URL(file, examples), 'utf8')));
    assert.ok(parsed.ok, `${file}: ${JSON.stringify(parsed)}`);
    const { graph } = importLif(parsed.value, {});
    assert.ok(graph.nodes.size > 0, file);
    const known = parsed.value.layouts.flatMap((l) => l.edges).length;
    assert.ok(known === 0 || graph.edges.size > 0 || file.includes('10.14'), `${file} has ${known} edges, none was taken`);
  }
});
