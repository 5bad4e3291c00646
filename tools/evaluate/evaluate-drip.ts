import { Type } from 'typebox';
import { dropsPerMillilitre, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import { createDropRate } from '#sensing/drops/drops.ts';
import type { ResultFile } from './result-file.ts';
import { openTrace, parseLine } from './trace-file.ts';

const Header = Type.Object({
  trace: Type.String(),
  dur_s: Type.Number(),
  drop_factor: Type.Number({ exclusiveMinimum: 0 }),
  remaining_start_ml_est: Type.Optional(Type.Number({ minimum: 0 })),
  orders: Type.Array(Type.Object({ known_from_s: Type.Number(), rate_ml_h: Type.Number({ minimum: 0 }) })),
});
const Minute = Type.Object({ t0: Type.Number(), drops: Type.Array(Type.Number()), amb: Type.Array(Type.Number()) });

/** Runs the drip core over one trace second by second; returns the drops it took. */
export function evaluateDrip(path: string, results: ResultFile): number {
  const { header, lines } = openTrace(path, Header);
  const { trace } = header;
  const left = header.remaining_start_ml_est;
  const drip = createDropRate({
    dropFactor: dropsPerMillilitre(header.drop_factor),
    ...(left === undefined ? {} : { remainingMl: millilitres(left) }),
  });
  const orders = [...header.orders].sort((a, b) => a.known_from_s - b.known_from_s);
  let taken = 0;
  for (const line of lines) {
    const { t0, drops, amb } = parseLine(Minute, line, path);
    let next = 0;
    for (let second = 0; second < amb.length; second += 1) {
      const end = t0 + second + 1;
      while (orders.length > 0 && orders[0]!.known_from_s < end) {
        const order = orders.shift()!;
        drip.order(millilitresPerHour(order.rate_ml_h), instant(order.known_from_s * 1000));
      }
      for (; next < drops.length && drops[next]! < end; next += 1) {
        drip.drop(instant(drops[next]! * 1000));
        taken += 1;
      }
      drip.ambient(amb[second]!, instant(end * 1000));
      const estimate = drip.tick(instant(end * 1000));
      for (const event of estimate.events) results.write({ trace, t_s: event.at / 1000, alarm: event.kind });
      results.write({ trace, t_s: end, remaining_ml: estimate.remainingMl, flow_ml_h: estimate.flowMlPerHour, state: estimate.state });
    }
  }
  return taken;
}
