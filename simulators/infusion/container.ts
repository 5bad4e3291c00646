import type { Random } from '#simulators/random.ts';

/** What is known of a container before it hangs, as the order and the catalogue say. */
export interface ContainerSpec {
  readonly kind: 'bag' | 'pp_bottle' | 'glass_bottle' | 'syringe';
  readonly nominalMl: number;
  readonly densityGramsPerMl: number;
  /** Catalogue weight; the piece differs. */
  readonly tareGrams: number;
  /** Typical weight of the part of the set that hangs from the container. */
  readonly setWeightGrams: number;
}

/** One piece, hanging: its true figures, which no sensor sees directly. */
export interface Container {
  readonly spec: ContainerSpec;
  readonly tareGrams: number;
  readonly setGrams: number;
  /** Volume that cannot flow out. */
  readonly residualMl: number;
  liquidMl: number;
}

/** Containers are filled 3 to 8 % above their label (ward.md §7). */
const OVERFILL = [1.03, 1.08] as const;
const RESIDUAL_SHARE = [0.002, 0.012] as const;
/** Scatter of the empty weight, one standard deviation. */
const TARE_SCATTER = 0.012;
const SET_SCATTER_GRAMS = 1.5;
/** Volume that fills chamber and tube when a new set is primed. */
const PRIMING_ML = [12, 18] as const;

/** A new container as it leaves the pharmacy; `fraction` less than 1 for one that has been running. */
export function newContainer(spec: ContainerSpec, r: Random, fraction = 1): Container {
  return {
    spec,
    tareGrams: spec.tareGrams * (1 + r.normal(TARE_SCATTER)),
    setGrams: Math.max(0, spec.setWeightGrams + r.normal(SET_SCATTER_GRAMS)),
    residualMl: spec.nominalMl * r.between(...RESIDUAL_SHARE),
    liquidMl: spec.nominalMl * r.between(...OVERFILL) * fraction,
  };
}

/** Fills the set from the container. */
export function prime(container: Container, r: Random): void {
  container.liquidMl = Math.max(container.residualMl, container.liquidMl - r.between(...PRIMING_ML));
}

/** Volume that can still flow out. */
export const deliverableMl = ({ liquidMl, residualMl }: Container): number => Math.max(0, liquidMl - residualMl);

/** What the hook carries. */
export const massGrams = ({ liquidMl, spec, tareGrams, setGrams }: Container): number =>
  liquidMl * spec.densityGramsPerMl + tareGrams + setGrams;

/** Height of the inside of a 500 mL container, metres; others scale with the cube root of their volume. */
const HEIGHT_500 = { bag: 0.22, pp_bottle: 0.17, glass_bottle: 0.16, syringe: 0.12 } as const;
/** A soft bag is wider in the middle and collapses as it empties: its level falls slower at first. */
const SHAPE = { bag: 0.8, pp_bottle: 0.95, glass_bottle: 1, syringe: 1 } as const;

/** Height of the liquid above the container's outlet, metres. */
export function levelMetres({ spec, liquidMl }: Container): number {
  const full = HEIGHT_500[spec.kind] * Math.cbrt(spec.nominalMl / 500);
  return full * Math.min(1.1, Math.max(0, liquidMl / spec.nominalMl)) ** SHAPE[spec.kind];
}
