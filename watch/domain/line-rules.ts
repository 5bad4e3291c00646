import type { AlarmKindName } from '#contracts/alarm-kinds.ts';
import type { Order } from '#contracts/ward-state.ts';
import type { Figures } from './figures.ts';
import { FIXED, type Limits, nearEmptyOf } from './limits.ts';

export interface LineView {
  readonly figures: Figures;
  readonly order: Order | undefined;
  readonly limits: Limits;
  /** A pump is on the line, be it heard now or not. */
  readonly hasPump: boolean;
  /** A pump on the line reports an alarm of its own that is no state. */
  readonly hasPumpAlarm: boolean;
}

export interface LineRule {
  readonly kind: AlarmKindName;
  /** True or false: it is so, it is not. Undefined: nothing new is known, what was so stays. `was` gives the hysteresis. */
  isSo(view: LineView, was: boolean): boolean | undefined;
  /** The figure that settles it, with its limit and unit. */
  measure(view: LineView): { value?: number; limit?: number; unit?: string; what: string; by?: string };
}

/** Order of a line that is meant to run. */
const isActive = ({ order }: LineView): boolean => order?.state === 'running';
const isUnsettled = ({ figures: { state } }: LineView): boolean => state === 'unknown' || state === 'changing';
const isEmpty = ({ figures }: LineView): boolean => figures.state === 'empty' || (figures.state === 'finished' && figures.isRunOut);

const byState = (view: LineView) => ({ what: 'state', ...(view.figures.stateBy === undefined ? {} : { by: view.figures.stateBy }) });
const byRemaining = (view: LineView, limit?: number) => ({
  ...(view.figures.remainingMl === undefined ? {} : { value: view.figures.remainingMl, unit: 'mL' }),
  ...(limit === undefined ? {} : { limit }),
  what: 'remainingMl',
  ...(view.figures.remainingBy === undefined ? {} : { by: view.figures.remainingBy }),
});
const byFlow = (view: LineView, limit?: number) => ({
  ...(view.figures.flowMlPerHour === undefined ? {} : { value: view.figures.flowMlPerHour, unit: 'mL/h' }),
  ...(limit === undefined ? {} : { limit }),
  what: 'flowMlPerHour',
  ...(view.figures.flowBy === undefined ? {} : { by: view.figures.flowBy }),
});

/** The rate is off where its whole bound lies beyond the limit, and on again where the figure is well inside. */
function isOff(view: LineView, sign: 1 | -1, was: boolean): boolean | undefined {
  const { figures, order, limits } = view;
  if (!isActive(view)) return false;
  if (isUnsettled(view)) return undefined;
  if (figures.state !== 'running') return false; // Stalled, free flow and the like are told by their own name.
  if (figures.flowMlPerHour === undefined || !order) return undefined;
  const share = limits.rateDeviationPercent / 100;
  const deviation = sign * (figures.flowMlPerHour / order.rateMlPerHour - 1);
  const bound = (figures.flowBoundMlPerHour ?? 0) / order.rateMlPerHour;
  if (deviation - bound > share) return true;
  return deviation < share * (1 - FIXED.hysteresisShare) ? false : was ? undefined : false;
}
const rateLimit = ({ order, limits }: LineView, sign: 1 | -1): number | undefined =>
  order && Math.round(order.rateMlPerHour * (100 + sign * limits.rateDeviationPercent)) / 100;

/** A state that names itself, on a line that is meant to run. */
const stateRule = (kind: 'stalled' | 'bag_removed', state: Figures['state']): LineRule => ({
  kind,
  isSo: (view) => (!isActive(view) ? false : isUnsettled(view) ? undefined : view.figures.state === state),
  measure: byState,
});

/** Everything that can be so of a line, while at least one source is live. */
export const lineRules: readonly LineRule[] = [
  {
    kind: 'near_empty',
    isSo(view, was) {
      const { figures, order, limits } = view;
      if (!order || !isActive(view) || figures.state === 'no_bag' || isEmpty(view)) return false; // Empty takes its place: one fact, one alarm.
      if (figures.state === 'changing') return undefined;
      if (figures.state === 'finished') return true; // A pump that only keeps the vein open.
      if (figures.remainingMl === undefined) return undefined;
      const limit = nearEmptyOf(order, limits);
      if (figures.remainingMl <= limit) return true;
      return figures.remainingMl > limit * (1 + FIXED.hysteresisShare) || !was ? false : undefined;
    },
    measure: (view) => byRemaining(view, view.order && nearEmptyOf(view.order, view.limits)),
  },
  {
    kind: 'empty',
    isSo: (view) => (!isActive(view) ? false : isUnsettled(view) ? undefined : isEmpty(view)),
    measure: (view) => byRemaining(view),
  },
  stateRule('stalled', 'stalled'),
  stateRule('bag_removed', 'no_bag'),
  {
    kind: 'free_flow',
    // With or without an order: what runs freely runs into somebody.
    isSo: (view) => (isUnsettled(view) ? undefined : view.figures.state === 'free_flow'),
    measure: (view) => byFlow(view, view.order?.rateMlPerHour),
  },
  { kind: 'rate_high', isSo: (view, was) => isOff(view, 1, was), measure: (view) => byFlow(view, rateLimit(view, 1)) },
  { kind: 'rate_low', isSo: (view, was) => isOff(view, -1, was), measure: (view) => byFlow(view, rateLimit(view, -1)) },
  {
    kind: 'occlusion',
    isSo: ({ figures: { pump }, hasPump }) => (pump === undefined && hasPump ? undefined : pump === 'occluded'),
    measure: byState,
  },
  {
    kind: 'pump_alarm',
    isSo({ figures: { pump }, hasPump, hasPumpAlarm }) {
      if (hasPumpAlarm || pump === 'air_in_line' || pump === 'door_open') return true;
      return pump === undefined && hasPump ? undefined : false;
    },
    measure: (view) => byState(view),
  },
];
