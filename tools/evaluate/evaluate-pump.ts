import { Type } from 'typebox';
import { instant, millilitres, millilitresPerHour, millimetresOfMercury } from '#contracts/units.ts';
import { createPumpState } from '#sensing/pump/pump.ts';
import { type PumpEstimate, type PumpStatus, pumpStatuses } from '#sensing/pump/pump-estimate.ts';
import type { ResultFile } from './result-file.ts';
import { openTrace, parseLine, TraceError } from './trace-file.ts';

const Header = Type.Object({ trace: Type.String(), dur_s: Type.Number(), occlusion_limit_mmHg: Type.Optional(Type.Number()) });
const N = Type.Number();
const Rows = Type.Object({ rows: Type.Array(Type.Tuple([N, N, N, N, N, N, Type.String()])) });
const known: ReadonlySet<string> = new Set(pumpStatuses);

/** Runs the pump tracker over one trace; returns the rows it took. */
export function evaluatePump(path: string, results: ResultFile): number {
  const { header, lines } = openTrace(path, Header);
  const pump = createPumpState(
    header.occlusion_limit_mmHg === undefined ? {} : { occlusionLimitMmHg: millimetresOfMercury(header.occlusion_limit_mmHg) },
  );
  const { trace } = header;
  let taken = 0;
  let second = 0;
  const publish = (at: number, estimate: PumpEstimate, isDue: boolean) => {
    for (const event of estimate.events) results.write({ trace, t_s: event.at / 1000, alarm: event.kind });
    if (!isDue) return;
    results.write({
      trace,
      t_s: at,
      remaining_ml: estimate.remainingMl,
      flow_ml_h: estimate.flowMlPerHour,
      infused_ml: estimate.infusedMl,
      state: estimate.state,
    });
  };
  const advance = (until: number) => {
    for (; second <= until; second += 1) publish(second, pump.tick(instant(second * 1000)), true);
  };
  for (const line of lines) {
    for (const [receivedS, deviceS, rate, toInfuse, infused, pressure, words] of parseLine(Rows, line, path).rows) {
      // A tick at a whole second comes before the rows that arrive after it, so that nothing is known early.
      advance(Math.ceil(receivedS) - 1);
      const [status = '', ...flags] = words.split('|');
      if (!known.has(status)) throw new TraceError(`${path} line ${line.number}: unknown status ${JSON.stringify(status)}`);
      const estimate = pump.step({
        receivedAt: instant(receivedS * 1000),
        deviceAt: instant(deviceS * 1000),
        status: status as PumpStatus,
        isBatteryLow: flags.includes('batt_low'),
        rateMlPerHour: millilitresPerHour(rate),
        toInfuseMl: millilitres(toInfuse),
        infusedMl: millilitres(infused),
        pressureMmHg: millimetresOfMercury(pressure),
      });
      publish(receivedS, estimate, false);
      taken += 1;
    }
  }
  advance(Math.floor(header.dur_s));
  return taken;
}
