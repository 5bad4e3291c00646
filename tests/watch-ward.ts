import type { Finding } from '#contracts/findings.ts';
import type { DripValue, LevelValue, PumpValue, ReadingValue, WeightValue } from '#contracts/readings.ts';
import type { Site } from '#contracts/site.ts';
import { fraction, grams, type Instant, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Infusion, Location, Order, Placement } from '#contracts/ward-state.ts';
import { houseMapOf } from '#watch/domain/house-map.ts';
import { createWatch } from '#watch/domain/watch.ts';

export const T0 = instant(Date.UTC(2026, 4, 2, 4));
const name = { en: 'Ward', 'zh-CN': '病区' };
const tcp = { type: 'tcp', host: '127.0.0.1', port: 1 } as const;
const metres = (values: number[]) => values as never;

/** Two wards: one with two rooms and one edge of four devices at bed b1, a reader and a spare scale; the other with one bed. */
export const watchSite: Site = {
  schema: 'site.v1',
  site: 'test',
  name,
  timeZone: 'Asia/Shanghai',
  wards: [
    {
      id: 'w1',
      name,
      beds: [
        { id: 'b1', zone: 'room1' },
        { id: 'b2', zone: 'room2', lines: ['1', '2'] },
      ],
    },
    { id: 'w2', name, beds: [{ id: 'b1', zone: 'room9' }] },
  ],
  edges: [
    { id: 'e1', ward: 'w1' },
    { id: 'e2', ward: 'w2' },
  ],
  devices: [
    { id: 'scale', edge: 'e1', driver: 'mt-sics', transport: tcp, placement: { bed: 'b1', line: '1' } },
    { id: 'drip', edge: 'e1', driver: 'drip', transport: tcp, placement: { bed: 'b1', line: '1' } },
    { id: 'pump', edge: 'e1', driver: 'pump', transport: tcp },
    { id: 'camera', edge: 'e1', driver: 'camera', transport: { type: 'http', url: 'http://127.0.0.1:1/', everyMs: 30_000 as never } },
    { id: 'reader', edge: 'e1', driver: 'yrm100', transport: tcp, antennaZones: ['room1', 'room2'] },
    { id: 'reader2', edge: 'e2', driver: 'yrm100', transport: tcp, antennaZones: ['room9'] },
  ],
  zones: [
    { id: 'room1', name, ward: 'w1', floor: 'f1', kind: 'room', rectangle: metres([0, 0, 4, 4]) },
    { id: 'room2', name, ward: 'w1', floor: 'f1', kind: 'room', rectangle: metres([4, 0, 8, 4]) },
    { id: 'room9', name, ward: 'w2', floor: 'f2', kind: 'room', rectangle: metres([0, 0, 4, 4]) },
  ],
  tags: [
    { id: 'band', kind: 'patient', ward: 'w1', bed: 'b1' },
    { id: 'bag', kind: 'bag', forPatient: 'p1' },
  ],
};

