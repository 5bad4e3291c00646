import type { Instant } from '#contracts/units.ts';
import { instant } from '#contracts/units.ts';
import type { Leg } from '../adapters/adapter.ts';
import { type Changes, placeOf, readiness, setLeg, type Unit, type World } from './world.ts';

/** A vehicle that ignores a cancellation is taken to have stopped when it has stood still this long. */
const CANCEL_IGNORED_MS = 20_000;
/** An order that never shows in the state is given up. */
const UNANSWERED_MS = 60_000;
const REST_MS = 5000;
/** A disinfection that does not confirm its end is paused as well. */
const PAUSE_AFTER_CANCEL_MS = 2000;

/** How an action order ended; drives just end. */
export type LegOutcome =
  | { readonly kind: 'done'; readonly leg: Leg }
  | { readonly kind: 'failed'; readonly leg: Leg; readonly because: string }
  | { readonly kind: 'cancelled'; readonly leg: Leg }
  /** The robot had the order and no longer shows it: whether the action took place is not known. */
  | { readonly kind: 'uncertain'; readonly leg: Leg };

/** Takes in what the robot shows of itself and of its order. Returns what became of an action order that is over. */
export function observe(world: World, unit: Unit, changes: Changes, now: Instant): LegOutcome | undefined {
  unit.view = unit.adapter.view(now);
  const outcome = followLeg(unit, changes, now);
  if (!unit.leg) {
    unit.place = placeOf(world.graph, unit);
    if (unit.place.kind === 'node' && unit.place.node !== unit.node) {
      unit.node = unit.place.node;
      changes.units.add(unit);
    }
  }
  if (unit.view.connection === 'online') delete unit.awaySince;
  else unit.awaySince ??= now;
  if (readiness(unit) === undefined) delete unit.downSince;
  else unit.downSince ??= now;
  return outcome;
}

function followLeg(unit: Unit, changes: Changes, now: Instant): LegOutcome | undefined {
  const { leg, view } = unit;
  const progress = view.progress;
  if (!leg || !progress || progress.order !== leg.order) return undefined;
  const isShown = progress.status === 'accepted' || progress.status === 'ended' || progress.status === 'cancelling';
  if (isShown && !leg.isAccepted && !leg.isCancelled) {
    unit.refusals = 0;
    setLeg(unit, changes, { ...leg, isAccepted: true });
  }
  if (progress.passed > unit.passed) {
    unit.passed = progress.passed;
    unit.node = leg.steps[progress.passed]!.node;
  }
  switch (progress.status) {
    case 'ended':
      return drop(unit, changes, endOf(leg, progress.action, progress.because));
    case 'refused':
      return refused(unit, leg, changes, progress.because ?? 'no reason given', now);
    case 'forgotten':
      return drop(unit, changes, leg.action ? { kind: 'uncertain', leg } : undefined);
    case 'cancelling':
      return cancelling(unit, leg, changes, now);
    case 'sent':
      if (leg.isCancelled) return cancelling(unit, leg, changes, now);
      if (now - leg.startedAt > UNANSWERED_MS && view.connection === 'online' && !leg.isAccepted)
        return refused(unit, leg, changes, 'it does not answer the order', now);
      return undefined;
    case 'accepted':
      return undefined;
  }
}

function drop(unit: Unit, changes: Changes, outcome: LegOutcome | undefined): LegOutcome | undefined {
  const reached = unit.leg!.steps[unit.passed]!.node;
  // The start of a leg that began between two nodes is no node of the layout.
  if (!reached.startsWith(START_PREFIX)) unit.node = reached;
  setLeg(unit, changes, undefined);
  unit.passed = 0;
  delete unit.cancelledAt;
  return outcome;
}

/** Name of the first node of an order that begins between two nodes. */
export const START_PREFIX = 'start@';

function endOf(
  leg: Leg,
  action: 'waiting' | 'running' | 'finished' | 'failed' | undefined,
  because: string | undefined,
): LegOutcome | undefined {
  if (!leg.action) return undefined;
  if (action === 'finished') return { kind: 'done', leg };
  if (leg.isCancelled) return { kind: 'cancelled', leg };
  return { kind: 'failed', leg, because: because ?? 'it gives no reason' };
}

function refused(unit: Unit, leg: Leg, changes: Changes, because: string, now: Instant): LegOutcome | undefined {
  unit.refusals++;
  unit.rest = { until: instant(now + REST_MS * Math.min(6, unit.refusals)), because: `refused an order: ${because}`.slice(0, 200) };
  if (leg.isAccepted && !leg.isCancelled) {
    // The robot still has what came before the refused update: that must be undone first.
    cancelLeg(unit, changes, now);
    return undefined;
  }
  return drop(unit, changes, leg.action ? { kind: 'failed', leg, because } : undefined);
}

function cancelling(unit: Unit, leg: Leg, changes: Changes, now: Instant): LegOutcome | undefined {
  unit.cancelledAt ??= now;
  const forMs = now - unit.cancelledAt;
  if (leg.action?.kind === 'disinfect' && forMs > PAUSE_AFTER_CANCEL_MS && !unit.view.isPaused)
    changes.effects.push(() => unit.adapter.pause());
  if (forMs < CANCEL_IGNORED_MS || unit.view.isDriving) return undefined;
  return drop(unit, changes, leg.action ? { kind: 'cancelled', leg } : undefined);
}

/** Takes back what has not been driven. The leg stays until the robot has confirmed it. */
export function cancelLeg(unit: Unit, changes: Changes, now: Instant): void {
  if (!unit.leg || unit.leg.isCancelled) return;
  const leg = { ...unit.leg, isCancelled: true };
  setLeg(unit, changes, leg);
  unit.cancelledAt = now;
  changes.effects.push(() => {
    unit.adapter.follow(leg);
    unit.adapter.cancel();
  });
}
