import type { PumpEstimate, PumpOptions, PumpTracker } from './pump-estimate.ts';

const UNKNOWN: PumpEstimate = { state: 'unknown', isBatteryLow: false, events: [] };

/** Tracker of one infusion pump. */
export function createPumpState(_options: PumpOptions = {}): PumpTracker {
  return { step: () => UNKNOWN, tick: () => UNKNOWN };
}
