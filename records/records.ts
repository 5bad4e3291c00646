import type { Instant } from '#contracts/units.ts';
import type { Duty, Occupancy, Order, Placement } from '#contracts/ward-state.ts';
import type { CommandContext, CommandHandlers } from '#runtime/commands.ts';
import type { Store } from '#runtime/store.ts';
import { admit, discharge, setCleaning } from './beds.ts';
import { setDuty, shiftAt } from './duty.ts';
import { importCsv } from './import-csv.ts';
import type { Tables } from './migrations.ts';
import { listOrders, setOrder, startOrder, stopOrder } from './orders.ts';
import { placeDevice } from './placements.ts';
import type { Places } from './places.ts';
import type { Publication } from './publication.ts';
import { dutyOf, occupancyOf, orderOf, placementOf } from './rows.ts';
import { type Change, change } from './transaction.ts';
import { transfer } from './transfer.ts';

export interface RecordsOptions {
  readonly store: Store<Tables>;
  readonly places: Places;
  readonly now: () => Instant;
  /** A fresh random reference beginning with the prefix. */
  readonly newId: (prefix: string) => string;
  /** Says changes on the bus, in order; called only once they are on disk. */
  readonly say: (changes: readonly Publication[]) => void;
}

/** The commands of records: each one transaction, then said, then answered. */
export function createRecords({ store, places, now, newId, say }: RecordsOptions): CommandHandlers<'records'> {
  const run = async <T>(asker: CommandContext, work: (one: Change) => Promise<T>): Promise<T> => {
    const { result, said } = await change(store, asker, now(), work);
    say(said);
    return result;
  };
  return {
    admit: (args, asker) => run(asker, (one) => admit(one, places, () => newId('p'), args)),
    discharge: (args, asker) => run(asker, (one) => discharge(one, places, args)),
    transfer: (args, asker) => run(asker, (one) => transfer(one, places, args)),
    bedCleaning: (args, asker) => run(asker, (one) => setCleaning(one, places, args, 'cleaning')),
    bedCleaned: (args, asker) => run(asker, (one) => setCleaning(one, places, args, 'free')),
    setOrder: (args, asker) => run(asker, (one) => setOrder(one, places, newId('o'), args)),
    startOrder: (args, asker) => run(asker, (one) => startOrder(one, places, args)),
    stopOrder: (args, asker) => run(asker, (one) => stopOrder(one, places, args)),
    placeDevice: (args, asker) => run(asker, (one) => placeDevice(one, places, args)),
    setDuty: (args, asker) => run(asker, (one) => setDuty(one, places, args)),
    importCsv: (args, asker) => run(asker, (one) => importCsv(one, places, newId, args)),
    listOrders: (args, asker) => run(asker, (one) => listOrders(one, places, args)),
  };
}

/** Everything that records stands for now: what must be retained on the bus, and nothing else. */
export interface Standing {
  readonly orders: readonly Order[];
  readonly occupancies: readonly Occupancy[];
  readonly placements: readonly Placement[];
  readonly duties: readonly Duty[];
}

/** Reads what stands; beds that the site file no longer has are left out. Every bed has an occupancy, be it `free`. */
export async function standing(store: Store<Tables>, places: Places, now: Instant): Promise<Standing> {
  const { db } = store;
  const isThere = (row: { ward: string; bed: string }) => places.beds.get(row.ward)?.has(row.bed) ?? false;
  const orders = await db.selectFrom('infusion_order').select('body').where('is_current', '=', 1).execute();
  const beds = new Map((await db.selectFrom('bed').selectAll().execute()).map((row) => [`${row.ward}/${row.bed}`, row]));
  const placements = await db.selectFrom('placement').selectAll().execute();
  const shifts = Map.groupBy((await db.selectFrom('duty').select('body').execute()).map(dutyOf), (duty) => duty.ward);
  return {
    orders: orders.map(orderOf).filter(isThere),
    occupancies: [...places.beds].flatMap(([ward, itsBeds]) =>
      [...itsBeds.keys()].map((bed) =>
        occupancyOf(beds.get(`${ward}/${bed}`) ?? { ward, bed, state: 'free', patient: null, tag: null, at: now }),
      ),
    ),
    placements: placements.map(placementOf),
    duties: [...places.beds.keys()].flatMap((ward) => shiftAt(shifts.get(ward) ?? [], now) ?? []),
  };
}
