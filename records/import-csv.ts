import { Type } from 'typebox';
import { commands } from '#contracts/commands.ts';
import { Id, strict } from '#contracts/schema.ts';
import type { Duty } from '#contracts/ward-state.ts';
import { type ArgsOf, Refusal, type ResultOf } from '#runtime/commands.ts';
import { admit, bedRow } from './beds.ts';
import { checkerOf, type RawRow, type RowProblem, readRows, typed } from './domain/csv-rows.ts';
import { minutesOfClock, shiftOfClock } from './domain/local-time.ts';
import { setDuty } from './duty.ts';
import { setOrder } from './orders.ts';
import type { Places } from './places.ts';
import type { Change } from './transaction.ts';

type Kind = ArgsOf<'importCsv'>['kind'];

const COLUMNS: Readonly<Record<Kind, { required: readonly string[]; optional: readonly string[] }>> = {
  orders: {
    required: ['ward', 'bed', 'line', 'label', 'volumeMl', 'rateMlPerHour', 'delivery'],
    optional: ['densityGramsPerMl', 'container', 'tareGrams', 'setWeightGrams', 'dropsPerMl', 'nearEmptyMl', 'start'],
  },
  occupancy: { required: ['ward', 'bed'], optional: ['patient', 'tag'] },
  duty: { required: ['ward', 'shift', 'from', 'until', 'person', 'role'], optional: ['beds'] },
};
const NUMBERS = ['volumeMl', 'rateMlPerHour', 'densityGramsPerMl', 'tareGrams', 'setWeightGrams', 'dropsPerMl', 'nearEmptyMl'];
const PROBLEMS_MAX = 1000;

const orderRow = checkerOf(commands.setOrder.args);
const occupancyRow = checkerOf(commands.admit.args);
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'a clock time as 07:00' });
const dutyRow = checkerOf(
  strict({
    ward: Id,
    shift: Type.String({ minLength: 1, maxLength: 64 }),
    from: Clock,
    until: Clock,
    person: Id,
    role: commands.setDuty.args.properties.assignments.items.properties.role,
    beds: Type.Array(Id, { maxItems: 200 }),
  }),
);

/** Imports a CSV text. Every bad row is named with its field and reason; the good ones are taken. */
export async function importCsv(
  change: Change,
  places: Places,
  newId: (prefix: string) => string,
  { kind, csv }: ArgsOf<'importCsv'>,
): Promise<ResultOf<'importCsv'>> {
  const { required, optional } = COLUMNS[kind];
  const read = readRows(csv, required, optional);
  const problems: RowProblem[] = [...read.problems];
  let accepted = 0;
  /** A refusal is the row's problem; anything else undoes the whole import. */
  const take = async (rows: readonly RawRow[], field: string, work: () => Promise<unknown>) => {
    try {
      await work();
      accepted += rows.length;
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      for (const { row } of rows) problems.push({ row, field, because: thrown.message });
    }
  };

  if (kind === 'duty') await importDuty(change, places, read.rows, problems, take);
  else
    for (const row of read.rows) {
      if (kind === 'orders') {
        const { value, problems: wrong } = orderRow(row.row, typed(row, NUMBERS, ['start']));
        problems.push(...wrong);
        if (value) await take([row], 'bed', () => setOrder(change, places, newId('o'), value));
      } else {
        const { value, problems: wrong } = occupancyRow(row.row, row.fields);
        problems.push(...wrong);
        if (!value) continue;
        await take([row], 'bed', async () => {
          const bed = await bedRow(change, places, value.ward, value.bed);
          // The same file read twice changes nothing.
          if (value.patient !== undefined && bed.patient === value.patient) return;
          await admit(change, places, () => newId('p'), value);
        });
      }
    }
  problems.sort((a, b) => a.row - b.row);
  await change.audit('import-csv', {}, { kind, accepted, problems: problems.length });
  return { accepted, problems: problems.slice(0, PROBLEMS_MAX) };
}

type Take = (rows: readonly RawRow[], field: string, work: () => Promise<unknown>) => Promise<void>;

/** One row a person; the rows of one shift belong together. Clock times are the site's, today. */
async function importDuty(change: Change, places: Places, rows: readonly RawRow[], problems: RowProblem[], take: Take): Promise<void> {
  const shifts = new Map<string, { duty: Omit<Duty, 'schema' | 'at'>; rows: RawRow[] }>();
  for (const row of rows) {
    const beds = row.fields.beds?.split(/\s+/).filter((bed) => bed !== '') ?? [];
    const { value, problems: wrong } = dutyRow(row.row, { ...row.fields, beds });
    problems.push(...wrong);
    if (!value) continue;
    const missing = beds.find((bed) => !places.beds.get(value.ward)?.has(bed));
    if (missing !== undefined) {
      problems.push({ row: row.row, field: 'beds', because: `ward ${value.ward} has no bed ${missing}` });
      continue;
    }
    const key = [value.ward, value.shift, value.from, value.until].join('\n');
    let shift = shifts.get(key);
    if (!shift) {
      const times = shiftOfClock(places.timeZone, minutesOfClock(value.from) ?? 0, minutesOfClock(value.until) ?? 0, change.now);
      shift = { duty: { ward: value.ward, shift: value.shift, ...times, assignments: [] }, rows: [] };
      shifts.set(key, shift);
    }
    shift.duty.assignments.push({ person: value.person, role: value.role, beds: value.beds });
    shift.rows.push(row);
  }
  for (const { duty, rows: theirs } of shifts.values()) await take(theirs, 'ward', () => setDuty(change, places, duty));
}
