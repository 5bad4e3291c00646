import type { ContainerState } from '#contracts/readings.ts';
import { instant, millilitres, millilitresPerHour } from '#contracts/units.ts';
import { addPiggyback, type Container, judgeContainer, learnEmpty, orderedRate, shareJump, volumeIn } from './container.ts';
import { createFlowEstimator, type Flow, type FlowVerdict } from './flow.ts';
import { createHook } from './hook.ts';
import { createLoad, type Jump } from './load.ts';
import { createMassHistory } from './mass-history.ts';
import { createSecondGatherer, type Second } from './second.ts';
import { DENSITY_ELSE, type Normal } from './typical.ts';
import type { Weighing, WeighingEstimate, WeighingEvent, WeighingEventKind, WeighingOrder } from './weighing-estimate.ts';

/** Injected medication: a rise of a few grams or more with a hand at the container for a while. */
const MEDICATION_MIN_G = 5;
const MEDICATION_MAX_G = 80;
const MEDICATION_HAND_S = 5;
/** A rise beyond this is another container. */
const SECOND_CONTAINER_G = 25;
/** Nothing flows with this little left by our account: it is empty, not stalled. */
const EMPTY_ML = 0.4;
/** Our account of the volume errs by some millilitres: it is called empty once the flow of so many seconds more has gone, but for this much. */
const EMPTY_AFTER_S = 40;
const EMPTY_BELOW_MAX_ML = 1.6;
const EMPTY_STALLED_MIN_ML = 6;
const EMPTY_STALLED_SDS = 2.2;
/** An alarm somewhat before the threshold is right more often than one after it, for the offset is never exact. */
const NEAR_EMPTY_SHARE = 1.04;
const REPEAT_AFTER_S = 120;
const SAME_CONTAINER_G = 6;
/** A sample beyond the range of any hanging scale is garbage. */
const MASS_MAX_G = 50_000;

/** Bound of the contract for volumes and flows, ml and ml/h. */
const AMOUNT_MAX = 20_000;

const UNKNOWN: WeighingEstimate = { state: 'unknown', isCalm: false, events: [] };

/**
 * Estimator of one hanging scale. One second of samples is put together before it is judged, so an estimate is at most a second old.
 * Memory: a quarter of an hour of seconds (40 kB).
 */
