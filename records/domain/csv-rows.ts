import { type CsvError, parse } from 'csv-parse/sync';
import type { Static, TSchema } from 'typebox';
import { asError } from '#runtime/errors.ts';
import { parser } from '#runtime/validate.ts';

/** What is wrong with a row. `row` is the line of the file, the heading being 1. */
export interface RowProblem {
  readonly row: number;
  readonly field: string;
  readonly because: string;
}

export interface RawRow {
  readonly row: number;
  readonly fields: Readonly<Record<string, string>>;
}

const ROWS_MAX = 20_000;
const WHOLE = '(whole)';

/** Rows of a CSV text with a heading; empty fields are left out. A heading that misses a column or has an unknown one is the only problem then. */
export function readRows(
  text: string,
  required: readonly string[],
  optional: readonly string[],
): { rows: readonly RawRow[]; problems: readonly RowProblem[] } {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      info: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: ROWS_MAX + 1,
    }) as unknown as typeof records;
  } catch (thrown) {
    const { lines = 1 } = thrown as Partial<CsvError> & { lines?: number };
    return { rows: [], problems: [{ row: lines, field: WHOLE, because: asError(thrown).message }] };
  }
  const [heading, ...rest] = records;
  const columns = heading?.record ?? [];
  const problems: RowProblem[] = [];
  for (const name of required) if (!columns.includes(name)) problems.push({ row: 1, field: name, because: 'this column must be there' });
  for (const name of columns)
    if (!required.includes(name) && !optional.includes(name))
      problems.push({ row: 1, field: name, because: `no such column; there are ${[...required, ...optional].join(', ')}` });
  if (new Set(columns).size < columns.length) problems.push({ row: 1, field: WHOLE, because: 'a column is there twice' });
  if (problems.length > 0) return { rows: [], problems };
  const rows: RawRow[] = [];
  for (const { record, info } of rest) {
    if (record.length !== columns.length) {
      problems.push({ row: info.lines, field: WHOLE, because: `has ${record.length} fields instead of ${columns.length}` });
      continue;
    }
    rows.push({
      row: info.lines,
      fields: Object.fromEntries(columns.map((name, i) => [name, record[i] ?? '']).filter(([, v]) => v !== '')),
    });
  }
  if (rest.length === ROWS_MAX) problems.push({ row: ROWS_MAX + 1, field: WHOLE, because: `only the first ${ROWS_MAX} rows are read` });
  return { rows, problems };
}

const YES = new Set(['true', 'yes', '1']);
const NO = new Set(['false', 'no', '0']);

/** Turns the named fields into numbers and booleans where they are such; anything else stays as text and fails the schema with its own value. */
export function typed(row: RawRow, numbers: readonly string[], booleans: readonly string[]): Record<string, unknown> {
  const value: Record<string, unknown> = { ...row.fields };
  for (const name of numbers) {
    const text = row.fields[name];
    if (text !== undefined && /^-?\d+(\.\d+)?$/.test(text)) value[name] = Number(text);
  }
  for (const name of booleans) {
    const text = row.fields[name]?.toLowerCase();
    if (text !== undefined && (YES.has(text) || NO.has(text))) value[name] = YES.has(text);
  }
  return value;
}

/** Checks one row against a schema: the value, or every field that is wrong. */
export function checkerOf<S extends TSchema>(schema: S): (row: number, value: unknown) => { value?: Static<S>; problems: RowProblem[] } {
  const rows = parser(schema);
  return (row, value) => {
    const parsed = rows.parse(value);
    if (parsed.ok) return { value: parsed.value, problems: [] };
    return {
      problems: parsed.problems.map((problem) => ({
        row,
        field: problem.path,
        because: `${problem.value === undefined ? '' : `${JSON.stringify(problem.value)}: `}${problem.allowed}`,
      })),
    };
  };
}
