import { type Static, type TSchema, Type } from 'typebox';
import type { Instant, Quantity } from './units.ts';

/** Building blocks shared by every message and by the site file. */

/** One segment of a topic: names of wards, beds, devices, robots and clients. */
export const ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$';
export const Id = Type.String({ pattern: ID_PATTERN, description: 'letters, digits, dot, dash, underscore; 1 to 64 characters' });

/** A number in the unit that the field's name ends with. */
export const quantity = <Unit extends string>(ucum: Unit, options: { minimum?: number; maximum?: number; description?: string } = {}) =>
  Type.Unsafe<Quantity<Unit>>(Type.Number({ ...options, description: options.description ?? `in ${ucum} (UCUM)` }));

/** A point in time in milliseconds since 1970-01-01T00:00Z. Bounded to the years 2000 to 2100, so that a device's clock reset is caught at the door. */
export const InstantSchema = Type.Unsafe<Instant>(
  Type.Number({ minimum: 946_684_800_000, maximum: 4_102_444_800_000, description: 'milliseconds since 1970-01-01T00:00Z' }),
);

/** A closed set of words. */
export const oneOf = <const Words extends readonly string[]>(words: Words, options: { description?: string } = {}) =>
  Type.Unsafe<Words[number]>(Type.String({ enum: [...words], ...options }));

/** Text in the languages of the console. */
export const LocalText = Type.Object(
  { 'zh-CN': Type.String({ maxLength: 400 }), en: Type.String({ maxLength: 400 }) },
  { additionalProperties: false },
);
export type LocalText = Static<typeof LocalText>;

/** An object whose unknown fields are refused: a misspelt field is found at the door. */
export const strict = <P extends Record<string, TSchema>>(properties: P, options: { $id?: string; description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });
