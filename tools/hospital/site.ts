import type { Device, Person, Robot, Site, Tag, Ward } from '#contracts/site.ts';
import { millilitres, milliseconds, percent } from '#contracts/units.ts';
import { type Random, random } from '#simulators/random.ts';
import { type BedSpec, bedDevices, type OrderRow, orderRow, roomDevices } from './bedside.ts';
import type { Hospital } from './hospitals.ts';
import { type DutyRow, demoPeople, dutyRows, type OccupancyRow, patientReference, type TagCounts, wardPeople, wardTags } from './people.ts';

/** Everything that a site folder holds. */
export interface SiteFiles {
  readonly site: Site;
  readonly orders: OrderRow[];
  readonly occupancy: OccupancyRow[];
  readonly duty: DutyRow[];
}

interface Furnishing {
  readonly isDemo: boolean;
  readonly cameraMs: number;
  readonly readersPerRoom: number;
  readonly tags: (wardIndex: number) => TagCounts;
  readonly deliveryRobots: number;
}

const FURNISHING: Record<Hospital['site'], Furnishing> = {
  demo: {
    isDemo: true,
    cameraMs: 10_000,
    readersPerRoom: 1,
    tags: () => ({ patients: 10, staff: 5, pumps: 3, bags: 4, equipment: 1 }),
    deliveryRobots: 4,
  },
  reference: {
    isDemo: false,
    cameraMs: 30_000,
    readersPerRoom: 2,
    tags: (i) => ({ patients: 23, staff: 7, pumps: 4, bags: 4, equipment: i < 6 ? 1 : 0 }),
    deliveryRobots: 44,
  },
};

export function furnish(hospital: Hospital, seed: number): SiteFiles {
  const furnishing = FURNISHING[hospital.site];
  const r = random(seed);
  const devices: Device[] = [];
  const tags: Tag[] = [];
  const people: Person[] = furnishing.isDemo ? [...demoPeople] : [];
  const orders: OrderRow[] = [];
  const occupancy: OccupancyRow[] = [];
  const duty: DutyRow[] = [];

  const wards = hospital.wards.map((planned, w): Ward => {
    const { id: ward, name } = planned.spec;
    const beds = planned.rooms.flatMap(({ zone, beds: inRoom }) => inRoom.map((bed) => ({ ...bed, zone })));
    const specs = beds.map((bed, i) => bedSpec(furnishing.isDemo, w, i, r.branch(`${ward}/${bed.id}`)));
    const occupied = beds.filter((_, i) => specs[i]!.hasOrder).map(({ id }) => ({ bed: id, patient: patientReference(r) }));
    const ownTags = wardTags(ward, occupied, furnishing.tags(w), r);
    tags.push(...ownTags);
    for (const { bed, patient } of occupied)
      occupancy.push({ ward, bed, patient, tag: ownTags.find((t) => t.kind === 'patient' && t.bed === bed)?.id ?? '' });
    for (const [i, bed] of beds.entries()) {
      const spec = specs[i]!;
      devices.push(...bedDevices(ward, bed.id, spec, furnishing.cameraMs));
      if (!spec.hasOrder) continue;
      for (const line of spec.lines)
        orders.push(orderRow(ward, bed.id, line, spec, line !== '1' || spec.flow === 'pump', r.branch(`${ward}/${bed.id}/${line}`)));
    }
    devices.push(...roomDevices(planned, furnishing.readersPerRoom, planned.outside));
    const nurses = furnishing.isDemo ? ['nurse'] : [1, 2, 3, 4].map((n) => `${ward}-nurse${n}`);
    const charge = furnishing.isDemo ? 'charge' : `${ward}-charge`;
    if (!furnishing.isDemo) people.push(...wardPeople(ward, 4));
    duty.push(
      ...dutyRows(
        ward,
        beds.map((bed) => bed.id),
        nurses,
        charge,
      ),
    );
    return {
      id: ward,
      name,
      floor: planned.floor,
      beds: beds.map(({ id, zone, station }, i) => ({
        id,
        zone,
        station,
        ...(specs[i]!.lines.length > 1 ? { lines: [...specs[i]!.lines] } : {}),
      })),
    };
  });
  if (!furnishing.isDemo)
    people.push(...demoPeople.filter(({ roles }) => !roles.some((role) => role === 'nurse' || role === 'charge_nurse')));

  const site: Site = {
    schema: 'site.v1',
    site: hospital.site,
    name: hospital.name,
    timeZone: 'Asia/Shanghai',
    layout: 'layout.lif.json',
    thresholds: {
      nearEmptyMl: millilitres(30),
      rateDeviationPercent: percent(10),
      sensorSilentMs: milliseconds(15_000),
      edgeLostMs: milliseconds(10_000),
    },
    wards,
    edges: wards.map(({ id }) => ({ id: `${id}-edge`, ward: id })),
    zones: hospital.house.zones,
    devices,
    tags,
    robots: robots(hospital, furnishing.deliveryRobots),
    lifts: [...hospital.house.lifts].map(([id, stops]) => ({ id, name: { 'zh-CN': `电梯 ${id}`, en: `Lift ${id}` }, stops })),
    doors: hospital.house.doors,
    chargers: [...hospital.house.chargers],
    holdingPoints: [...hospital.house.holdingPoints],
    pharmacyStation: 'pharmacy',
    people,
    seed: { orders: 'orders.csv', occupancy: 'occupancy.csv', duty: 'duty.csv' },
  };
  return { site, orders, occupancy, duty };
}

/** In the demo every kind of device is met on every ward and one room is free; in the reference hospital nine of ten beds are taken. */
function bedSpec(isDemo: boolean, ward: number, index: number, r: Random): BedSpec {
  const hasSecondLine = isDemo ? index === 2 + 3 * ward : false;
  return {
    level: (isDemo ? index % 3 === 2 : r.chance(0.4)) ? 'camera' : 'scale',
    flow: (isDemo ? index % 4 === 3 : r.chance(0.35)) ? 'pump' : 'drip',
    lines: hasSecondLine ? ['1', '2'] : ['1'],
    hasOrder: isDemo ? Math.floor(index / 2) !== 5 - ward : r.chance(0.9),
  };
}

/** Every robot has a charger of its own as home; the two kinds are spread over the floors. */
function robots({ house, floors }: Hospital, deliveryRobots: number): Robot[] {
  const total = deliveryRobots === 4 ? 6 : 60;
  const byFloor = floors.map((floor) => house.chargers.filter((node) => node.startsWith(`${floor}-`)));
  const homes: string[] = [];
  for (let i = 0; homes.length < total; i++)
    for (const chargers of byFloor) if (homes.length < total && chargers[i]) homes.push(chargers[i]!);
  const names = (prefix: string, i: number) => `${prefix}${String(i + 1).padStart(2, '0')}`;
  return homes.map((home, i): Robot => {
    const isDelivery = i < deliveryRobots;
    const id = isDelivery ? names('d', i) : names('uv', i - deliveryRobots);
    return {
      id,
      kind: isDelivery ? 'delivery' : 'disinfection',
      adapter: { type: 'vda5050', interfaceName: 'uagv', version: '2.0.0', manufacturer: 'wardline', serialNumber: id },
      home,
      minBatteryPercent: percent(20),
    };
  });
}
