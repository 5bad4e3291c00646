import type { Order, orderStates } from '#contracts/ward-state.ts';
import { type ArgsOf, Refusal, type ResultOf } from '#runtime/commands.ts';
import type { Places } from './places.ts';
import { orderOf } from './rows.ts';
import type { Change } from './transaction.ts';

type LineRef = { ward: string; bed: string; line: string };
type OrderState = (typeof orderStates)[number];
const LISTED_MAX = 100;

/** The order that a line shows now. */
export async function currentOrder({ db }: Change, { ward, bed, line }: LineRef): Promise<Order | undefined> {
  const row = await db
    .selectFrom('infusion_order')
    .select('body')
    .where('ward', '=', ward)
    .where('bed', '=', bed)
    .where('line', '=', line)
    .where('is_current', '=', 1)
    .executeTakeFirst();
  return row && orderOf(row);
}

/** The orders that the lines of a bed show now. */
export async function currentOrders({ db }: Change, ward: string, bed: string): Promise<Order[]> {
  const rows = await db
    .selectFrom('infusion_order')
    .select('body')
    .where('ward', '=', ward)
    .where('bed', '=', bed)
    .where('is_current', '=', 1)
    .orderBy('line')
    .execute();
  return rows.map(orderOf);
}

/** Writes an order as it stands now. `isCurrent` false: its line shows it no longer. */
export async function writeOrder(change: Change, order: Order, isCurrent: boolean): Promise<void> {
  const row = {
    ward: order.ward,
    bed: order.bed,
    line: order.line,
    patient: order.patient ?? null,
    state: order.state,
    is_current: isCurrent ? 1 : 0,
    body: JSON.stringify(order),
    at: order.at,
  };
  await change.db
    .insertInto('infusion_order')
    .values({ id: order.order, ...row })
    .onConflict((c) => c.column('id').doUpdateSet(row))
    .execute();
}

/** An order in another state; it keeps its first start. */
export const inState = (order: Order, state: OrderState, change: Change): Order => ({
  ...order,
  state,
  ...(state === 'running' && order.startedAt === undefined ? { startedAt: change.now } : {}),
  at: change.now,
});

/** Orders an infusion in place of what the line shows: a running one counts as done (its bag was replaced), a planned one as stopped. */
export async function setOrder(change: Change, places: Places, id: string, args: ArgsOf<'setOrder'>): Promise<ResultOf<'setOrder'>> {
  const { start, ...ordered } = args;
  const { ward, bed, line } = args;
  places.checkLine(ward, bed, line);
  const place = await change.db.selectFrom('bed').selectAll().where('ward', '=', ward).where('bed', '=', bed).executeTakeFirst();
  if (place?.state === 'discharged' || place?.state === 'cleaning')
    throw new Refusal(`bed ${bed} of ward ${ward} is ${place.state === 'cleaning' ? 'being cleaned' : 'waiting to be cleaned'}`);
  const replaced = await currentOrder(change, args);
  if (replaced) {
    const end = replaced.state === 'running' ? 'done' : replaced.state === 'planned' ? 'stopped' : replaced.state;
    await writeOrder(change, inState(replaced, end, change), false);
  }
  const order: Order = inState(
    { schema: 'order.v1', order: id, ...ordered, ...(place?.patient ? { patient: place.patient } : {}), state: 'planned', at: change.now },
    start ? 'running' : 'planned',
    change,
  );
  await writeOrder(change, order, true);
  change.said.push({ channel: 'order', message: order });
  await change.audit(
    'set-order',
    { ward, bed },
    {
      order: id,
      line,
      replaced: replaced?.order,
      label: args.label,
      volumeMl: args.volumeMl,
      rateMlPerHour: args.rateMlPerHour,
      start: start ?? false,
    },
  );
  return { order: id };
}

/** Starts the order of a line; a running one stays as it is. */
export async function startOrder(change: Change, places: Places, at: LineRef): Promise<ResultOf<'startOrder'>> {
  const order = await demandOrder(change, places, at);
  if (order.state === 'running') return { order: order.order };
  if (order.state === 'done') throw new Refusal(`the order of line ${at.line} is done: order the next one`);
  return moveTo(change, order, 'running', 'start-order');
}

/** Stops the order of a line; a stopped one stays as it is. */
export async function stopOrder(change: Change, places: Places, at: LineRef): Promise<ResultOf<'stopOrder'>> {
  const order = await demandOrder(change, places, at);
  if (order.state === 'stopped' || order.state === 'done') return { order: order.order };
  return moveTo(change, order, 'stopped', 'stop-order');
}

async function demandOrder(change: Change, places: Places, at: LineRef): Promise<Order> {
  places.checkLine(at.ward, at.bed, at.line);
  const order = await currentOrder(change, at);
  if (!order) throw new Refusal(`nothing is ordered on line ${at.line} of bed ${at.bed} in ward ${at.ward}`);
  return order;
}

async function moveTo(change: Change, order: Order, state: OrderState, what: string): Promise<{ order: string }> {
  const next = inState(order, state, change);
  await writeOrder(change, next, true);
  change.said.push({ channel: 'order', message: next });
  await change.audit(what, next, { order: next.order, line: next.line, from: order.state });
  return { order: next.order };
}

/** Orders of a bed, newest first, at most 100. */
export async function listOrders(change: Change, places: Places, { ward, bed }: ArgsOf<'listOrders'>): Promise<ResultOf<'listOrders'>> {
  places.linesOf(ward, bed);
  const rows = await change.db
    .selectFrom('infusion_order')
    .select('body')
    .where('ward', '=', ward)
    .where('bed', '=', bed)
    .orderBy('at', 'desc')
    .limit(LISTED_MAX)
    .execute();
  return { orders: rows.map(orderOf) };
}
