import type { DripValue } from '#contracts/readings.ts';
import { type DropsPerMillilitre, dropsPerMillilitre, type Instant, type Millilitres } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import type { DropRate } from '#sensing/drops/drop-estimate.ts';
import { createDropRate } from '#sensing/drops/drops.ts';
import { createDeviceClock } from '../device-clock.ts';
import { figure, NOTHING, type Said, type Session } from './session.ts';

/** The usual set in China; the order or the device says where it is another. */
const USUAL_DROPS_PER_ML = 20;
/** Light so strong that drops cannot be seen, for so long, is said as a fault. */
const BLINDING_SHARE = 0.9;
const BLINDED_AFTER_MS = 10_000;
/** An order that started so lately starts with a full container; of an older one nobody knows what is left. */
const FRESH_MS = 120_000;

/** A drip counter: drops and light go to the core at the moments the counter saw them, one reading a second leaves. */
export function createDripSession(deviceFactor?: DropsPerMillilitre, timeFactor = 1): Session<'drip'> {
  const timeOf = createDeviceClock(timeFactor);
  let factor = deviceFactor ?? dropsPerMillilitre(USUAL_DROPS_PER_ML);
  let core: DropRate = createDropRate({ dropFactor: factor });
  let countBefore = 0;
  let count = 0;
  let current: Order | undefined;
  let isHeard = false;
  let brightSince: number | undefined;

  const leftOf = (order: Order, wall: Instant): Millilitres | undefined =>
    order.startedAt !== undefined && Math.abs(wall - order.startedAt) < FRESH_MS ? order.volumeMl : undefined;

  return {
    take(word, at) {
      isHeard = true;
      const seenAt = timeOf(word.deviceMs, at);
      if (word.kind === 'drop') {
        core.drop(seenAt);
        return NOTHING;
      }
      core.ambient(word.share, seenAt);
      if (word.share <= BLINDING_SHARE) brightSince = undefined;
      else brightSince ??= at;
      return NOTHING;
    },
    tick(at) {
      const estimate = core.tick(at);
      count = countBefore + estimate.dropCount;
      if (!isHeard) return NOTHING;
      isHeard = false;
      const value: DripValue = {
        kind: 'drip',
        dropCount: count,
        ...figure('dropsPerMinute', estimate.dropsPerMinute, 2, 2000),
        ...figure('flowMlPerHour', estimate.flowMlPerHour, 2),
        ...figure('flowBoundMlPerHour', estimate.flowBoundMlPerHour, 2),
        state: estimate.state,
      };
      const said: Said[] = [{ at, value }];
      if (brightSince !== undefined && at - brightSince >= BLINDED_AFTER_MS * timeFactor)
        said.push({ at, value: { kind: 'fault', fault: 'DRIP_BLINDED' } });
      return said;
    },
    assign(order, at, wall) {
      const wanted = deviceFactor ?? order?.dropsPerMl ?? factor;
      if (wanted !== factor) {
        // The core counts by one factor for life: a set with another one starts it anew, and the count goes on.
        countBefore = count;
        factor = wanted;
        core = createDropRate({ dropFactor: factor });
        current = undefined;
      }
      const isRunning = order?.state === 'running';
      if (order !== undefined && isRunning && order.order !== current?.order) core.refill(leftOf(order, wall), at);
      core.order(isRunning ? order.rateMlPerHour : undefined, at);
      current = isRunning ? order : undefined;
    },
  };
}
