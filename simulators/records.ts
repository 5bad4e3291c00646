import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { type Static, type TSchema, Type } from 'typebox';
import { ConfigError } from '#runtime/errors.ts';
import type { LoadedSite } from '#runtime/site.ts';
import { parser, sayProblem } from '#runtime/validate.ts';

/** The seed files of a site, as far as the simulated hospital needs them. */

const Text = Type.String({ minLength: 1 });
const Figure = Type.String({ pattern: '^\\d+(\\.\\d+)?$' });
const OrderRow = Type.Object({
  ward: Text,
  bed: Text,
  line: Text,
  volumeMl: Figure,
  rateMlPerHour: Figure,
  delivery: Type.String({ enum: ['gravity', 'pump'] }),
  densityGramsPerMl: Figure,
  container: Type.String({ enum: ['bag', 'pp_bottle', 'glass_bottle', 'syringe'] }),
  tareGrams: Figure,
  setWeightGrams: Figure,
  dropsPerMl: Figure,
  nearEmptyMl: Figure,
});
const OccupancyRow = Type.Object({ ward: Text, bed: Text, patient: Text, tag: Type.String() });
export type OrderRow = Static<typeof OrderRow>;
export type OccupancyRow = Static<typeof OccupancyRow>;

/** Reads what hangs and who lies where. Throws ConfigError naming row, field and value. */
export function readRecords({ file, site }: LoadedSite): { orders: OrderRow[]; occupancy: OccupancyRow[] } {
  const rows = <S extends TSchema>(name: string | undefined, schema: S): Static<S>[] => {
    if (name === undefined) return [];
    const path = resolve(dirname(file), name);
    const parsed = parser(Type.Array(schema)).parse(parseCsv(readFileSync(path, 'utf8'), { columns: true, skip_empty_lines: true }));
    if (!parsed.ok) throw new ConfigError(path, parsed.problems.map(sayProblem));
    return parsed.value as Static<S>[];
  };
  return { orders: rows(site.seed?.orders, OrderRow), occupancy: rows(site.seed?.occupancy, OccupancyRow) };
}
