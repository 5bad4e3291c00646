/**
 * What is typical of containers and sets, as normal distributions (mean, standard deviation), where an order does not say or says only roughly.
 *
 * Sources: empty masses are linear in the volume for each kind, from catalogue masses in orders; a piece differs from its catalogue by some 2.5 %. Sets scatter by 4 g and filling is 3 to 8 % above the
 * label, by the description of the development traces (a 100 ml bag: 106 to 112 ml, AJCC 2000). What cannot flow out, what fills a set, how widely fillings and beliefs scatter were fitted to the truth
 * of these simulated traces: they stand in for figures that are not published, and are to be replaced by a hospital's own.
 */
import type { WeighingOrder } from './weighing-estimate.ts';

export interface Normal {
  readonly mean: number;
  readonly sd: number;
}

const EMPTY_MASS: ReadonlyMap<string, { readonly grams: number; readonly perMl: number }> = new Map([
  ['bag_pvc', { grams: 14, perMl: 0.03 }],
  ['bag_pp', { grams: 12, perMl: 0.018 }],
  ['semi_rigid', { grams: 14, perMl: 0.032 }],
  ['glass', { grams: 180, perMl: 0.12 }],
]);
const EMPTY_MASS_ELSE = { grams: 14, perMl: 0.028 };
const PIECE_SHARE = 0.025;
const SET_GRAMS: Normal = { mean: 20, sd: 4.4 };
/** A container that does not collapse keeps more back. */
const RESIDUAL_SHARE: ReadonlyMap<string, Normal> = new Map([
  ['bag_pvc', { mean: 0.009, sd: 0.004 }],
  ['bag_pp', { mean: 0.01, sd: 0.005 }],
  ['semi_rigid', { mean: 0.017, sd: 0.007 }],
  ['glass', { mean: 0.012, sd: 0.005 }],
]);
const RESIDUAL_SHARE_ELSE: Normal = { mean: 0.013, sd: 0.007 };
const FILLED_SHARE: Normal = { mean: 1.053, sd: 0.016 };
const PRIMING_ML: Normal = { mean: 15, sd: 3.5 };
const PRIOR_SD_ML = 1.2;
const PRIOR_SD_SHARE = 0.011;
/** Between isotonic saline and glucose 5 %. */
export const DENSITY_ELSE = 1.009;

/** Mass of the empty container, g. */
export function tareOf(order: WeighingOrder): Normal {
  if (order.tareGrams !== undefined) return { mean: order.tareGrams, sd: Math.max(0.4, order.tareGrams * PIECE_SHARE) };
  const known = EMPTY_MASS.get(order.containerKind ?? '');
  const typical = known ?? EMPTY_MASS_ELSE;
  const mean = typical.grams + typical.perMl * order.labelMl;
  return { mean, sd: known ? 0.5 + mean * 0.035 : 3 + mean * 0.2 };
}

/** Mass of the infusion set that hangs on the scale, g. */
export const setOf = (order: WeighingOrder): Normal => ({ mean: order.setGrams ?? SET_GRAMS.mean, sd: SET_GRAMS.sd });

/** Liquid that cannot flow out, ml. */
export function residualOf(order: WeighingOrder): Normal {
  const share = RESIDUAL_SHARE.get(order.containerKind ?? '') ?? RESIDUAL_SHARE_ELSE;
  return { mean: share.mean * order.labelMl, sd: share.sd * order.labelMl };
}

/** Deliverable volume of a container just hung, ml; less what fills an empty set. */
export function fillOf(order: WeighingOrder, isSetPrimed: boolean): Normal {
  const residual = residualOf(order);
  const mean = FILLED_SHARE.mean * order.labelMl - residual.mean - (isSetPrimed ? 0 : PRIMING_ML.mean);
  return {
    mean: Math.max(0.5 * order.labelMl, mean),
    sd: Math.hypot(FILLED_SHARE.sd * order.labelMl, residual.sd, isSetPrimed ? 1.5 : PRIMING_ML.sd),
  };
}

/** What was believed to be left of a container already running, ml. */
export const priorOf = (remainingMl: number): Normal => ({ mean: remainingMl, sd: PRIOR_SD_ML + PRIOR_SD_SHARE * remainingMl });

/** Two independent judgements of one quantity. */
export function fuse(a: Normal, b: Normal): Normal {
  const weight = 1 / a.sd ** 2 + 1 / b.sd ** 2;
  return { mean: (a.mean / a.sd ** 2 + b.mean / b.sd ** 2) / weight, sd: Math.sqrt(1 / weight) };
}