export function createWeighing(): Weighing {
  const gatherer = createSecondGatherer();
  const hook = createHook();
  const load = createLoad();
  const history = createMassHistory();
  const flows = createFlowEstimator(history);
  const pending: WeighingOrder[] = [];
  const toldAt = new Map<WeighingEventKind, number>();
  let container: Container | undefined;
  let set: Normal | undefined;
  let startMass = 0;
  let isSetPrimed = true;
  let removed: { container: Container | undefined; mass: number } | undefined;
  let flow: Flow | undefined;
  let verdict: FlowVerdict = 'running';
  let isEmpty = false;
  let isNearEmptyTold = false;
  let events: WeighingEvent[] = [];
  let last = UNKNOWN;
  let lastAt = Number.NEGATIVE_INFINITY;

  function tell(kind: WeighingEventKind, at: number): void {
    events.push({ kind, at: instant(at * 1000) });
    toldAt.set(kind, at);
  }

  function bind(order: WeighingOrder): void {
    container = judgeContainer(order, startMass, isSetPrimed, set);
    set = container.set;
    isEmpty = false;
    isNearEmptyTold = false;
  }

  function bindPending(): void {
    const index = pending.findIndex((order) => order.role === 'primary');
    if (index >= 0) bind(pending.splice(index, 1)[0]!);
  }

  function start(at: number, mass: number, wasHungNow: boolean): void {
    load.restart(at, mass);
    history.clear();
    flows.restart(at);
    flow = undefined;
    verdict = 'running';
    isEmpty = false;
    isNearEmptyTold = false;
    const isSame = wasHungNow && removed !== undefined && Math.abs(mass - removed.mass) < SAME_CONTAINER_G && pending.length === 0;
    container = isSame ? removed!.container : undefined;
    if (isSame) return;
    isSetPrimed = !wasHungNow || removed !== undefined;
    startMass = mass;
    bindPending();
  }

  function explain(jump: Jump, at: number): void {
    const { grams, duration, handled } = jump;
    startMass += container ? 0 : grams;
    const piggyback = pending.findIndex((order) => order.role === 'piggyback');
    if (grams > SECOND_CONTAINER_G) {
      if (container && piggyback >= 0) addPiggyback(container, pending.splice(piggyback, 1)[0]!, grams, load.mass());
      else if (container) container.offset += grams;
      flows.restart(at);
      return;
    }
    if (grams > MEDICATION_MIN_G && grams < MEDICATION_MAX_G && handled >= MEDICATION_HAND_S) {
      tell('medication_added', at);
      return;
    }
    if (container) shareJump(container, grams, (flow?.fall ?? 0) * duration);
  }

  function judge(at: number): ContainerState {
    if (!container) return verdict === 'free_flow' ? 'free_flow' : 'running';
    const left = volumeIn(container, load.mass());
    const isNearlyGone = left < Math.max(EMPTY_STALLED_MIN_ML, (EMPTY_STALLED_SDS * container.offsetSd) / container.density);
    const below = (container.offset - load.mass()) / container.density;
    const isUsedUp = left < EMPTY_ML && below > Math.min(EMPTY_BELOW_MAX_ML, ((flow?.fall ?? 0) * EMPTY_AFTER_S) / container.density);
    if (!isEmpty && (isUsedUp || (verdict === 'stalled' && isNearlyGone)) && load.isCalm()) {
      isEmpty = true;
      if (left >= EMPTY_ML) learnEmpty(container, load.mass());
      tell('empty', at);
    }
    if (isEmpty && left > EMPTY_STALLED_MIN_ML) isEmpty = false;
    if (isEmpty) return 'empty';
    const threshold = container.order.nearEmptyMl;
    if (!isNearEmptyTold && threshold !== undefined && left <= threshold * NEAR_EMPTY_SHARE && load.isCalm()) {
      isNearEmptyTold = true;
      tell('near_empty', at);
    }
    if (verdict !== 'running') {
      const told = toldAt.get(verdict);
      if (told === undefined || (last.state !== verdict && at - told > REPEAT_AFTER_S)) tell(verdict, at);
    }
    return verdict;
  }

  function hanging(second: Second): WeighingEstimate {
    const { at } = second;
    const jump = load.step(second, flow?.fall ?? 0);
    if (jump) explain(jump, at);
    for (const calm of load.established()) history.add(calm.at, calm.mass - load.shift());
    const density = container?.density ?? DENSITY_ELSE;
    const left = container && volumeIn(container, load.mass());
    const rate = container && orderedRate(container, left!);
    ({ flow, verdict } = flows.step(
      at,
      load.calmSince(),
      rate === undefined ? undefined : (rate * density) / 3600,
      container?.order.delivery === 'pump',
    ));
    const state = judge(at);
    const perHour = 3600 / density;
    const bounded = (value: number) => Math.min(value, AMOUNT_MAX);
    return {
      ...(left === undefined ? {} : { remainingMl: millilitres(isEmpty ? 0 : bounded(left)) }),
      ...(container === undefined ? {} : { remainingBoundMl: millilitres((2 * Math.hypot(container.offsetSd, 0.4)) / density) }),
      ...(flow === undefined ? {} : { flowMlPerHour: millilitresPerHour(bounded(flow.fall * perHour)) }),
      ...(flow === undefined ? {} : { flowBoundMlPerHour: millilitresPerHour(bounded(2 * flow.error * perHour)) }),
      state,
      isCalm: load.isCalm(),
      events,
    };
  }

  function take(second: Second): WeighingEstimate {
    const change = hook.step(second, pending.length > 0);
    if (change === 'present') start(second.at, hook.rest() ?? second.mass, false);
    else if (change === 'removed') {
      removed = { container, mass: load.mass() };
      container = undefined;
      tell('bag_removed', second.at);
    } else if (change === 'hung') tell(removed !== undefined && hook.wasAwayBriefly() ? 'bag_changed' : 'bag_hung', second.at);
    else if (change === 'started') start(second.at, hook.rest() ?? second.mass, true);
    const phase = hook.phase();
    if (phase === 'hanging') return hanging(second);
    return {
      state: phase,
      ...(phase === 'no_bag' ? { remainingMl: millilitres(0), flowMlPerHour: millilitresPerHour(0) } : {}),
      isCalm: false,
      events,
    };
  }

  return {
    order(order) {
      if (container?.order.id === order.id) {
        container = { ...container, order };
        flows.restart(lastAt / 1000);
        return;
      }
      const known = pending.findIndex(({ id }) => id === order.id);
      if (known >= 0) pending.splice(known, 1);
      pending.push(order);
      if (!container && hook.phase() === 'hanging') bindPending();
    },
    endOrder(id) {
      const known = pending.findIndex((order) => order.id === id);
      if (known >= 0) pending.splice(known, 1);
    },
    step(sample) {
      const { at, massGrams } = sample;
      if (events.length > 0) {
        events = [];
        last = { ...last, events };
      }
      if (!Number.isFinite(at) || !(Math.abs(massGrams) <= MASS_MAX_G) || at <= lastAt) return last;
      lastAt = at;
      const second = gatherer.add(sample);
      if (second) last = take(second);
      return last;
    },
  };
}