export const weight = (remainingMl: number, more: Partial<WeightValue> = {}): WeightValue => ({
  kind: 'weight',
  massGrams: grams(remainingMl),
  isStable: true,
  remainingMl: millilitres(remainingMl),
  remainingBoundMl: millilitres(3),
  flowMlPerHour: millilitresPerHour(120),
  flowBoundMlPerHour: millilitresPerHour(6),
  state: 'running',
  ...more,
});
export const drip = (dropCount: number, flow: number | undefined = 120, more: Partial<DripValue> = {}): DripValue => ({
  kind: 'drip',
  dropCount,
  ...(flow === undefined ? {} : { flowMlPerHour: millilitresPerHour(flow), flowBoundMlPerHour: millilitresPerHour(flow * 0.03) }),
  state: 'ok',
  ...more,
});
export const pump = (state: PumpValue['state'], more: Partial<PumpValue> = {}): PumpValue => ({
  kind: 'pump',
  rateMlPerHour: millilitresPerHour(120),
  state,
  isBatteryLow: false,
  ...more,
});
export const level = (remainingMl: number, more: Partial<LevelValue> = {}): LevelValue => ({
  kind: 'level',
  fraction: fraction(remainingMl / 500),
  remainingMl: millilitres(remainingMl),
  remainingBoundMl: millilitres(20),
  confidence: fraction(0.9),
  state: 'running',
  ...more,
});
export const tag = (id: string, zone: string | undefined, rssi = -55): ReadingValue => ({
  kind: 'tag',
  tag: id,
  ...(zone === undefined ? {} : { zone }),
  antenna: 1,
  rssiDbm: rssi as never,
  reads: 4,
});
export const order = (more: Partial<Order> = {}): Order => ({
  schema: 'order.v1',
  order: 'o1',
  ward: 'w1',
  bed: 'b1',
  line: '1',
  state: 'running',
  label: 'NaCl 0.9 %',
  volumeMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(120),
  delivery: 'gravity',
  startedAt: T0,
  at: T0,
  ...more,
});
export const placement = (device: string, bed?: string, line?: string, edge = 'e1', ward = 'w1'): Placement => ({
  schema: 'placement.v1',
  device,
  ward,
  edge,
  ...(bed === undefined ? {} : { bed }),
  ...(line === undefined ? {} : { line }),
  at: T0,
});

/** A watch over `watchSite` under a time of its own, with everything that it says. Settled, scale and drip counter placed, unless told otherwise. */
export function watchWard(options: { findings?: Finding[]; site?: Site; isSettled?: boolean; at?: Instant } = {}) {
  const said = { findings: [] as Finding[], infusions: [] as Infusion[], locations: [] as Location[], refused: [] as string[] };
  let now = options.at ?? T0;
  let sequence = 0;
  let batch = 0;
  const watch = createWatch({
    map: houseMapOf(options.site ?? watchSite),
    now,
    findings: options.findings ?? [],
    sayFinding: (finding) => said.findings.push(finding),
    sayInfusion: (infusion) => said.infusions.push(infusion),
    sayLocation: (location) => said.locations.push(location),
    sayPresence: () => undefined,
    sayRefused: (sender, because) => said.refused.push(`${sender}: ${because}`),
  });
  watch.placement('w1', 'scale', placement('scale', 'b1', '1'), now);
  watch.placement('w1', 'drip', placement('drip', 'b1', '1'), now);
  if (options.isSettled !== false) watch.settle(now);

  const ward = {
    watch,
    said,
    get now() {
      return now;
    },
    /** Lets time pass in steps of 100 ms, as the process does. */
    pass(seconds: number) {
      const until = now + seconds * 1000;
      while (now < until) {
        now = instant(Math.min(until, now + 100));
        watch.tick(now);
      }
    },
    /** One batch of edge e1 (or another) with one reading a device, measured now. */
    read(values: Record<string, ReadingValue>, more: { edge?: string; isBacklog?: boolean; measuredAt?: Instant; sentAt?: Instant } = {}) {
      const { edge = 'e1', isBacklog = false, measuredAt = now, sentAt = now } = more;
      const readings = Object.entries(values).map(([device, value]) => ({ device, sequence: ++sequence, measuredAt, value }));
      watch.batch(edge === 'e1' ? 'w1' : 'w2', edge, { schema: 'readings.v1', edge, batch: ++batch, sentAt, isBacklog, readings }, now);
    },
    order: (more: Partial<Order> = {}) =>
      watch.order(more.ward ?? 'w1', more.bed ?? 'b1', more.line ?? '1', order({ ...more, at: now }), now),
    /** `near_empty+1 near_empty-1`: what was said, with its occurrence, since the last call. */
    told(): string {
      const words = said.findings.map(({ kind, isPresent, occurrence }) => `${kind}${isPresent ? '+' : '-'}${occurrence}`);
      said.findings.length = 0;
      return words.join(' ');
    },
    infusion: () => said.infusions.findLast(({ ward: w, bed, line }) => w === 'w1' && bed === 'b1' && line === '1'),
  };
  return ward;
}
