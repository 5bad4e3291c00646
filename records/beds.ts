import { type ArgsOf, Refusal, type ResultOf } from '#runtime/commands.ts';
import type { Tables } from './migrations.ts';
import { currentOrders, inState, writeOrder } from './orders.ts';
import type { Places } from './places.ts';
import { occupancyOf } from './rows.ts';
import type { Change } from './transaction.ts';

export type BedRow = Tables['bed'];
const STATE_IN_WORDS: Readonly<Record<string, string>> = {
  free: 'is free',
  occupied: 'is occupied',
  discharged: 'is waiting to be cleaned',
  cleaning: 'is being cleaned',
};
export const sayBed = ({ ward, bed, state }: Pick<BedRow, 'ward' | 'bed' | 'state'>): string =>
  `bed ${bed} of ward ${ward} ${STATE_IN_WORDS[state] ?? state}`;

/** A bed as it stands. Refuses one that does not exist. */
export async function bedRow({ db, now }: Change, places: Places, ward: string, bed: string): Promise<BedRow> {
  places.linesOf(ward, bed);
  const row = await db.selectFrom('bed').selectAll().where('ward', '=', ward).where('bed', '=', bed).executeTakeFirst();
  return row ?? { ward, bed, state: 'free', patient: null, tag: null, at: now };
}

export async function writeBed(change: Change, row: Omit<BedRow, 'at'>): Promise<void> {
  const next = { ...row, at: change.now };
  const { ward: _ward, bed: _bed, ...rest } = next;
  await change.db
    .insertInto('bed')
    .values(next)
    .onConflict((c) => c.columns(['ward', 'bed']).doUpdateSet(rest))
    .execute();
  change.said.push({ channel: 'occupancy', message: occupancyOf(next) });
}

/** Puts a patient into a free bed, under a random reference. Orders that wait on the bed become the patient's. */
export async function admit(
  change: Change,
  places: Places,
  newPatient: () => string,
  { ward, bed, patient = newPatient(), tag }: ArgsOf<'admit'>,
): Promise<ResultOf<'admit'>> {
  const row = await bedRow(change, places, ward, bed);
  if (row.state !== 'free') throw new Refusal(sayBed(row));
  const elsewhere = await change.db.selectFrom('bed').selectAll().where('patient', '=', patient).executeTakeFirst();
  if (elsewhere) throw new Refusal(`patient ${patient} is in bed ${elsewhere.bed} of ward ${elsewhere.ward}: transfer instead`);
  if (tag !== undefined) {
    const wearer = await change.db.selectFrom('bed').selectAll().where('tag', '=', tag).executeTakeFirst();
    if (wearer) throw new Refusal(`tag ${tag} is worn by the patient of bed ${wearer.bed} of ward ${wearer.ward}`);
  }
  await change.db
    .insertInto('patient')
    .values({ patient, admitted_at: change.now, discharged_at: null })
    .onConflict((c) => c.column('patient').doUpdateSet({ admitted_at: change.now, discharged_at: null }))
    .execute();
  await writeBed(change, { ward, bed, state: 'occupied', patient, tag: tag ?? null });
  for (const order of await currentOrders(change, ward, bed)) {
    if (order.state !== 'planned' && order.state !== 'running') continue;
    const owned = { ...order, patient, at: change.now };
    await writeOrder(change, owned, true);
    change.said.push({ channel: 'order', message: owned });
  }
  await change.audit('admit', { ward, bed }, { patient, tag });
  return { patient };
}

/** Discharges the patient of a bed. What runs or waits there is stopped and named; the bed then waits to be cleaned. */
export async function discharge(change: Change, places: Places, { ward, bed }: ArgsOf<'discharge'>): Promise<ResultOf<'discharge'>> {
  const row = await bedRow(change, places, ward, bed);
  if (row.state !== 'occupied' || row.patient === null) throw new Refusal(sayBed(row));
  const stoppedOrders: string[] = [];
  for (const order of await currentOrders(change, ward, bed)) {
    const wasOpen = order.state === 'running' || order.state === 'planned';
    const ended = wasOpen ? inState(order, 'stopped', change) : order;
    if (order.state === 'running') stoppedOrders.push(order.order);
    await writeOrder(change, ended, false);
    change.said.push({ channel: 'order', message: ended, isWithdrawn: true });
  }
  await change.db.updateTable('patient').set({ discharged_at: change.now }).where('patient', '=', row.patient).execute();
  await writeBed(change, { ward, bed, state: 'discharged', patient: null, tag: null });
  await change.audit('discharge', { ward, bed }, { patient: row.patient, stoppedOrders });
  return { patient: row.patient, stoppedOrders };
}

/** Cleaning begins (`cleaning`) or has ended (`free`). Said twice, it stays so. */
export async function setCleaning(
  change: Change,
  places: Places,
  { ward, bed }: ArgsOf<'bedCleaned'>,
  state: 'cleaning' | 'free',
): Promise<Record<never, never>> {
  const row = await bedRow(change, places, ward, bed);
  if (row.state === state) return {};
  const mayFollow = row.state === 'discharged' || row.state === 'cleaning';
  if (!mayFollow) throw new Refusal(sayBed(row));
  await writeBed(change, { ward, bed, state, patient: null, tag: null });
  await change.audit(state === 'free' ? 'bed-cleaned' : 'bed-cleaning', { ward, bed }, { from: row.state });
  return {};
}
