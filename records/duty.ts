import type { Kysely } from 'kysely';
import { type Instant, instant } from '#contracts/units.ts';
import type { Duty } from '#contracts/ward-state.ts';
import { type ArgsOf, Refusal } from '#runtime/commands.ts';
import type { Tables } from './migrations.ts';
import type { Places } from './places.ts';
import { dutyOf } from './rows.ts';
import type { Change } from './transaction.ts';

const SHIFT_MS_MAX = 48 * 3_600_000;

/** The shift that counts at `now`: the one that covers it, else the last that began, else the next. */
export function shiftAt(shifts: readonly Duty[], now: Instant): Duty | undefined {
  const begun = shifts.filter((shift) => shift.from <= now).sort((a, b) => b.from - a.from);
  const covering = begun.find((shift) => shift.until > now);
  return covering ?? begun[0] ?? [...shifts].sort((a, b) => a.from - b.from)[0];
}

/** The shifts on record of a ward, or of all. */
export async function shiftsOf({ db }: { db: Kysely<Tables> }, ward?: string): Promise<Duty[]> {
  const all = db.selectFrom('duty').select('body');
  return (await (ward === undefined ? all : all.where('ward', '=', ward)).execute()).map(dutyOf);
}

/** When the next shift on record begins after `now`. */
export async function nextBegin({ db }: { db: Kysely<Tables> }, now: Instant): Promise<Instant | undefined> {
  const row = await db
    .selectFrom('duty')
    .select((e) => e.fn.min('from_at').as('from_at'))
    .where('from_at', '>', now)
    .executeTakeFirst();
  return row?.from_at ? instant(row.from_at) : undefined;
}

/** Sets a shift of a ward in place of one that begins at the same time; the shift that counts now is said. */
export async function setDuty(change: Change, places: Places, args: ArgsOf<'setDuty'>): Promise<Record<never, never>> {
  const beds = places.beds.get(args.ward);
  if (!beds) throw new Refusal(`there is no ward ${args.ward}`);
  if (args.until <= args.from) throw new Refusal('the shift must end after it begins');
  if (args.until - args.from > SHIFT_MS_MAX) throw new Refusal('a shift lasts at most 48 hours');
  for (const { person, beds: theirs } of args.assignments)
    for (const bed of theirs) if (!beds.has(bed)) throw new Refusal(`ward ${args.ward} has no bed ${bed} (assigned to ${person})`);
  const duty: Duty = { schema: 'duty.v1', ...args, at: change.now };
  const row = { shift: duty.shift, until_at: duty.until, body: JSON.stringify(duty), at: change.now };
  await change.db
    .insertInto('duty')
    .values({ ward: duty.ward, from_at: duty.from, ...row })
    .onConflict((c) => c.columns(['ward', 'from_at']).doUpdateSet(row))
    .execute();
  await change.audit('set-duty', { ward: duty.ward }, { shift: duty.shift, from: duty.from, people: duty.assignments.length });
  const shown = shiftAt(await shiftsOf(change, duty.ward), change.now);
  if (shown) change.said.push({ channel: 'duty', message: shown });
  return {};
}
