import type { Leg, LegProgress } from '../adapter.ts';
import { type StateMessage, sequenceOf } from './messages.ts';

const ENDED = new Set(['FINISHED', 'FAILED']);

/** Reads a vehicle's state against the leg that it should follow. `before` is what was known, so that nothing is taken back. */
export function readProgress(leg: Leg, state: StateMessage, before: LegProgress | undefined, cancelEnded: boolean): LegProgress {
  const known = before?.order === leg.order ? before : undefined;
  const base: LegProgress = known ?? { order: leg.order, update: -1, status: 'sent', passed: 0 };
  if (state.orderId !== leg.order) {
    if (leg.isCancelled) return { ...base, status: 'ended' };
    if (leg.isAccepted || known?.status === 'accepted') return { ...base, status: 'forgotten' };
    const refusal = refusalOf(leg, state);
    return refusal === undefined
      ? { ...base, status: known?.status === 'refused' ? 'refused' : 'sent' }
      : { ...base, status: 'refused', because: refusal };
  }
  const update = Math.max(base.update, state.orderUpdateId ?? 0);
  const passed = Math.max(base.passed, passedOf(leg, state, update));
  const action = actionStatusOf(leg, state);
  const because = actionTextOf(leg, state);
  const at = { order: leg.order, update, passed, ...(action ? { action } : {}), ...(because === undefined ? {} : { because }) };
  if (leg.isCancelled) return { ...at, status: cancelEnded || (isIdle(state) && update >= leg.update) ? 'ended' : 'cancelling' };
  if (update < leg.update) {
    const refusal = refusalOf(leg, state);
    return refusal === undefined ? { ...at, status: 'accepted' } : { ...at, status: 'refused', because: refusal };
  }
  return { ...at, status: hasEnded(leg, state, passed, action) ? 'ended' : 'accepted' };
}

/** VDA 5050 §6.6.4.1: tracked by sequence number, since nodes may come again. Reached nodes that a careless vehicle leaves in nodeStates do not count against the last node that it names. */
function passedOf(leg: Leg, state: StateMessage, update: number): number {
  let passed = 0;
  const byLast = state.lastNodeSequenceId === undefined ? -1 : state.lastNodeSequenceId / 2;
  // Just after accepting an order a vehicle may still show the last node of the order before: both number and name must fit.
  if (Number.isInteger(byLast) && leg.steps[byLast]?.node === state.lastNodeId) passed = byLast;
  if (leg.isCancelled) return passed;
  const remaining = state.nodeStates ?? [];
  if (remaining.length > 0) passed = Math.max(passed, Math.min(...remaining.map((n) => n.sequenceId)) / 2 - 1);
  else if (update === leg.update && state.lastNodeId === leg.steps.at(-1)!.node) passed = leg.steps.length - 1;
  return Math.max(0, Math.min(passed, leg.released - 1));
}

const orderActions = (leg: Leg, state: StateMessage) =>
  leg.action === undefined ? [] : (state.actionStates ?? []).filter((a) => a.actionId === leg.action!.id);

function actionStatusOf(leg: Leg, state: StateMessage): LegProgress['action'] {
  const status = orderActions(leg, state)[0]?.actionStatus;
  if (status === undefined) return undefined;
  if (status === 'FINISHED') return 'finished';
  if (status === 'FAILED') return 'failed';
  return status === 'WAITING' ? 'waiting' : 'running';
}

function actionTextOf(leg: Leg, state: StateMessage): string | undefined {
  if (!leg.action) return undefined;
  const error = (state.errors ?? []).find((e) => e.errorReferences?.some((r) => r.referenceValue === leg.action!.id));
  return (
    error?.errorDescription ??
    error?.errorType ??
    (actionStatusOf(leg, state) === 'failed' ? orderActions(leg, state)[0]?.resultDescription : undefined)
  );
}

/** VDA 5050 §6.6.4.2, rule for idle: no nodes, no edges, every action over. */
const isIdle = (state: StateMessage): boolean =>
  (state.nodeStates ?? []).length === 0 &&
  (state.edgeStates ?? []).length === 0 &&
  (state.actionStates ?? []).every((a) => ENDED.has(a.actionStatus) || a.actionType === 'cancelOrder');

/** The end of the leg is reached and nothing is left to do, not even a horizon. What lies behind the last node is a careless vehicle's leftover. */
function hasEnded(leg: Leg, state: StateMessage, passed: number, action: LegProgress['action']): boolean {
  if (passed !== leg.steps.length - 1) return false;
  const end = sequenceOf(leg.steps.length - 1);
  if ((state.nodeStates ?? []).some((n) => n.sequenceId > end)) return false;
  return leg.action === undefined || action === 'finished' || action === 'failed';
}

/** A rejection stays in the errors until the next accepted order: it is ours only where the references name this order and update. */
function refusalOf(leg: Leg, state: StateMessage): string | undefined {
  for (const { errorType, errorDescription, errorReferences = [] } of state.errors ?? []) {
    const reference = (key: string) => errorReferences.find((r) => r.referenceKey === key)?.referenceValue;
    if (reference('orderId') !== leg.order) continue;
    const update = reference('orderUpdateId');
    if (update !== undefined && update !== String(leg.update)) continue;
    return errorDescription ?? errorType;
  }
  return undefined;
}
