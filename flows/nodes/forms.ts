import { Type } from 'typebox';
import { oneOf } from '#contracts/schema.ts';

/** Fields of the nodes' forms. The editor leaves a field that was not filled in as an empty string. */
export const text = Type.Optional(Type.String({ maxLength: 200 }));
export const choice = <const W extends readonly string[]>(words: W) => Type.Optional(oneOf(['', ...words] as const));
export const choices = <const W extends readonly string[]>(words: W) => Type.Optional(Type.Array(oneOf(words), { maxItems: 64 }));
export const flag = Type.Optional(Type.Boolean());

/** An empty field leaves everything through. */
export const isWanted = (field: string | undefined, value: string | undefined): boolean => !field || field === value;
export const isAmong = (field: readonly string[] | undefined, value: string): boolean =>
  !field || field.length === 0 || field.includes(value);
