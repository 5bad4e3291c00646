import type { Order } from '#contracts/ward-state.ts';
import { type ArgsOf, Refusal, type ResultOf } from '#runtime/commands.ts';
import { bedRow, sayBed, writeBed } from './beds.ts';
import { currentOrders, writeOrder } from './orders.ts';
import { writePlacement } from './placements.ts';
import type { Places } from './places.ts';
import type { Change } from './transaction.ts';

/**
 * Moves a patient with what runs and waits. Inside a ward the devices of those lines go with the pole. An edge agent's devices cannot leave its ward:
 * to another ward they stay at the old bed, the order goes on with what is known of it, and the result names them.
 */
export async function transfer(change: Change, places: Places, args: ArgsOf<'transfer'>): Promise<ResultOf<'transfer'>> {
  const { ward, bed, toWard, toBed } = args;
  if (ward === toWard && bed === toBed) throw new Refusal(`the patient is in bed ${bed} of ward ${ward} already`);
  const from = await bedRow(change, places, ward, bed);
  const to = await bedRow(change, places, toWard, toBed);
  if (from.state !== 'occupied' || from.patient === null) throw new Refusal(sayBed(from));
  if (to.state !== 'free') throw new Refusal(sayBed(to));

  const orders = await currentOrders(change, ward, bed);
  const moving = orders.filter((order) => order.state === 'running' || order.state === 'planned');
  const lines = linesFor(moving, places.linesOf(toWard, toBed), (await currentOrders(change, toWard, toBed)).filter(isOpen));
  if (!lines) {
    throw new Refusal(
      `bed ${toBed} of ward ${toWard} has lines ${places.linesOf(toWard, toBed).join(', ')}: too few for ${moving.length} infusions`,
    );
  }

  // The old bed is emptied first: patient and tag are in one bed only.
  await writeBed(change, { ward, bed, state: 'discharged', patient: null, tag: null });
  await writeBed(change, { ward: toWard, bed: toBed, state: 'occupied', patient: from.patient, tag: from.tag });
  // What waits at the new bed becomes the patient's; what is over there makes room.
  for (const there of await currentOrders(change, toWard, toBed)) {
    const next = { ...there, patient: from.patient, at: change.now };
    await writeOrder(change, isOpen(there) ? next : there, isOpen(there));
    if (isOpen(there)) change.said.push({ channel: 'order', message: next });
  }
  const movedDevices: string[] = [];
  const stayedDevices: string[] = [];
  for (const order of orders) {
    const line = lines.get(order.order);
    if (line === undefined) {
      await writeOrder(change, order, false);
      change.said.push({ channel: 'order', message: order, isWithdrawn: true });
      continue;
    }
    const moved: Order = { ...order, ward: toWard, bed: toBed, line, at: change.now };
    await writeOrder(change, moved, true);
    // First at the new line, then gone from the old one: at no instant is the order nowhere.
    change.said.push({ channel: 'order', message: moved }, { channel: 'order', message: { ...order, at: change.now }, isWithdrawn: true });
    const devices = await change.db
      .selectFrom('placement')
      .selectAll()
      .where('ward', '=', ward)
      .where('bed', '=', bed)
      .where('line', '=', order.line)
      .orderBy('device')
      .execute();
    for (const device of devices) {
      if (ward !== toWard) stayedDevices.push(device.device);
      else {
        await writePlacement(change, { ...device, bed: toBed, line });
        movedDevices.push(device.device);
      }
    }
  }
  const movedOrders = moving.map((order) => order.order);
  await change.audit('transfer', { ward, bed }, { patient: from.patient, toWard, toBed, movedOrders, movedDevices, stayedDevices });
  return { patient: from.patient, movedOrders, movedDevices, stayedDevices };
}

const isOpen = (order: Order): boolean => order.state === 'running' || order.state === 'planned';

/** Each infusion keeps its line where the new bed has it free, else it takes the next free one; undefined where they are too few. */
export function linesFor(
  moving: readonly Order[],
  lines: readonly string[],
  taken: readonly Order[],
): ReadonlyMap<string, string> | undefined {
  const free = new Set(lines);
  for (const order of taken) free.delete(order.line);
  const found = new Map<string, string>();
  for (const order of moving) if (free.delete(order.line)) found.set(order.order, order.line);
  for (const order of moving) {
    if (found.has(order.order)) continue;
    const [line] = free;
    if (line === undefined) return undefined;
    free.delete(line);
    found.set(order.order, line);
  }
  return found;
}
