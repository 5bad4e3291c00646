/**
 * What hangs on the hook, once its order is known: mass = offset + density × volume, where the offset is empty container, set and what cannot flow out.
 * Offset and volume are judged together from the mass at the start, the typical masses and the typical filling (or what was believed to be left).
 */
import { DENSITY_ELSE, fillOf, fuse, type Normal, priorOf, residualOf, setOf, tareOf } from './typical.ts';
import type { WeighingOrder } from './weighing-estimate.ts';

/** How sure the offset is once the container has run empty, g. */
const EMPTY_SD_G = 2;
/** A tube hung differently shifts the mass by some grams; an unexplained jump is shared between it and the flow by their likelihood. */
const JUMP_SD_G = 2.5;
const FLOW_DOUBT = 0.2;

export interface Container {
  readonly order: WeighingOrder;
  readonly density: number;
  /** g, and its standard deviation */
  offset: number;
  offsetSd: number;
  set: Normal;
  /** Volume of the piggyback container and what else was added, as long as it is not used up, ml. */
  piggyback?: { readonly order: WeighingOrder; readonly untilMl: number };
}

/** Judges a container by the mass `grams` it had at rest when it began to run (or was first seen). */
export function judgeContainer(order: WeighingOrder, grams: number, isSetPrimed: boolean, knownSet: Normal | undefined): Container {
  const density = order.density ?? DENSITY_ELSE;
  const tare = tareOf(order);
  const set = knownSet ?? setOf(order);
  const residual = residualOf(order);
  const offset: Normal = {
    mean: tare.mean + set.mean + density * residual.mean,
    sd: Math.hypot(tare.sd, set.sd, density * residual.sd),
  };
  const byMass: Normal = { mean: (grams - offset.mean) / density, sd: offset.sd / density };
  const believed = order.priorRemainingMl === undefined ? fillOf(order, isSetPrimed) : priorOf(order.priorRemainingMl);
  // Where mass and belief contradict each other grossly (a half-used container), the mass decides.
  const isCredible = Math.abs(byMass.mean - believed.mean) < 3.5 * Math.hypot(byMass.sd, believed.sd);
  const volume = isCredible ? fuse(byMass, believed) : byMass;
  const learned: Container = { order, density, offset: grams - density * Math.max(0, volume.mean), offsetSd: volume.sd * density, set };
  learned.set = learnSet(set, offset, learned.offset, learned.offsetSd);
  return learned;
}

/** What the set must weigh, now that the sum it is part of is better known. */
function learnSet(set: Normal, sum: Normal, found: number, foundSd: number): Normal {
  const share = (set.sd / sum.sd) ** 2;
  const gained = Math.max(0, 1 - (foundSd / sum.sd) ** 2);
  return { mean: set.mean + share * (found - sum.mean), sd: set.sd * Math.sqrt(Math.max(0.05, 1 - share * gained)) };
}

export const volumeIn = (container: Container, grams: number): number => Math.max(0, (grams - container.offset) / container.density);

/** The container has run empty at `grams`: its offset is known now, and with it the set. */
export function learnEmpty(container: Container, grams: number): void {
  const before: Normal = { mean: container.offset, sd: container.offsetSd };
  container.offset = Math.max(container.offset, grams);
  container.offsetSd = Math.min(container.offsetSd, EMPTY_SD_G);
  container.set = learnSet(container.set, before, container.offset, container.offsetSd);
}

/** Shares a jump of unknown cause between offset and volume. `fallen` is what should have flown during it, g. */
export function shareJump(container: Container, grams: number, fallen: number): void {
  const flowSd = 0.15 + FLOW_DOUBT * fallen;
  const toOffset = JUMP_SD_G ** 2 / (JUMP_SD_G ** 2 + flowSd ** 2);
  container.offset += toOffset * grams;
}

/** A second container was hung beside it and will run first. */
export function addPiggyback(container: Container, order: WeighingOrder, grams: number, now: number): void {
  const added = fillOf(order, true);
  const before = volumeIn(container, now - grams);
  container.offset += grams - container.density * added.mean;
  container.offsetSd = Math.hypot(container.offsetSd, added.sd);
  container.piggyback = { order, untilMl: before };
}

/** The rate in force, ml/h: a piggyback container runs first. */
export function orderedRate(container: Container, remainingMl: number): number | undefined {
  const { piggyback } = container;
  if (piggyback && remainingMl > piggyback.untilMl) return piggyback.order.rateMlPerHour ?? container.order.rateMlPerHour;
  return container.order.rateMlPerHour;
}
