import type { Device, Site } from '#contracts/site.ts';
import { milliseconds } from '#contracts/units.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import type { Replayed } from '#tools/replay/open-replay.ts';

/** One ward of two beds for the end-to-end test: a scale at bed 01, a camera at bed 02, tag readers, and one robot that is not ours. */

type Spot = readonly [id: string, x: number, y: number];
const spots: readonly Spot[] = [
  ['home', 0, 0],
  ['hall', 4, 0],
  ['pharmacy', 4, 4],
  ['corridor', 10, 0],
  ['bed', 10, 4],
];
const ways = [
  ['home', 'hall'],
  ['hall', 'pharmacy'],
  ['hall', 'corridor'],
  ['corridor', 'bed'],
] as const;

export const layout: LayoutFile = {
  metaInformation: { projectIdentification: 'end to end', lifVersion: '1.0.0' },
  layouts: [
    {
      layoutId: 'F1',
      nodes: spots.map(([nodeId, x, y]) => ({ nodeId, mapId: 'F1', nodePosition: { x, y } })),
      edges: ways.flatMap(([a, b]) => [
        { edgeId: `${a}>${b}`, startNodeId: a, endNodeId: b },
        { edgeId: `${b}>${a}`, startNodeId: b, endNodeId: a },
      ]),
      stations: [
        { stationId: 'pharmacy', interactionNodeIds: ['pharmacy'] },
        { stationId: 'bed-01', interactionNodeIds: ['bed'] },
      ],
    },
  ],
};

/** What hangs at bed 01 as trace A_13 says it; the camera's bed has an order too. */
export const orders = `ward,bed,line,label,volumeMl,rateMlPerHour,delivery,densityGramsPerMl,container,tareGrams,setWeightGrams,dropsPerMl,nearEmptyMl,start
w1,01,1,NaCl 0.9 %,500,220,gravity,1.0046,bag,30,31,20,50,yes
w1,02,1,Glucose 5 %,500,100,gravity,1.017,bag,,,20,10,yes
`;

const name = (en: string, zh: string) => ({ en, 'zh-CN': zh });

/** The site around the wires on which the recordings are played; `tags` as the recording of the readers names them. */
export function smallWard(played: readonly Replayed[], tags: readonly { epc: string; kind: string }[]): Site {
  const bedOf: Readonly<Record<string, string>> = { 'mt-sics': '01', 'http-jpeg': '02' };
  const devices = played.map(
    ({ id, driver, transport, facts }): Device => ({
      id,
      edge: 'e1',
      driver,
      transport: transport.type === 'http' ? { ...transport, everyMs: milliseconds(2000) } : transport,
      ...facts,
      ...(bedOf[driver] ? { placement: { bed: bedOf[driver], line: '1' } } : {}),
      ...(driver === 'yrm100' ? { antennaZones: ['room', 'room', 'door'] } : {}),
    }),
  );
  return {
    schema: 'site.v1',
    site: 'e2e',
    name: name('End to end', '端到端'),
    timeZone: 'Asia/Shanghai',
    wards: [
      {
        id: 'w1',
        name: name('East', '东区'),
        floor: 'F1',
        beds: [
          { id: '01', zone: 'room', station: 'bed-01' },
          { id: '02', zone: 'room' },
        ],
      },
    ],
    zones: [
      { id: 'room', name: name('Room', '病房'), ward: 'w1', floor: 'F1', kind: 'room', rectangle: rectangle(8, 2, 14, 8) },
      { id: 'door', name: name('Corridor', '走廊'), ward: 'w1', floor: 'F1', kind: 'corridor', rectangle: rectangle(0, -2, 14, 2) },
    ],
    edges: [{ id: 'e1', ward: 'w1' }],
    devices,
    tags: tags.map(({ epc, kind }) => ({ id: epc.toUpperCase(), kind: kind as NonNullable<Site['tags']>[number]['kind'], ward: 'w1' })),
    robots: [
      {
        id: 'r1',
        kind: 'delivery',
        home: 'home',
        adapter: { type: 'vda5050', interfaceName: 'uagv', version: '2.0.0', manufacturer: 'acme', serialNumber: '0001' },
      },
    ],
    pharmacyStation: 'pharmacy',
    people: [{ username: 'nurse', displayName: 'Nurse', roles: ['nurse'], wards: ['w1'] }],
  };
}

const rectangle = (...corners: [number, number, number, number]) => corners as unknown as NonNullable<Site['zones']>[number]['rectangle'];
