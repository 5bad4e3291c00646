import type { PumpState } from '#contracts/readings.ts';
import { instant, millilitres, millilitresPerHour, millimetresOfMercury, milliseconds } from '#contracts/units.ts';
import { createArrivalOrder } from './arrival-order.ts';
import { createDelivered } from './delivered.ts';
import { createOcclusionWatch } from './occlusion.ts';
import type { PumpEstimate, PumpEvent, PumpEventKind, PumpOptions, PumpRow, PumpStatus, PumpTracker } from './pump-estimate.ts';

const SILENCE_LIMIT_MS = 60_000;
/** A pump whose battery was low and that then falls silent is off, not merely unheard. */
const POWER_LOST_AFTER_MS = 20_000;
/** Rows missing for this long leave a hole in the pressure's course. */
const PRESSURE_GAP_MS = 10_000;
/** A flag must have been away so long before it counts as new. */
const REPEAT_AFTER_MS = 30_000;
/** Bounds of what a row may claim; beyond them a field counts as absent (the contract's bounds). */
const RATE_MAX = 20_000;
const VOLUME_MAX = 100_000;

const STATE_OF: Readonly<Record<PumpStatus, PumpState>> = {
  infusing: 'infusing',
  kvo: 'kvo',
  standby: 'standby',
  stopped: 'stopped',
  alarm_occlusion: 'occluded',
  alarm_air: 'air_in_line',
  door_open: 'door_open',
};
const EVENT_OF: ReadonlyMap<PumpState, PumpEventKind> = new Map([
  ['occluded', 'occlusion'],
  ['air_in_line', 'air_in_line'],
  ['door_open', 'door_open'],
  ['kvo', 'infusion_complete'],
]);

const within = (value: number | undefined, least: number, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined;

const NO_EVENTS: readonly PumpEvent[] = [];

/** Tracker of one infusion pump. Its memory is bounded: one window of pressures. */
export function createPumpState(options: PumpOptions = {}): PumpTracker {
  const silenceLimit = options.silenceLimit ?? SILENCE_LIMIT_MS;
  const order = createArrivalOrder();
  const delivered = createDelivered();
  const occlusion = createOcclusionWatch();
  const lastTrueAt = new Map<PumpEventKind, number>();
  let events: PumpEvent[] = [];
  let status: PumpStatus | undefined;
  let state: PumpState = 'unknown';
  let isLost = false;
  let isBatteryLow = false;
  let heardAt = Number.NEGATIVE_INFINITY;
  let newAt = Number.NEGATIVE_INFINITY;
  let rate: number | undefined;
  let remaining: number | undefined;
  let pressure: number | undefined;

  /** Notes that `kind` holds at `at`; it is an event where it did not hold for a while before. */
  function holds(kind: PumpEventKind, at: number): void {
    const last = lastTrueAt.get(kind);
    lastTrueAt.set(kind, at);
    if (last === undefined || at - last > REPEAT_AFTER_MS) events.push({ kind, at: instant(at) });
  }

  function pressureSaysClosed(at: number): boolean {
    if (status !== 'infusing' || rate === undefined || rate <= 0) {
      // While its own alarm stands, the pressure is kept up by the closed line: nothing to learn.
      occlusion.reset();
      return false;
    }
    if (at - newAt > PRESSURE_GAP_MS) occlusion.reset();
    return pressure !== undefined && occlusion.step(at / 1000, pressure, rate);
  }

  function take(row: PumpRow, at: number): void {
    const hasRateChanged = rate !== undefined && row.rateMlPerHour !== rate;
    status = row.status;
    rate = within(row.rateMlPerHour, 0, RATE_MAX);
    remaining = within(row.toInfuseMl, 0, RATE_MAX) ?? remaining;
    pressure = within(row.pressureMmHg, -1000, 5000);
    isBatteryLow = row.isBatteryLow ?? false;
    if (hasRateChanged) occlusion.reset();
    const counter = within(row.infusedMl, 0, VOLUME_MAX);
    if (counter !== undefined && delivered.step(counter)) holds('counter_reset', at);
    state = pressureSaysClosed(at) ? 'occluded' : STATE_OF[row.status];
    newAt = at;
    const kind = EVENT_OF.get(state);
    if (kind) holds(kind, at);
    if (isBatteryLow) holds('battery_low', at);
  }

  function estimate(): PumpEstimate {
    const isFlowing = state === 'infusing' || state === 'kvo';
    const isUnknown = state === 'unknown';
    const total = delivered.total();
    const offset = order.offset();
    return {
      state,
      isBatteryLow,
      ...(rate === undefined || isLost ? {} : { rateMlPerHour: millilitresPerHour(rate) }),
      ...(total === undefined ? {} : { infusedMl: millilitres(total) }),
      ...(remaining === undefined ? {} : { remainingMl: millilitres(remaining) }),
      ...(isUnknown || (isFlowing && rate === undefined) ? {} : { flowMlPerHour: millilitresPerHour(isFlowing ? rate! : 0) }),
      ...(pressure === undefined || isLost ? {} : { pressureMmHg: millimetresOfMercury(pressure) }),
      ...(offset === undefined ? {} : { clockOffset: milliseconds(offset) }),
      events: events.length === 0 ? NO_EVENTS : events,
    };
  }

  return {
    step(row) {
      events = [];
      const at = row.receivedAt;
      if (!Number.isFinite(at) || at < heardAt || !(row.status in STATE_OF)) return estimate();
      heardAt = at;
      isLost = false;
      const arrival = row.deviceAt !== undefined && Number.isFinite(row.deviceAt) ? order.judge(at, row.deviceAt) : 'new';
      if (arrival === 'new') take(row, at);
      else if (state === 'unknown' || state === 'off') state = status === undefined ? 'unknown' : STATE_OF[status];
      return estimate();
    },
    tick(at) {
      events = [];
      const silence = at - heardAt;
      if (status !== undefined && isBatteryLow && silence > POWER_LOST_AFTER_MS) state = 'off';
      if (status !== undefined && silence >= silenceLimit && !isLost) {
        isLost = true;
        if (state !== 'off') state = 'unknown';
        holds('comm_lost', at);
      }
      return estimate();
    },
  };
}
