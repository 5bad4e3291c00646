/** The ward's units. A quantity is a plain number at run time and a branded one to the compiler, so that grams never pass for millilitres. */
declare const unit: unique symbol;
export type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type Grams = Quantity<'g'>;
export type Millilitres = Quantity<'mL'>;
export type GramsPerMillilitre = Quantity<'g/mL'>;
export type MillilitresPerHour = Quantity<'mL/h'>;
export type DropsPerMinute = Quantity<'{drop}/min'>;
export type DropsPerMillilitre = Quantity<'{drop}/mL'>;
export type MillimetresOfMercury = Quantity<'mm[Hg]'>;
export type Percent = Quantity<'%'>;
/** A share of one, 0 to 1 (a filled container may pass 1 by overfill). */
export type Fraction = Quantity<'1'>;
export type Metres = Quantity<'m'>;
export type MetresPerSecond = Quantity<'m/s'>;
export type Radians = Quantity<'rad'>;
export type Decibels = Quantity<'dB[mW]'>;
/** A length of time in milliseconds. */
export type Milliseconds = Quantity<'ms'>;
/** A point in time: milliseconds since 1970-01-01T00:00Z. */
export type Instant = Quantity<'ms since epoch'>;

const finite = (value: number): number => {
  if (!Number.isFinite(value)) throw new RangeError(`a quantity must be a finite number, not ${value}`);
  return value;
};

export const grams = (value: number) => finite(value) as Grams;
export const millilitres = (value: number) => finite(value) as Millilitres;
export const gramsPerMillilitre = (value: number) => finite(value) as GramsPerMillilitre;
export const millilitresPerHour = (value: number) => finite(value) as MillilitresPerHour;
export const dropsPerMinute = (value: number) => finite(value) as DropsPerMinute;
export const dropsPerMillilitre = (value: number) => finite(value) as DropsPerMillilitre;
export const millimetresOfMercury = (value: number) => finite(value) as MillimetresOfMercury;
export const percent = (value: number) => finite(value) as Percent;
export const fraction = (value: number) => finite(value) as Fraction;
export const metres = (value: number) => finite(value) as Metres;
export const metresPerSecond = (value: number) => finite(value) as MetresPerSecond;
export const radians = (value: number) => finite(value) as Radians;
export const decibels = (value: number) => finite(value) as Decibels;
export const milliseconds = (value: number) => finite(value) as Milliseconds;
export const instant = (value: number) => finite(value) as Instant;

export const seconds = (value: number) => milliseconds(value * 1000);
export const minutes = (value: number) => milliseconds(value * 60_000);
export const hours = (value: number) => milliseconds(value * 3_600_000);

/** The only place where mass becomes volume: reviewers check the arithmetic here, once. */
export const volumeOf = (mass: Grams, density: GramsPerMillilitre): Millilitres => millilitres(mass / density);
export const massOf = (volume: Millilitres, density: GramsPerMillilitre): Grams => grams(volume * density);

/** Rate of a dripping line from its drops. */
export const flowOfDrops = (rate: DropsPerMinute, factor: DropsPerMillilitre): MillilitresPerHour =>
  millilitresPerHour((rate / factor) * 60);

/** How long `volume` lasts at `flow`; undefined when nothing flows. */
export const timeToEmpty = (volume: Millilitres, flow: MillilitresPerHour): Milliseconds | undefined =>
  flow > 0 ? milliseconds((volume / flow) * 3_600_000) : undefined;

export const later = (at: Instant, by: Milliseconds): Instant => instant(at + by);
export const between = (from: Instant, to: Instant): Milliseconds => milliseconds(to - from);
