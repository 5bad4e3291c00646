import { type Instant, milliseconds } from '#contracts/units.ts';
import { type Bus, sweep } from '#runtime/bus.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Store } from '#runtime/store.ts';
import { nextBegin } from './duty.ts';
import type { Tables } from './migrations.ts';
import type { Places } from './places.ts';
import { type Publication, say } from './publication.ts';
import { type Standing, standing } from './records.ts';

const RETRY_MS = 5000;
const TIMER_MS_MAX = 3_600_000;

export interface Voice {
  /** Says changes that are on disk. What the broker does not take is said again with everything that stands. */
  say(changes: readonly Publication[]): void;
  /** Says all that stands. */
  sayAll(): Promise<void>;
}

/** Keeps the retained messages of records true: at the start, after each change and when a shift begins. */
export function openVoice(bus: Bus, store: Store<Tables>, places: Places, log: Log, counted: (messages: number) => void): Voice {
  let isRetrying = false;
  const retry = (error: unknown) => {
    log.warn({ reason: asError(error).message }, 'change not said; all that stands will be said again');
    if (isRetrying) return;
    isRetrying = true;
    bus.clock.after(milliseconds(RETRY_MS), () => {
      isRetrying = false;
      void sayAll();
    });
  };
  const sayOne = (change: Publication) => say(bus, change).catch(retry);
  async function sayAll(): Promise<void> {
    await Promise.all(publicationsOf(await standing(store, places, bus.clock.now())).map(sayOne));
  }
  return {
    say(changes) {
      counted(changes.length);
      changes.forEach(sayOne);
    },
    sayAll,
  };
}

const publicationsOf = ({ orders, occupancies, placements, duties }: Standing): Publication[] => [
  ...occupancies.map((message) => ({ channel: 'occupancy' as const, message })),
  ...placements.map((message) => ({ channel: 'placement' as const, message })),
  ...orders.map((message) => ({ channel: 'order' as const, message })),
  ...duties.map((message) => ({ channel: 'duty' as const, message })),
];

/** Withdraws the retained messages that records no longer stands for. Call once at start, with what stands. */
export async function sweepStale(bus: Bus, { orders, occupancies, placements, duties }: Standing): Promise<void> {
  const lines = new Set(orders.map(({ ward, bed, line }) => `${ward}/${bed}/${line}`));
  const beds = new Set(occupancies.map(({ ward, bed }) => `${ward}/${bed}`));
  const devices = new Set(placements.map(({ ward, device }) => `${ward}/${device}`));
  const wards = new Set(duties.map(({ ward }) => ward));
  await Promise.all([
    sweep(bus, 'order', (_, { ward, bed, line }) => lines.has(`${ward}/${bed}/${line}`)),
    sweep(bus, 'occupancy', (_, { ward, bed }) => beds.has(`${ward}/${bed}`)),
    sweep(bus, 'placement', (_, { ward, device }) => devices.has(`${ward}/${device}`)),
    sweep(bus, 'duty', (_, { ward }) => wards.has(ward)),
  ]);
}

/** Says the shift that begins, when it begins. Long waits are cut, because a timer counts no time while the machine sleeps. */
export function followShifts(bus: Bus, store: Store<Tables>, voice: Voice, stop: Promise<void>): void {
  let isStopped = false;
  void stop.then(() => {
    isStopped = true;
  });
  const wait = async (from: Instant): Promise<void> => {
    const next = await nextBegin(store, from);
    const delay = Math.min(TIMER_MS_MAX, next === undefined ? TIMER_MS_MAX : Math.max(0, next - bus.clock.now()));
    bus.clock.after(milliseconds(delay), async () => {
      if (isStopped) return;
      const now = bus.clock.now();
      if (next !== undefined && next <= now) await voice.sayAll();
      await wait(now);
    });
  };
  void wait(bus.clock.now());
}
