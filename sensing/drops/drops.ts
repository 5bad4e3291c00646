import type { DripState } from '#contracts/readings.ts';
import { dropsPerMinute, instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import type { DropEstimate, DropEvent, DropEventKind, DropRate, DropRateOptions } from './drop-estimate.ts';
import { createDropTrain } from './drop-train.ts';
import { createLight, type Sight } from './light.ts';

/** The limits of the ward: a deviation of 10 % counts, a tenth of the order is stopped, 2.5 times the order runs free. */
const DEVIATION = 0.1;
const STOPPED_SHARE = 0.1;
const FREE_SHARE = 2.5;
/** Drops that fail to come before a line counts as stopped: missed ones make up some 2 %, so five together are no accident. */
const STOPPED_PERIODS = 5;
const STOPPED_MIN_S = 7;
/** From here on a late drop bounds the rate from above. */
const LATE_PERIODS = 2.3;
/** Drops merge into a stream above some rate of the chamber: about 380 a minute of 1/20 ml, 650 of 1/60 ml. */
const streamDropsPerSecond = (factor: number) => (factor < 40 ? 380 : 650) / 60;
/** Error of what was believed to be left at the start, and of a set that has not been calibrated. */
const START_ERROR_SHARE = 0.03;
const START_ERROR_ML = 1;
const SET_ERROR_SHARE = 0.015;
/** Seconds a state must last to be an event, and seconds after a new order in which the roller clamp is being set. */
const EVENT_AFTER_S: Readonly<Record<DropEventKind, number>> = { rate_high: 25, rate_low: 25, stopped: 3, free_flow: 3, finished: 5 };
/** Near the limit the rate must stand out by this much of its uncertainty before it is called an event. */
const EVENT_SIGMAS = 2;
const EVENT_MARGIN = 0.002;
/** A deviation just at the limit that has lasted so long needs no more proof. */
const EVENT_PLAIN_AFTER_S = 75;
const ORDER_GRACE_S = 45;
/** A state must have been away so long before it is a new event. */
const REPEAT_AFTER_S = 60;
/** Signals closer than this are one drop: a detector's pulse is longer, and a stream merges at some 90 ms. */
const DROP_GAP_MIN_S = 0.001;
/** Drops of the finest sets merge far below this. */
const RATE_MAX_PER_S = 2000 / 60;
/** Points of a new train before it replaces what was known before a gap. */
const TRUSTED_POINTS = 5;

const NO_EVENTS: readonly DropEvent[] = [];

/** Estimator of one drip chamber: count and light in, rate and state out. Its memory is bounded by the drop train's. */
export function createDropRate(options: DropRateOptions): DropRate {
  const factor = options.dropFactor;
  const train = createDropTrain();
  const light = createLight();
  const seenAt = new Map<DropEventKind, { since: number; last: number; isTold: boolean }>();
  let dropCount = 0;
  let lastDrop = Number.NEGATIVE_INFINITY;
  let lastTick: number | undefined;
  let firstAt: number | undefined;
  let ordered: number | undefined;
  let orderedAt = Number.NEGATIVE_INFINITY;
  let remaining: number | undefined = options.remainingMl;
  let start: number | undefined = remaining;
  let used = 0;
  let held: number | undefined;
  let clearSince = Number.NEGATIVE_INFINITY;
  let sight: Sight = 'clear';
  let darkDrops = 0;
  let last: DropEstimate = { dropCount: 0, state: 'unknown', events: NO_EVENTS };

  const nearlyEmpty = (): boolean =>
    remaining !== undefined && start !== undefined && remaining < START_ERROR_ML + START_ERROR_SHARE * start + SET_ERROR_SHARE * used;

  /** Drops per second believed at `at`. */
  function currentRate(at: number): number | undefined {
    const fresh = train.rate();
    const rate = fresh !== undefined && (train.points() >= TRUSTED_POINTS || held === undefined) ? fresh : held;
    if (rate === undefined || sight === 'sun') return rate;
    const silence = at - Math.max(train.lastAt() ?? clearSince, clearSince);
    return silence > LATE_PERIODS / rate ? Math.min(rate, 1 / silence) : rate;
  }

  function isStopped(at: number): boolean {
    if (sight !== 'clear') return false;
    const usual = held ?? train.rate();
    const period = usual === undefined ? train.period() : 1 / usual;
    const expected = ordered !== undefined && ordered > 0 ? 3600 / (ordered * factor) : undefined;
    const wait = Math.max(STOPPED_MIN_S, STOPPED_PERIODS * (period ?? expected ?? Number.POSITIVE_INFINITY));
    return at - Math.max(lastDrop, clearSince, firstAt ?? at) > wait;
  }

  function judge(at: number, flow: number | undefined): DripState {
    if (isStopped(at)) return nearlyEmpty() ? 'finished' : 'stopped';
    if (flow === undefined || ordered === undefined || ordered <= 0) return 'unknown';
    const share = flow / ordered;
    if (share < 1 - DEVIATION && nearlyEmpty() && remaining! < START_ERROR_ML + START_ERROR_SHARE * start! && share < 0.6)
      return 'finished';
    if (share < STOPPED_SHARE) return 'stopped';
    if (share > FREE_SHARE) return 'free_flow';
    if (share > 1 + DEVIATION) return 'rate_high';
    return share < 1 - DEVIATION ? 'rate_low' : 'ok';
  }

  function eventsOf(at: number, state: DripState, flow: number | undefined): readonly DropEvent[] {
    if (state === 'ok' || state === 'unknown') return NO_EVENTS;
    const seen = seenAt.get(state);
    if (!seen || at - seen.last > REPEAT_AFTER_S) {
      seenAt.set(state, { since: at, last: at, isTold: false });
      return NO_EVENTS;
    }
    if (at - seen.last > 5 && !seen.isTold) seen.since = at;
    seen.last = at;
    if (seen.isTold) return NO_EVENTS;
    if (state === 'rate_high' || state === 'rate_low') {
      const beyond = Math.abs((flow ?? 0) / ordered! - 1) - DEVIATION;
      const isPlain = beyond >= EVENT_MARGIN + EVENT_SIGMAS * train.uncertainty() || at - seen.since >= EVENT_PLAIN_AFTER_S;
      if (sight !== 'clear' || at - orderedAt < ORDER_GRACE_S || !isPlain) return NO_EVENTS;
    }
    if (at - seen.since < EVENT_AFTER_S[state]) return NO_EVENTS;
    seen.isTold = true;
    return [{ kind: state, at: instant(at * 1000) }];
  }

  function lookAgain(at: number): void {
    const now = light.sight(at);
    if (now === sight) return;
    if (sight === 'clear') held = train.rate() ?? held;
    if (now === 'clear') clearSince = at;
    sight = now;
    train.restart();
    darkDrops = 0;
  }

  return {
    order(rate, at) {
      ordered = rate;
      orderedAt = at / 1000;
    },
    refill(remainingMl) {
      remaining = remainingMl;
      start = remainingMl;
      used = 0;
      seenAt.delete('finished');
    },
    drop(instantMs) {
      const at = instantMs / 1000;
      if (!Number.isFinite(at) || at - lastDrop < DROP_GAP_MIN_S) return;
      dropCount += 1;
      if (isStopped(at)) train.restart();
      lastDrop = at;
      if (sight === 'clear') train.drop(at);
      else darkDrops += 1;
    },
    ambient(level, at) {
      light.step(level, at / 1000);
    },
    tick(instantMs) {
      const at = instantMs / 1000;
      if (!Number.isFinite(at) || (lastTick !== undefined && at < lastTick)) return last;
      firstAt ??= at;
      lookAgain(at);
      if (train.points() >= TRUSTED_POINTS) held = train.rate() ?? held;
      // A stream glitters: signals without rhythm. An object in the beam gives none, and then nothing new is known.
      const isStream = sight === 'dark' && darkDrops > 0;
      const isHalted = isStopped(at);
      const believed = isStream ? streamDropsPerSecond(factor) : isHalted ? 0 : currentRate(at);
      const rate = believed === undefined || Number.isNaN(believed) ? undefined : Math.min(believed, RATE_MAX_PER_S);
      const flow = rate === undefined ? undefined : (rate / factor) * 3600;
      const running = flow ?? ordered;
      if (remaining !== undefined && running !== undefined && lastTick !== undefined) {
        const volume = (running * (at - lastTick)) / 3600;
        remaining = Math.max(0, remaining - volume);
        used += volume;
      }
      const isRepeat = at === lastTick;
      lastTick = at;
      const state = judge(at, flow);
      last = {
        dropCount,
        ...(rate === undefined ? {} : { dropsPerMinute: dropsPerMinute(rate * 60) }),
        ...(flow === undefined ? {} : { flowMlPerHour: millilitresPerHour(flow) }),
        ...(flow === undefined
          ? {}
          : { flowBoundMlPerHour: millilitresPerHour(flow * Math.min(1, 2 * Math.hypot(train.uncertainty(), SET_ERROR_SHARE))) }),
        ...(remaining === undefined ? {} : { remainingMl: millilitres(remaining) }),
        state,
        events: isRepeat ? NO_EVENTS : eventsOf(at, state, flow),
      };
      return last;
    },
  };
}
