import { parseArgs } from 'node:util';
import { ReadingBatch } from '#contracts/readings.ts';
import type { Site } from '#contracts/site.ts';
import { type Instant, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import { parser } from '#runtime/validate.ts';
import { houseMapOf } from '#watch/domain/house-map.ts';
import { createWatch } from '#watch/domain/watch.ts';

/** What the watch must carry on half a core (design §6). */
const GOAL_PER_SECOND = 32_000;
const BATCH = 100;
const T0 = Date.UTC(2026, 0, 1);

/** CPU time of this process, its garbage collector included: the machine may be busy with other things. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** A hospital of wards with 50 beds, a scale and a drip counter at every bed. */
function hospital(wards: number): Site {
  const name = { en: 'Ward', 'zh-CN': '病区' };
  const transport = { type: 'tcp', host: '127.0.0.1', port: 1 } as const;
  const ids = Array.from({ length: wards }, (_, i) => `w${i}`);
  const beds = Array.from({ length: BATCH / 2 }, (_, i) => `${i + 1}`);
  return {
    schema: 'site.v1',
    site: 'bench',
    name,
    timeZone: 'Asia/Shanghai',
    wards: ids.map((id) => ({ id, name, beds: beds.map((bed) => ({ id: bed })) })),
    edges: ids.map((id) => ({ id: `e-${id}`, ward: id })),
    devices: ids.flatMap((ward) =>
      beds.flatMap((bed) =>
        (['scale', 'drip'] as const).map((kind) => ({ id: `${kind}-${ward}-${bed}`, edge: `e-${ward}`, driver: kind, transport })),
      ),
    ),
  };
}

/** One second of a ward. `episodes`: the share of readings that open or close a finding. */
function batchOf(ward: string, second: number, episodeShare: number): ReadingBatch {
  const at = instant(T0 + second * 1000);
  const readings: ReadingBatch['readings'] = [];
  for (let bed = 1; bed <= BATCH / 2; bed++) {
    // The chosen beds are swapped between full and almost empty every second.
    const isSwapped = bed <= BATCH * episodeShare && second % 2 === 1;
    const remaining = isSwapped ? 20 : 450 - (second * 120) / 3600;
    readings.push(
      {
        device: `scale-${ward}-${bed}`,
        sequence: second,
        measuredAt: at,
        value: {
          kind: 'weight',
          massGrams: remaining as never,
          isStable: true,
          remainingMl: millilitres(remaining),
          remainingBoundMl: millilitres(3),
          flowMlPerHour: millilitresPerHour(118 + (second % 3)),
          flowBoundMlPerHour: millilitresPerHour(9),
          state: 'running',
        },
      },
      {
        device: `drip-${ward}-${bed}`,
        sequence: second,
        measuredAt: at,
        value: { kind: 'drip', dropCount: Math.floor((second * 2) / 3), flowMlPerHour: millilitresPerHour(121), state: 'ok' },
      },
    );
  }
  return { schema: 'readings.v1', edge: `e-${ward}`, batch: second, sentAt: at, isBacklog: false, readings };
}

function measure(wards: number, seconds: number, episodeShare: number) {
  const site = hospital(wards);
  const count = { findings: 0, infusions: 0 };
  const watch = createWatch({
    map: houseMapOf(site),
    now: instant(T0),
    findings: [],
    sayFinding: () => count.findings++,
    sayInfusion: () => count.infusions++,
    sayLocation: () => undefined,
    sayPresence: () => undefined,
    sayRefused: (sender, because) => {
      throw new Error(`${sender}: ${because}`);
    },
  });
  for (const { id: ward, beds } of site.wards)
    for (const { id: bed } of beds) {
      const at = instant(T0);
      for (const kind of ['scale', 'drip'])
        watch.placement(
          ward,
          `${kind}-${ward}-${bed}`,
          { schema: 'placement.v1', device: `${kind}-${ward}-${bed}`, ward, edge: `e-${ward}`, bed, line: '1', at },
          at,
        );
      watch.order(ward, bed, '1', orderOf(ward, bed, at), at);
    }
  watch.settle(instant(T0));
  const batches = parser(ReadingBatch);
  const payloads: string[] = [];
  let coreMs = 0;
  let wholeMs = 0;
  let readings = 0;
  for (let second = 1; second <= seconds; second++) {
    payloads.length = 0;
    for (const { id } of site.wards) payloads.push(JSON.stringify(batchOf(id, second, episodeShare)));
    const now = instant(T0 + second * 1000 + 20);
    const begun = cpuMs();
    const parsed = payloads.map((text) => JSON.parse(text) as unknown);
    for (const batch of parsed) if (!batches.check(batch)) throw new Error('the bench makes a batch that does not fit its schema');
    const ready = cpuMs();
    for (const batch of parsed as ReadingBatch[]) {
      watch.batch(batch.edge.slice(2), batch.edge, batch, now);
      readings += batch.readings.length;
    }
    watch.tick(now);
    const done = cpuMs();
    coreMs += done - ready;
    wholeMs += done - begun;
  }
  return { readings, coreMs, wholeMs, ...count };
}

const orderOf = (ward: string, bed: string, at: Instant): Order => ({
  schema: 'order.v1',
  order: `o-${ward}-${bed}`,
  ward,
  bed,
  line: '1',
  state: 'running',
  label: 'NaCl 0.9 %',
  volumeMl: millilitres(500),
  rateMlPerHour: millilitresPerHour(120),
  delivery: 'gravity',
  startedAt: at,
  at,
});

/** Measures the watch's pure core in CPU time, every line said once a second (its flow differs by 1 ml/h each time); prints one JSON line. `--wards 13 --seconds 100 --episodes 0.01`. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      wards: { type: 'string', default: '13' },
      seconds: { type: 'string', default: '200' },
      episodes: { type: 'string', default: '0.01' },
    },
  });
  const [wards, seconds, episodes] = [Number(values.wards), Number(values.seconds), Number(values.episodes)];
  measure(wards, 20, episodes);
  const { readings, coreMs, wholeMs, findings, infusions } = measure(wards, seconds, episodes);
  const per = (ms: number) => Math.round((readings / ms) * 1000);
  const share = (ms: number) => Number((((GOAL_PER_SECOND / readings) * ms) / 1000).toFixed(3));
  process.stdout.write(
    `${JSON.stringify({
      bench: 'watch',
      readings,
      batch: BATCH,
      lines: (wards * BATCH) / 2,
      findings,
      infusions,
      readingsPerSecond: per(coreMs),
      readingsPerSecondWithParsing: per(wholeMs),
      coreShareAt32000: share(coreMs),
      coreShareAt32000WithParsing: share(wholeMs),
    })}\n`,
  );
}

if (import.meta.main) await run(process.argv.slice(2));
