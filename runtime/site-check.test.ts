import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from './errors.ts';
import { loadSite } from './site.ts';

const load = (yaml: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-site-'));
  try {
    const file = join(folder, 'site.yaml');
    writeFileSync(file, yaml);
    return loadSite(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
const head = 'schema: site.v1\nsite: s1\nname: { zh-CN: 医院, en: Hospital }\ntimeZone: Asia/Shanghai\n';

test('a small site is enough', () => {
  const { site } = load(`${head}wards:\n  - { id: w1, name: { zh-CN: 东, en: East }, beds: [{ id: "01" }] }\n`);
  assert.equal(site.wards[0]?.beds[0]?.id, '01');
});

test('all mistakes of the schema come in one message', () => {
  assert.throws(
    () => load(`${head}wards:\n  - { id: "w 1", name: { en: East }, beds: [] }\nthresholds: { nearEmptyMl: -3 }\nwrads: 1\n`),
    (error) =>
      error instanceof ConfigError &&
      error.problems.length >= 4 &&
      /wards\.0\.id: "w 1"/.test(error.message) &&
      /nearEmptyMl: -3/.test(error.message) &&
      /wrads/.test(error.message),
  );
});

test('all references that lead nowhere come in one message', () => {
  const yaml = `${head}wards:
  - { id: w1, name: { zh-CN: 东, en: East }, beds: [{ id: "01" }, { id: "01" }] }
  - { id: house, name: { zh-CN: 西, en: West }, beds: [{ id: "01", zone: nowhere }] }
edges: [{ id: e1, ward: w9 }, { id: e2, ward: w1 }]
devices:
  - { id: d1, edge: e3, driver: mt-sics, transport: { type: serial, path: /dev/ttyS0 } }
  - { id: d2, edge: e2, driver: mt-sics, transport: { type: serial, path: /dev/ttyS1 }, placement: { bed: "07" } }
robots:
  - { id: r1, kind: delivery, home: n1, adapter: { type: vda5050, interfaceName: uagv, version: 2.0.0, manufacturer: acme, serialNumber: "1" } }
`;
  assert.throws(
    () => load(yaml),
    (error) =>
      error instanceof ConfigError &&
      [
        'wards.0.beds.1.id: "01": is used twice',
        'wards.1.id: "house"',
        'wards.1.beds.0.zone: "nowhere"',
        'edges.0.ward: "w9"',
        'devices.0.edge: "e3"',
        'devices.1.placement.bed: "07"',
        'layout: must be given',
      ].every((line) => error.message.includes(line)),
  );
});

test('a file that is no YAML is said to be none', () => {
  assert.throws(() => load('wards: [\n'), ConfigError);
});
