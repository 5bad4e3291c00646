import type { Device } from '#contracts/site.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Random } from '#simulators/random.ts';
import type { PlannedWard } from './ward-plan.ts';

/** Devices on beds and in rooms, and what hangs on every line. */

export interface OrderRow {
  readonly ward: string;
  readonly bed: string;
  readonly line: string;
  readonly label: string;
  readonly volumeMl: number;
  readonly rateMlPerHour: number;
  readonly delivery: 'gravity' | 'pump';
  readonly densityGramsPerMl: number;
  readonly container: 'bag' | 'pp_bottle' | 'glass_bottle';
  readonly tareGrams: number;
  readonly setWeightGrams: number;
  readonly dropsPerMl: number;
  readonly nearEmptyMl: number;
  readonly start: 'yes' | 'no';
}

/** Densities from partial volumes, g/mL. */
const SOLUTIONS = [
  { label: '0.9% 氯化钠 / NaCl', density: 1.0046, volumes: [100, 250, 500] },
  { label: '5% 葡萄糖 / Glucose', density: 1.017, volumes: [250, 500] },
  { label: '10% 葡萄糖 / Glucose', density: 1.036, volumes: [500] },
  { label: '复方氯化钠 / Ringer', density: 1.0053, volumes: [500] },
  { label: '20% 甘露醇 / Mannitol', density: 1.067, volumes: [250] },
] as const;

/** Weight of an empty container by nominal volume, grams. */
const TARES = {
  bag: { 100: 12, 250: 17, 500: 26 },
  pp_bottle: { 100: 16, 250: 22, 500: 32 },
  glass_bottle: { 100: 115, 250: 190, 500: 320 },
} as const;

const GRAVITY_RATES = [60, 80, 100, 120, 150] as const;
const PUMP_RATES = [20, 40, 50, 75, 100, 125] as const;

export interface BedSpec {
  readonly level: 'scale' | 'camera';
  readonly flow: 'drip' | 'pump';
  readonly lines: readonly string[];
  readonly hasOrder: boolean;
}

export function orderRow(ward: string, bed: string, line: string, spec: BedSpec, isPump: boolean, r: Random): OrderRow {
  const solution = r.pick(SOLUTIONS);
  const volumeMl = r.pick(solution.volumes);
  // Cameras here look at bags: their pictures are of bags.
  const container = spec.level === 'camera' ? 'bag' : r.pick(['bag', 'bag', 'bag', 'pp_bottle', 'glass_bottle'] as const);
  return {
    ward,
    bed,
    line,
    label: `${solution.label} ${volumeMl} mL`,
    volumeMl,
    rateMlPerHour: isPump ? r.pick(PUMP_RATES) : r.pick(GRAVITY_RATES),
    delivery: isPump ? 'pump' : 'gravity',
    densityGramsPerMl: solution.density,
    container,
    tareGrams: TARES[container][volumeMl],
    setWeightGrams: 8,
    dropsPerMl: 20,
    nearEmptyMl: volumeMl === 100 ? 20 : 30,
    start: spec.hasOrder ? 'yes' : 'no',
  };
}

const socket = { type: 'shared', path: 'sim/devices.sock' } as const;

export function bedDevices(ward: string, bed: string, spec: BedSpec, cameraMs: number): Device[] {
  const edge = `${ward}-edge`;
  const name = (what: string) => `${ward}-${bed}-${what}`;
  const placement = { bed, line: '1' };
  const devices: Device[] = [];
  if (spec.level === 'scale') devices.push({ id: name('scale'), edge, driver: 'mt-sics', transport: socket, placement });
  else {
    const id = name('camera');
    const transport = { type: 'http' as const, url: `http://127.0.0.1:18480/camera/${id}.jpg`, everyMs: milliseconds(cameraMs) };
    devices.push({ id, edge, driver: 'http-jpeg', transport, placement });
  }
  if (spec.flow === 'drip')
    devices.push({
      id: name('drip'),
      edge,
      driver: 'drip-counter',
      transport: socket,
      placement,
      dropsPerMl: 20 as Device['dropsPerMl'] & number,
    });
  else devices.push({ id: name('pump'), edge, driver: 'alaris-gh', transport: socket, placement });
  for (const line of spec.lines.slice(1))
    devices.push({ id: name(`pump${line}`), edge, driver: 'alaris-gh', transport: socket, placement: { bed, line } });
  return devices;
}

/** Tag readers and presence sensors: `readersPerRoom` in every room, one in every other space of the ward and in those `outside` its entrance. */
export function roomDevices(
  { spec: { id: ward }, rooms, ...plan }: PlannedWard,
  readersPerRoom: number,
  outside: readonly string[],
): Device[] {
  const edge = `${ward}-edge`;
  const reader = (name: string, zone: string): Device => ({
    id: `${name}-reader`,
    edge,
    driver: 'yrm100',
    transport: socket,
    antennaZones: [zone],
  });
  return [
    ...rooms.flatMap(({ zone }) =>
      Array.from({ length: readersPerRoom }, (_, i) => reader(readersPerRoom === 1 ? zone : `${zone}-${i + 1}`, zone)),
    ),
    ...plan.corridorZones.map((zone) => reader(zone, zone)),
    reader(plan.nurseStation, plan.nurseStation),
    reader(plan.store, plan.store),
    reader(plan.treatment, plan.treatment),
    ...outside.map((zone) => reader(`${ward}-${zone}`, zone)),
    ...rooms.map(({ zone }): Device => ({ id: `${zone}-presence`, edge, driver: 'presence', transport: socket, zone })),
  ];
}
