import { type Static, Type } from 'typebox';
import { grams, gramsPerMillilitre, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import { densityOfSolution } from '#sensing/weighing/solution-density.ts';
import { createWeighing } from '#sensing/weighing/weighing.ts';
import type { WeighingOrder } from '#sensing/weighing/weighing-estimate.ts';
import type { ResultFile } from './result-file.ts';
import { openTrace, parseLine } from './trace-file.ts';

const N = Type.Number();
const Order = Type.Object({
  order_id: Type.String(),
  role: Type.Union([Type.Literal('primary'), Type.Literal('piggyback')]),
  known_from_s: N,
  solution: Type.Optional(Type.String()),
  volume_ml: N,
  rate_ml_h: N,
  density_g_ml: Type.Optional(Type.Union([N, Type.Null()])),
  delivery: Type.Union([Type.Literal('gravity'), Type.Literal('pump')]),
  container: Type.Object({ kind: Type.String(), tare_g: Type.Union([N, Type.Null()]) }),
  set_supported_g: Type.Optional(N),
  near_empty: Type.Optional(Type.Object({ threshold_ml: N })),
  prior: Type.Optional(Type.Union([Type.Object({ remaining_ml_est: N }), Type.Null()])),
  rate_changes: Type.Optional(Type.Union([Type.Array(Type.Object({ known_from_s: N, rate_ml_h: N })), Type.Null()])),
});
const Header = Type.Object({ trace: Type.String(), dur_s: N, orders: Type.Array(Order) });
const Rows = Type.Object({ rows: Type.Array(Type.Tuple([N, N, N, N, N, N, N, N, N])) });

function weighingOrder(order: Static<typeof Order>, rate: number): WeighingOrder {
  const density = order.density_g_ml ?? densityOfSolution(order.solution ?? '');
  const { tare_g: tare, kind } = order.container;
  return {
    id: order.order_id,
    role: order.role,
    labelMl: millilitres(order.volume_ml),
    rateMlPerHour: millilitresPerHour(rate),
    delivery: order.delivery,
    containerKind: kind,
    ...(density === undefined ? {} : { density: gramsPerMillilitre(density) }),
    ...(tare === null ? {} : { tareGrams: grams(tare) }),
    ...(order.set_supported_g === undefined ? {} : { setGrams: grams(order.set_supported_g) }),
    ...(order.near_empty === undefined ? {} : { nearEmptyMl: millilitres(order.near_empty.threshold_ml) }),
    ...(order.prior ? { priorRemainingMl: millilitres(order.prior.remaining_ml_est) } : {}),
  };
}

/** Runs the weighing core over one trace; returns the samples it took. */
export function evaluateWeighing(path: string, results: ResultFile): number {
  const { header, lines } = openTrace(path, Header);
  const { trace } = header;
  const weighing = createWeighing();
  const known = header.orders
    .flatMap((order) => [
      { from: order.known_from_s, order: weighingOrder(order, order.rate_ml_h) },
      ...(order.rate_changes ?? []).map((change) => ({ from: change.known_from_s, order: weighingOrder(order, change.rate_ml_h) })),
    ])
    .sort((a, b) => a.from - b.from);
  let taken = 0;
  let second = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    for (const [t, mass, ax, ay, az, gx, gy, gz, ir] of parseLine(Rows, line, path).rows) {
      while (known.length > 0 && known[0]!.from <= t) weighing.order(known.shift()!.order, instant(t * 1000));
      const estimate = weighing.step({
        at: instant(t * 1000),
        massGrams: grams(mass),
        acceleration: { x: ax, y: ay, z: az },
        rotation: { x: gx, y: gy, z: gz },
        isNear: ir === 1,
      });
      taken += 1;
      // Stated at the sample that completed it, which may be later than the second it speaks of.
      for (const event of estimate.events) results.write({ trace, t_s: t, alarm: event.kind });
      if (Math.floor(t) <= second) continue;
      second = Math.floor(t);
      results.write({ trace, t_s: t, remaining_ml: estimate.remainingMl, flow_ml_h: estimate.flowMlPerHour, state: estimate.state });
    }
  }
  return taken;
}
