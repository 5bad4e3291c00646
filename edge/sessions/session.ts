import type { ReadingValue } from '#contracts/readings.ts';
import type { Instant } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import type { Kind, Words } from '../drivers/driver.ts';

/** A value to be published, with the moment (on the edge's timeline) that it was measured. */
export interface Said {
  readonly at: Instant;
  readonly value: ReadingValue;
}
export const NOTHING: readonly Said[] = [];

/** What one device has said so far, through its sensing core: words in, readings out. Pure; time is the edge's timeline. */
export interface Session<K extends Kind> {
  /** One word, at its arrival; what must be said at once. */
  take(word: Words[K], at: Instant): readonly Said[];
  /** Called once a second; what is said once a second. A device that said nothing says nothing here either. */
  tick(at: Instant): readonly Said[];
  /** The order in force where the device is placed; undefined where there is none. `wall`: the wall clock, in which orders are written. */
  assign(order: Order | undefined, at: Instant, wall: Instant): void;
}

/** Keeps payloads small: no sensor here is good for more digits. */
export const round = <T extends number>(value: T, digits: number): T => {
  const scale = 10 ** digits;
  return (Math.round(value * scale) / scale) as T;
};

/** Rounded, or absent where not known or beyond what the contract lets pass. */
export const figure = <Name extends string, T extends number>(
  name: Name,
  value: T | undefined,
  digits: number,
  maximum = 20_000,
): { [N in Name]?: T } =>
  (value === undefined || !(value >= 0 && value <= maximum) ? {} : { [name]: round(value, digits) }) as { [N in Name]?: T };
