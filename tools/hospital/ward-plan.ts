import { addZone, beside, type FloorPlan, joinLane, nodeBeside } from './building.ts';
import { addNook } from './core.ts';
import type { Side } from './nav-graph.ts';

export interface WardSpec {
  readonly id: string;
  readonly name: { 'zh-CN': string; en: string };
  readonly beds: number;
  readonly rooms: number;
  readonly bedsPerRoom: number;
}

export interface PlannedRoom {
  readonly zone: string;
  readonly beds: readonly { readonly id: string; readonly station: string }[];
}

export interface PlannedWard {
  readonly spec: WardSpec;
  readonly floor: string;
  readonly rooms: readonly PlannedRoom[];
  readonly corridorZones: readonly string[];
  readonly entranceZone: string;
  readonly nurseStation: string;
  readonly store: string;
  readonly treatment: string;
}

const SUPPORT = 10;
const ROW_PITCH = 1.9;

const roomWidth = ({ bedsPerRoom }: WardSpec) => (bedsPerRoom > 2 ? 8 : 6);
const roomDepth = ({ bedsPerRoom }: WardSpec) => 3.2 + Math.ceil(bedsPerRoom / 2) * ROW_PITCH;

/** Length of a ward along the corridor, metres. */
export const wardLength = (spec: WardSpec): number => SUPPORT + Math.ceil(spec.rooms / 2) * roomWidth(spec);

/** A ward: entrance door across the corridor, nurse station and store, then rooms on both sides. */
export function addWard(plan: FloorPlan, spec: WardSpec, x0: number, entrance: 'west' | 'east' = 'west'): PlannedWard {
  const { id: ward } = spec;
  const width = roomWidth(spec);
  const x1 = x0 + wardLength(spec);
  plan.barriers.push({ id: `door-${ward}-entrance`, x: entrance === 'west' ? x0 + 0.01 : x1 - 0.01 });

  const nurseStation = `${ward}-station`;
  const store = `${ward}-store`;
  const treatment = `${ward}-treatment`;
  addNook(plan, nurseStation, 'station', { 'zh-CN': '护士站', en: 'Nurse station' }, 1, [x0 + 1, x0 + 9, 5], {
    ward,
    station: `ward-${ward}`,
  });
  addNook(plan, store, 'store', { 'zh-CN': '库房', en: 'Store' }, -1, [x0 + 1, x0 + 5, 4], { ward, station: store });
  addNook(plan, treatment, 'store', { 'zh-CN': '治疗室', en: 'Treatment room' }, -1, [x0 + 5, x0 + 9, 4], { ward });

  const sections = Math.ceil((x1 - x0) / 16);
  const corridorZones = Array.from({ length: sections }, (_, i) =>
    addZone(
      plan,
      `${ward}-corridor-${i + 1}`,
      'corridor',
      { 'zh-CN': `病区走廊 ${i + 1}`, en: `Ward corridor ${i + 1}` },
      [x0 + ((x1 - x0) * i) / sections, -1.5, x0 + ((x1 - x0) * (i + 1)) / sections, 1.5],
      ward,
    ),
  );

  let nextBed = 1;
  const rooms = Array.from({ length: spec.rooms }, (_, i) => {
    const side: Side = i % 2 === 0 ? 1 : -1;
    const left = x0 + SUPPORT + Math.floor(i / 2) * width;
    const count = Math.min(spec.bedsPerRoom, spec.beds - nextBed + 1);
    const beds = Array.from({ length: count }, () => String(nextBed++).padStart(2, '0'));
    return addRoom(plan, spec, i + 1, side, left, beds);
  });
  plan.corridor.crossing(x1 - 0.5);
  return {
    spec,
    floor: plan.floor,
    rooms,
    corridorZones,
    entranceZone: corridorZones.at(entrance === 'west' ? 0 : -1)!,
    nurseStation,
    store,
    treatment,
  };
}

/** A patients' room: an aisle from the door, a stop before every bed. */
function addRoom(plan: FloorPlan, spec: WardSpec, number: number, side: Side, left: number, bedIds: readonly string[]): PlannedRoom {
  const { graph, doors } = plan.building;
  const width = roomWidth(spec);
  const zone = `${spec.id}-r${String(number).padStart(2, '0')}`;
  const label = bedIds.length > 0 ? `${bedIds[0]}–${bedIds.at(-1)}` : '';
  addZone(
    plan,
    zone,
    'room',
    { 'zh-CN': `${number} 号病房（${label} 床）`, en: `Room ${number} (beds ${label})` },
    beside(side, left, left + width, roomDepth(spec)),
    spec.id,
  );
  const x = left + width / 2;
  let aisle = nodeBeside(plan, `${zone}.in`, side, x, 1.2);
  doors.push({ id: `door-${zone}`, edges: joinLane(plan, side, x, aisle), zones: [zone] });
  const beds = [];
  for (let row = 0; row * 2 < bedIds.length; row++) {
    const depth = 1.2 + ROW_PITCH * (row + 1);
    const next = nodeBeside(plan, `${zone}.row${row + 1}`, side, x, depth);
    graph.bothWays(aisle, next);
    aisle = next;
    for (const [k, id] of bedIds.slice(row * 2, row * 2 + 2).entries()) {
      const stop = nodeBeside(plan, `${zone}.bed${id}`, side, x + (k === 0 ? -1.4 : 1.4), depth);
      graph.bothWays(next, stop);
      const station = `bed-${spec.id}-${id}`;
      graph.station(plan.floor, station, `${spec.name['zh-CN']} ${id} 床 · ${spec.name.en} bed ${id}`, [stop]);
      beds.push({ id, station });
    }
  }
  return { zone, beds };
}
