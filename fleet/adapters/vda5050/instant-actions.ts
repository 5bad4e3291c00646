import type { Instant } from '#contracts/units.ts';
import type { Action, StateMessage } from './messages.ts';

type InstantType = 'cancelOrder' | 'startPause' | 'stopPause' | 'initPosition' | 'startCharging' | 'stopCharging';

interface Wanted {
  readonly action: Action;
  /** The state shows what was wanted, whatever became of the action itself. */
  readonly isSo: (state: StateMessage) => boolean;
  sentAt: number;
  times: number;
  status: 'open' | 'finished' | 'failed' | 'so';
}

/** Instant actions travel at QoS 0 too: sent again under the same id until the state names them or shows their effect. */
const RESEND_AFTER_MS = 1500;
const TIMES_MAX = 8;
const UNANSWERED_AFTER_MS = 10_000;

/** The instant actions that are wanted of one vehicle, at most one of each type. */
export class InstantActions {
  readonly #newId: () => string;
  readonly #wanted = new Map<InstantType, Wanted>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Wants it done once; while the same is open nothing is added. */
  want(actionType: InstantType, parameters: Readonly<Record<string, string | number>>, isSo: (state: StateMessage) => boolean): void {
    const actionParameters = Object.entries(parameters).map(([key, value]) => ({ key, value }));
    const open = this.#wanted.get(actionType);
    if (open?.status === 'open' && JSON.stringify(open.action.actionParameters ?? []) === JSON.stringify(actionParameters)) return;
    const action: Action = {
      actionType,
      actionId: this.#newId(),
      blockingType: actionType === 'initPosition' ? 'HARD' : 'NONE',
      ...(actionParameters.length > 0 ? { actionParameters } : {}),
    };
    // Asked again after a refusal, it keeps the pace of the one before.
    this.#wanted.set(actionType, { action, isSo, sentAt: open?.sentAt ?? Number.NEGATIVE_INFINITY, times: 0, status: 'open' });
  }

  drop(actionType: InstantType): void {
    this.#wanted.delete(actionType);
  }

  /** VDA 5050 §6.6.3: a cancellation is over when its action is FINISHED, not when it appears; NO_ORDER_TO_CANCEL is a race that ends it too. */
  onState(state: StateMessage): void {
    for (const wanted of this.#wanted.values()) {
      if (wanted.status !== 'open' || wanted.times === 0) continue;
      const shown = state.actionStates?.find((a) => a.actionId === wanted.action.actionId);
      const isRefused = (state.errors ?? []).some((e) => e.errorReferences?.some((r) => r.referenceValue === wanted.action.actionId));
      if (shown?.actionStatus === 'FINISHED') wanted.status = 'finished';
      else if (shown?.actionStatus === 'FAILED' || isRefused) wanted.status = 'failed';
      else if (wanted.isSo(state)) wanted.status = 'so';
      else if (shown) wanted.times = Math.min(wanted.times, 1);
    }
  }

  /** What became of the last one that was wanted. */
  statusOf(actionType: InstantType): Wanted['status'] | undefined {
    return this.#wanted.get(actionType)?.status;
  }

  /** Actions to send now. */
  due(now: Instant): Action[] {
    const due: Action[] = [];
    for (const wanted of this.#wanted.values()) {
      if (wanted.status !== 'open' || wanted.times >= TIMES_MAX || now - wanted.sentAt < RESEND_AFTER_MS) continue;
      wanted.sentAt = now;
      wanted.times++;
      due.push(wanted.action);
    }
    return due;
  }

  /** What the vehicle has not answered, in words. */
  unanswered(now: Instant): string[] {
    return [...this.#wanted.values()]
      .filter((w) => w.status === 'open' && w.times > 1 && now - w.sentAt + (w.times - 1) * RESEND_AFTER_MS > UNANSWERED_AFTER_MS)
      .map((w) => `it does not answer ${w.action.actionType}`);
  }
}
