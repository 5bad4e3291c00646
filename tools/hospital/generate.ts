import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoHospital, referenceHospital } from './hospitals.ts';
import { lifText } from './lif.ts';
import { furnish } from './site.ts';
import { csv, siteYaml } from './site-yaml.ts';

/** Files of one of the two sites by name; the same at every run. */
export function hospitalFiles(name: 'demo' | 'reference'): Map<string, string> {
  const hospital = name === 'demo' ? demoHospital() : referenceHospital();
  const { site, orders, occupancy, duty } = furnish(hospital, name === 'demo' ? 4711 : 608);
  const introduction = `${hospital.name.en} · ${hospital.name['zh-CN']}: written by tools/hospital/generate.ts, which fills its layout and records too.`;
  return new Map([
    ['site.yaml', siteYaml(site, introduction)],
    ['layout.lif.json', lifText(hospital.house.graph, hospital.floors, `Wardline ${name} hospital`, hospital.house.chargers)],
    [
      'orders.csv',
      csv(
        [
          'ward',
          'bed',
          'line',
          'label',
          'volumeMl',
          'rateMlPerHour',
          'delivery',
          'densityGramsPerMl',
          'container',
          'tareGrams',
          'setWeightGrams',
          'dropsPerMl',
          'nearEmptyMl',
          'start',
        ],
        orders,
      ),
    ],
    ['occupancy.csv', csv(['ward', 'bed', 'patient', 'tag'], occupancy)],
    ['duty.csv', csv(['ward', 'shift', 'from', 'until', 'person', 'role', 'beds'], duty)],
  ]);
}

/** Writes both sites below `sites/`. */
export function generate(root: string): void {
  for (const name of ['demo', 'reference'] as const) {
    mkdirSync(join(root, name), { recursive: true });
    for (const [file, text] of hospitalFiles(name)) writeFileSync(join(root, name, file), text);
  }
}

if (import.meta.main) generate(join(import.meta.dirname, '../../sites'));
