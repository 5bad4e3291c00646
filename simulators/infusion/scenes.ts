import type { Random } from '#simulators/random.ts';
import type { Infusion } from './infusion.ts';

/** What happens on a ward: planned beginnings for somebody who watches for two minutes, then now and then something by chance. */
export interface Stage {
  readonly lines: ReadonlyMap<string, Infusion>;
  readonly wards: readonly string[];
  /** A patient of the ward leaves it for a while. */
  wander(ward: string, forMs: number): void;
}
export interface Scenes {
  /** Moves simulated time on. */
  advance(dtMs: number): void;
}

const minutes = (n: number) => n * 60_000;
const hours = (n: number) => n * 3_600_000;

/** At first only what is planned happens. */
const CALM_MS = minutes(6);

/** Mean time between events of one line or ward. */
const MEAN_MS = { stall: hours(9), freeFlow: hours(60), occlusion: hours(12), takeAway: hours(80), wander: hours(1) } as const;

export function scenes({ lines, wards, wander }: Stage, r: Random): Scenes {
  const due: { at: number; run: () => void }[] = [];
  let now = 0;
  const plan = (at: number, run: () => void) => void due.push({ at, run });
  const again = (mean: number, run: () => void) => {
    const next = (earliest: number) =>
      plan(earliest + r.exponential(mean), () => {
        run();
        next(now);
      });
    next(CALM_MS);
  };

  const gravity = [...lines.values()].filter((line) => line.order.delivery === 'gravity');
  // One bag comes to its threshold within a minute, one line stalls, one patient goes for a walk.
  const [first, , third] = gravity;
  if (first) first.drainTo(first.order.nearEmptyMl + first.order.rateMlPerHour / 100);
  if (third) plan(45_000, () => third.begin('stall', minutes(5)));
  plan(30_000, () => wander(wards[0]!, minutes(4)));

  for (const line of lines.values()) {
    if (line.order.delivery === 'gravity') {
      again(MEAN_MS.stall, () => line.begin('stall', r.between(minutes(1.5), minutes(6))));
      again(MEAN_MS.freeFlow, () => line.begin('free_flow', r.between(30_000, minutes(1.5))));
    } else again(MEAN_MS.occlusion, () => line.begin('occlusion', r.between(minutes(2), minutes(8))));
    again(MEAN_MS.takeAway, () => line.takeAway(r.between(minutes(0.5), minutes(4))));
  }
  for (const ward of wards) again(MEAN_MS.wander, () => wander(ward, r.between(minutes(2), minutes(6))));

  return {
    advance(dtMs) {
      now += dtMs;
      for (let i = due.length - 1; i >= 0; i--) {
        if (due[i]!.at > now) continue;
        const [event] = due.splice(i, 1);
        event!.run();
      }
    },
  };
}
