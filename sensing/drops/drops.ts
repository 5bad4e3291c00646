import type { DropEstimate, DropRate, DropRateOptions } from './drop-estimate.ts';

/** Estimator of one drip chamber. */
export function createDropRate(_options: DropRateOptions): DropRate {
  let dropCount = 0;
  return {
    order: () => undefined,
    refill: () => undefined,
    drop: () => {
      dropCount += 1;
    },
    ambient: () => undefined,
    tick: (): DropEstimate => ({ dropCount, state: 'unknown', events: [] }),
  };
}
