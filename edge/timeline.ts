import { type Instant, instant } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';

/** Earliest instant that the contracts allow: an edge that wakes up with its clock in 1970 still gets its readings through. */
const EARLIEST_MS = 946_684_800_000;

/**
 * The time that the sensing cores live in: it starts with the wall clock and then only moves on, so that a step of the wall clock (NTP, a person) neither stops a core
 * nor looks like hours of flow. In a simulated house it runs `factor` times as fast, as the simulated infusions do, so that flows come out in true units.
 */
export interface Timeline {
  now(): Instant;
  /** The wall clock's word for a moment of this time, for `measuredAt`. */
  wallOf(at: Instant): Instant;
}

export function openTimeline(clock: Clock, factor = 1): Timeline {
  const startedAt = clock.now();
  const startedElapsed = clock.elapsed();
  const now = () => instant(startedAt + (clock.elapsed() - startedElapsed) * factor);
  return {
    now,
    wallOf: (at) => instant(Math.max(EARLIEST_MS, Math.round(clock.now() - (now() - at) / factor))),
  };
}
