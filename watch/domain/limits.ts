import type { Site, Thresholds } from '#contracts/site.ts';
import { type Millilitres, type Milliseconds, millilitres, milliseconds, type Percent, percent } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';

/** Limits of findings. A ward's own value goes before the site's, the site's before the default. */
export interface Limits {
  readonly nearEmptyMl: Millilitres;
  readonly rateDeviationPercent: Percent;
  readonly sensorSilentMs: Milliseconds;
  readonly edgeLostMs: Milliseconds;
}

/** Each default with where it comes from. */
export const DEFAULT_LIMITS: Limits = {
  /** Ours: 25 min at 120 ml/h, the time in which a robot fetches the next bag from the pharmacy. */
  nearEmptyMl: millilitres(50),
  /** The ±10 % band in which Chinese wards and infusion regulators (JKMS 2022;37(9)) hold an ordered rate. */
  rateDeviationPercent: percent(10),
  /** Ours: fifteen readings at 1 Hz, and longer than `edgeLostMs`, so that a lost edge is not told as fifty silent sensors. */
  sensorSilentMs: milliseconds(15_000),
  /** Communication watchdog: after 10 s a technical alarm at both ends. */
  edgeLostMs: milliseconds(10_000),
};

/** Limits that no site file changes. */
export const FIXED = {
  /** A finding on a figure ends this far beyond its limit: hysteresis of 30 % of the limit. */
  hysteresisShare: 0.3,
  /** A default near-empty limit never exceeds this share of what was hung, or a 50 ml bag would be near empty from the start. */
  nearEmptyShareMax: 0.2,
  /** Pictures missed before a camera counts as silent, and the time that one may take. */
  picturesMissed: 3,
  pictureSlackMs: 5000,
  /** Cameras whose period is not in the site file: three pictures at the usual 30 s. */
  levelSilentMs: 95_000,
  /** From here on a picture's figure is fit to be shown to a nurse (contract of `LevelValue`). */
  confidenceMin: 0.5,
  batteryLowPercent: 15,
  batteryGoodPercent: 20,
  /** Good readings in a row that end a device's fault: one garbled frame now and then is one episode. */
  goodReadingsToClear: 3,
  /** Long enough that an engineer sees that readings were lost. */
  readingsLostHoldMs: 600_000,
  /** An edge agent says that it is there every 10 s, and looks once a second whether to. */
  edgeWordMs: 12_500,
  /** A clock further ahead than this is taken for wrong. */
  clockAheadMs: 5000,
} as const;

/** Limits of a ward. */
export function limitsOf(site: Site, ward: string): Limits {
  const own: Thresholds = site.wards.find(({ id }) => id === ward)?.thresholds ?? {};
  const house: Thresholds = site.thresholds ?? {};
  return { ...DEFAULT_LIMITS, ...house, ...own };
}

/** Near-empty limit of an order: its own, else the ward's, capped for small containers. */
export function nearEmptyOf(order: Pick<Order, 'nearEmptyMl' | 'volumeMl'>, limits: Limits): Millilitres {
  return order.nearEmptyMl ?? millilitres(Math.min(limits.nearEmptyMl, order.volumeMl * FIXED.nearEmptyShareMax));
}
