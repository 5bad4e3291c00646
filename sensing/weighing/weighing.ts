import type { Weighing, WeighingEstimate } from './weighing-estimate.ts';

const UNKNOWN: WeighingEstimate = { state: 'unknown', isCalm: false, events: [] };

/** Estimator of one hanging scale. */
export function createWeighing(): Weighing {
  return { order: () => undefined, endOrder: () => undefined, step: () => UNKNOWN };
}
