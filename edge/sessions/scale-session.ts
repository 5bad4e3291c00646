import type { WeightValue } from '#contracts/readings.ts';
import type { Instant } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import { createWeighing } from '#sensing/weighing/weighing.ts';
import type { WeighingEstimate, WeighingOrder } from '#sensing/weighing/weighing-estimate.ts';
import type { MassWord } from '../drivers/driver.ts';
import { figure, NOTHING, round, type Session } from './session.ts';

/** A stopped line has no rate to fall short of; its container still hangs. */
const orderOf = (order: Order): WeighingOrder => ({
  id: order.order,
  role: 'primary',
  labelMl: order.volumeMl,
  delivery: order.delivery,
  ...(order.state === 'stopped' ? {} : { rateMlPerHour: order.rateMlPerHour }),
  ...(order.densityGramsPerMl === undefined ? {} : { density: order.densityGramsPerMl }),
  ...(order.container === undefined ? {} : { containerKind: order.container }),
  ...(order.tareGrams === undefined ? {} : { tareGrams: order.tareGrams }),
  ...(order.setWeightGrams === undefined ? {} : { setGrams: order.setWeightGrams }),
  ...(order.nearEmptyMl === undefined ? {} : { nearEmptyMl: order.nearEmptyMl }),
});

/** A hanging scale: every sample goes to the core, one reading a second leaves. */
export function createScaleSession(): Session<'scale'> {
  const core = createWeighing();
  let known: string | undefined;
  let last: { word: MassWord; at: Instant; estimate: WeighingEstimate } | undefined;
  return {
    take(word, at) {
      last = { word, at, estimate: core.step({ at, massGrams: word.massGrams, isStable: word.isStable }) };
      return NOTHING;
    },
    tick() {
      if (!last) return NOTHING;
      const { word, at, estimate } = last;
      last = undefined;
      const value: WeightValue = {
        kind: 'weight',
        massGrams: round(word.massGrams, 2),
        isStable: word.isStable,
        ...figure('remainingMl', estimate.remainingMl, 2),
        ...figure('remainingBoundMl', estimate.remainingBoundMl, 2),
        ...figure('flowMlPerHour', estimate.flowMlPerHour, 2),
        ...figure('flowBoundMlPerHour', estimate.flowBoundMlPerHour, 2),
        state: estimate.state,
      };
      return [{ at, value }];
    },
    assign(order, at) {
      const isInForce = order !== undefined && order.state !== 'done';
      if (known !== undefined && (!isInForce || order.order !== known)) core.endOrder(known);
      known = isInForce ? order.order : undefined;
      if (isInForce) core.order(orderOf(order), at);
    },
  };
}
