import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadSite } from '#runtime/site.ts';
import { hospitalFiles } from './generate.ts';
import { demoHospital, referenceHospital } from './hospitals.ts';
import type { NavGraph } from './nav-graph.ts';

const sites = join(import.meta.dirname, '../../sites');

describe('shipped sites', () => {
  for (const name of ['demo', 'reference'] as const) {
    it(`${name} is what the generator writes`, () => {
      for (const [file, text] of hospitalFiles(name)) assert.equal(readFileSync(join(sites, name, file), 'utf8'), text, `${name}/${file}`);
    });
  }

  it('demo has 2 wards, 24 beds, 6 robots and every driver', () => {
    const { site } = loadSite(join(sites, 'demo/site.yaml'));
    assert.deepEqual([site.wards.length, site.wards.flatMap((w) => w.beds).length, site.robots?.length, site.edges?.length], [2, 24, 6, 2]);
    assert.deepEqual([...new Set(site.devices?.map((d) => d.driver))].sort(), [
      'alaris-gh',
      'drip-counter',
      'http-jpeg',
      'mt-sics',
      'presence',
      'yrm100',
    ]);
  });

  it('reference has the load of the reference hospital', () => {
    const { site, layout } = loadSite(join(sites, 'reference/site.yaml'));
    const devices = site.devices ?? [];
    const beds = site.wards.flatMap((ward) => ward.beds.map((bed) => ({ edge: `${ward.id}-edge`, bed: bed.id })));
    assert.equal(site.wards.length, 13);
    assert.equal(beds.length, 608);
    assert.deepEqual([site.robots?.length, site.lifts?.length, site.doors?.length, site.tags?.length], [60, 12, 120, 500]);
    assert.equal(layout?.layouts.length, 5);
    for (const { edge, bed } of beds) {
      const drivers = devices.filter((d) => d.edge === edge && d.placement?.bed === bed).map((d) => d.driver);
      assert.equal(drivers.filter((d) => d === 'mt-sics' || d === 'http-jpeg').length, 1, `${edge} ${bed}`);
      assert.equal(drivers.filter((d) => d === 'drip-counter' || d === 'alaris-gh').length, 1, `${edge} ${bed}`);
    }
    for (const edge of site.edges ?? [])
      assert.equal(devices.filter((d) => d.edge === edge.id && d.driver === 'yrm100').length, 24, edge.id);
    assert.equal(new Set(site.robots?.map((r) => r.home)).size, 60);
  });
});

function reach(graph: NavGraph, start: string, direction: 'from' | 'to'): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of graph.edges) {
    const key = edge[direction];
    next.set(key, [...(next.get(key) ?? []), direction === 'from' ? edge.to : edge.from]);
  }
  const seen = new Set([start]);
  for (const node of seen) for (const other of next.get(node) ?? []) seen.add(other);
  return seen;
}

describe('nav graph', () => {
  for (const hospital of [demoHospital(), referenceHospital()]) {
    const { graph } = hospital.house;
    it(`${hospital.site}: every node can be reached from every other`, () => {
      const start = graph.nodes[0]!.id;
      assert.equal(reach(graph, start, 'from').size, graph.nodes.length);
      assert.equal(reach(graph, start, 'to').size, graph.nodes.length);
    });

    it(`${hospital.site}: robots of half a metre do not touch at different nodes, and edges are short`, () => {
      const at = new Map(graph.nodes.map((node) => [node.id, node]));
      for (const a of graph.nodes)
        for (const b of graph.nodes)
          if (a.id < b.id && a.floor === b.floor) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 0.8, `${a.id} ${b.id}`);
      for (const edge of graph.edges) {
        const [a, b] = [at.get(edge.from)!, at.get(edge.to)!];
        const length = Math.hypot(a.x - b.x, a.y - b.y);
        if (a.floor === b.floor) assert.ok(length <= 3.6, `${edge.id} ${length}`);
        else assert.equal(length, 0, edge.id);
      }
    });
  }
});

/** The schema's few keywords, so that the check needs no further package. */
interface Schema {
  $ref?: string;
  type?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  definitions?: Record<string, Schema>;
}

const lifSchema = join(import.meta.dirname, '../../../shared/data/lif/official-2.0.0-draft/LIF.schema');
describe('LIF', { skip: existsSync(lifSchema) ? false : 'the LIF schema is not on this machine' }, () => {
  for (const name of ['demo', 'reference'])
    it(`${name} is valid`, () => {
      const root = JSON.parse(readFileSync(lifSchema, 'utf8')) as Schema;
      assert.deepEqual(misfits(root, root, JSON.parse(readFileSync(join(sites, name, 'layout.lif.json'), 'utf8'))).slice(0, 5), []);
    });
  it('a wrong file is found', () => {
    const root = JSON.parse(readFileSync(lifSchema, 'utf8')) as Schema;
    assert.deepEqual(misfits(root, root, { metaInformation: {}, layouts: {} }).length > 0, true);
  });
});

function misfits(root: Schema, schema: Schema, value: unknown, path = ''): string[] {
  if (schema.$ref) return misfits(root, root.definitions![schema.$ref.replace('#/definitions/', '')]!, value, path);
  const type = Array.isArray(value) ? 'array' : typeof value;
  if (schema.type && schema.type !== type && !(schema.type === 'integer' && Number.isInteger(value)))
    return [`${path}: ${type} is not ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${path}: ${String(value)}`];
  if (Array.isArray(value)) return schema.items ? value.flatMap((item, i) => misfits(root, schema.items!, item, `${path}/${i}`)) : [];
  if (type !== 'object') return [];
  const object = value as Record<string, unknown>;
  return [
    ...(schema.required ?? []).filter((key) => !(key in object)).map((key) => `${path}/${key} is missing`),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
      key in object ? misfits(root, inner, object[key], `${path}/${key}`) : [],
    ),
  ];
}
