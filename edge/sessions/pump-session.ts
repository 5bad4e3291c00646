import type { PumpValue } from '#contracts/readings.ts';
import type { Instant, Millilitres } from '#contracts/units.ts';
import { createPumpState } from '#sensing/pump/pump.ts';
import type { PumpEstimate, PumpStatus } from '#sensing/pump/pump-estimate.ts';
import type { PumpAlarmWord, PumpStatusWord } from '../drivers/driver.ts';
import { figure, NOTHING, round, type Said, type Session } from './session.ts';

/** What the pump says beside its status is believed so long; wall clock. */
const FRESH_MS = 5000;
/** After so long without a row only a change of state is said. */
const QUIET_MS = 3000;

const STATUS_OF: Partial<Record<PumpAlarmWord['alarm'], PumpStatus>> = {
  occlusion: 'alarm_occlusion',
  air_in_line: 'alarm_air',
  door_open: 'door_open',
};

/** An infusion pump: status, limit and alarm come in separate answers and go to the core as one row. */
export function createPumpSession(timeFactor = 1): Session<'pump'> {
  const freshMs = FRESH_MS * timeFactor;
  const quietMs = QUIET_MS * timeFactor;
  const core = createPumpState({});
  let alarm: { kind: PumpAlarmWord['alarm']; at: Instant } | undefined;
  let limit: { toInfuseMl: Millilitres; at: Instant } | undefined;
  let rowAt: Instant | undefined;
  let hasUnknownAlarm = false;
  let lastState: PumpEstimate['state'] | undefined;

  function row(word: PumpStatusWord, at: Instant): void {
    const fresh = alarm && at - alarm.at <= freshMs ? alarm.kind : 'none';
    const alarmed = word.hasAlarm ? STATUS_OF[fresh] : undefined;
    hasUnknownAlarm = word.hasAlarm && alarmed === undefined && fresh !== 'battery_low';
    rowAt = at;
    core.step({
      receivedAt: at,
      status: alarmed ?? word.mode,
      isBatteryLow: fresh === 'battery_low',
      ...(word.rateMlPerHour === undefined ? {} : { rateMlPerHour: word.rateMlPerHour }),
      ...(word.infusedMl === undefined ? {} : { infusedMl: word.infusedMl }),
      ...(word.pressureMmHg === undefined ? {} : { pressureMmHg: word.pressureMmHg }),
      ...(limit && at - limit.at <= freshMs ? { toInfuseMl: limit.toInfuseMl } : {}),
    });
  }

  return {
    take(word, at) {
      if (word.kind === 'pump_alarm') alarm = { kind: word.alarm, at };
      else if (word.kind === 'to_infuse') limit = word.toInfuseMl === undefined ? undefined : { toInfuseMl: word.toInfuseMl, at };
      else row(word, at);
      return NOTHING;
    },
    tick(at) {
      const estimate = core.tick(at);
      const isQuiet = rowAt === undefined || at - rowAt > quietMs;
      if (isQuiet && (estimate.state === lastState || rowAt === undefined)) return NOTHING;
      lastState = estimate.state;
      const value: PumpValue = {
        kind: 'pump',
        ...figure('rateMlPerHour', estimate.rateMlPerHour, 3),
        ...figure('infusedMl', estimate.infusedMl, 3, 100_000),
        ...figure('remainingMl', estimate.remainingMl, 3),
        ...figure('flowMlPerHour', estimate.flowMlPerHour, 3),
        ...(estimate.pressureMmHg === undefined ? {} : { pressureMmHg: round(estimate.pressureMmHg, 2) }),
        state: estimate.state,
        isBatteryLow: estimate.isBatteryLow,
      };
      const said: Said[] = [{ at: isQuiet ? at : rowAt!, value }];
      if (hasUnknownAlarm && !isQuiet) said.push({ at, value: { kind: 'fault', fault: 'PUMP_ALARM' } });
      return said;
    },
    assign: () => undefined,
  };
}
