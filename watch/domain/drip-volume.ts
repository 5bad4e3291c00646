import type { DripValue } from '#contracts/readings.ts';
import type { Instant } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';

/** ISO 8536-4: 1 ± 0.1 ml per 20 (or 60) drops. */
const DROP_SHARE = 0.1;
/** Overfill of a container beyond its label, about. */
const LABEL_SHARE = 0.05;
/** The usual set in China. */
export const USUAL_DROPS_PER_ML = 20;

/** A count of drops tied to a volume: from here on drops say what is left. */
export interface DripAnchor {
  readonly device: string;
  readonly dropCount: number;
  readonly remainingMl: number;
  readonly boundMl: number;
  readonly at: number;
}

/** What is left by the drops since the anchor; the doubt grows with what has run. */
export function remainingOf(
  anchor: DripAnchor,
  value: DripValue,
  dropsPerMl: number,
): { device: string; remainingMl: number; boundMl: number } {
  const ran = Math.max(0, value.dropCount - anchor.dropCount) / dropsPerMl;
  return { device: anchor.device, remainingMl: Math.max(0, anchor.remainingMl - ran), boundMl: anchor.boundMl + DROP_SHARE * ran };
}

/** First anchor of an order. What ran before the counter was heard is taken from the ordered rate, and doubted as a whole. */
export function anchorOfOrder(order: Order, device: string, value: DripValue, measuredAt: Instant): DripAnchor {
  const hours = Math.max(0, measuredAt - (order.startedAt ?? measuredAt)) / 3_600_000;
  const assumed = Math.min(order.volumeMl, hours * order.rateMlPerHour);
  return {
    device,
    dropCount: value.dropCount,
    remainingMl: order.volumeMl - assumed,
    boundMl: order.volumeMl * LABEL_SHARE + assumed,
    at: measuredAt,
  };
}

/** Anchor after something else was known at `knownAt`: another source, or ourselves before a restart. What ran since is taken from the last flow, and doubted as a whole. */
export function anchorOfKnown(
  known: { readonly remainingMl: number; readonly boundMl: number; readonly flowMlPerHour: number; readonly at: number },
  device: string,
  value: DripValue,
  measuredAt: Instant,
): DripAnchor {
  const ran = Math.min(known.remainingMl, (Math.max(0, measuredAt - known.at) / 3_600_000) * known.flowMlPerHour);
  return { device, dropCount: value.dropCount, remainingMl: known.remainingMl - ran, boundMl: known.boundMl + ran, at: measuredAt };
}
