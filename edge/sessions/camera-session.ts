import type { LevelValue } from '#contracts/readings.ts';
import { fraction } from '#contracts/units.ts';
import type { Order } from '#contracts/ward-state.ts';
import { decodeJpeg } from '#sensing/level/jpeg.ts';
import { createLevel } from '#sensing/level/level.ts';
import type { Picture } from '#sensing/level/level-estimate.ts';
import { figure, NOTHING, round, type Said, type Session } from './session.ts';

/** Pictures in a row on which a running line's container cannot be found before the view counts as covered. */
const COVERED_AFTER = 3;

/** A bedside camera: one reading a picture. */
export function createCameraSession(): Session<'camera'> {
  const core = createLevel();
  let order: Order | undefined;
  let unseen = 0;
  return {
    take({ jpeg }, at) {
      let picture: Picture;
      try {
        picture = decodeJpeg(jpeg);
      } catch (thrown) {
        // The decoder throws plain errors for broken and for too large pictures; both are the camera's fault.
        if (!(thrown instanceof Error)) throw thrown;
        return [{ at, value: { kind: 'fault', fault: 'CAMERA_GARBLED' } }];
      }
      const estimate = core.step({
        at,
        picture,
        ...(order === undefined ? {} : { orderedMl: order.volumeMl, rateMlPerHour: order.rateMlPerHour }),
      });
      unseen = estimate.isContainerFound || estimate.state !== 'unknown' ? 0 : unseen + 1;
      const value: LevelValue = {
        kind: 'level',
        ...figure('fraction', estimate.fraction, 4, 1.5),
        ...figure('remainingMl', estimate.remainingMl, 1),
        ...figure('remainingBoundMl', estimate.remainingBoundMl, 1),
        ...figure('flowMlPerHour', estimate.flowMlPerHour, 1),
        confidence: round(fraction(Math.min(1, Math.max(0, estimate.confidence))), 3),
        state: estimate.state,
      };
      const said: Said[] = [{ at, value }];
      if (unseen >= COVERED_AFTER && order?.state === 'running') said.push({ at, value: { kind: 'fault', fault: 'CAMERA_COVERED' } });
      return said;
    },
    tick: () => NOTHING,
    assign(next) {
      order = next?.state === 'done' ? undefined : next;
    },
  };
}
