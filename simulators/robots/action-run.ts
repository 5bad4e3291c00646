import type { Action, ActionStatus } from './vda5050.ts';

/** One action of an order or an instant action, and how far it is. */
export interface ActionRun {
  readonly action: Action;
  /** `sequenceId` of the node or edge; undefined for instant actions. */
  readonly at: number | undefined;
  status: ActionStatus;
  remainingMs: number;
  result?: string;
}

const DEFAULT_MS = 3000;
const DURATIONS_MS: Readonly<Record<string, number>> = { pick: 4000, drop: 4000, startCharging: 1000, stopCharging: 1000 };
const DURATION_MAX_MS = 3_600_000;

/** Actions that cannot be broken off half way: what is in the gripper is finished. */
const UNBREAKABLE = new Set(['pick', 'drop']);

/** How long an action takes: its parameter `duration` in seconds where it has one. */
export function durationMs({ actionType, actionParameters = [] }: Action): number {
  const seconds = actionParameters.find(({ key }) => key === 'duration' || key === 'durationSeconds' || key === 'seconds')?.value;
  if (seconds !== undefined && Number(seconds) >= 0) return Math.min(DURATION_MAX_MS, Number(seconds) * 1000);
  return DURATIONS_MS[actionType] ?? DEFAULT_MS;
}

export const newRun = (action: Action, at?: number): ActionRun => ({ action, at, status: 'WAITING', remainingMs: durationMs(action) });

export const isEnded = ({ status }: ActionRun): boolean => status === 'FINISHED' || status === 'FAILED';
const isBusy = ({ status }: ActionRun): boolean => status === 'RUNNING' || status === 'INITIALIZING';

/** Starts what may start (§6.10.2): HARD runs alone, SOFT and NONE beside each other, in the order given. */
export function startDue(due: readonly ActionRun[]): boolean {
  let hasStarted = false;
  for (const run of due) {
    if (isEnded(run) || isBusy(run)) {
      if (isBusy(run) && run.action.blockingType === 'HARD') return hasStarted;
      continue;
    }
    if (run.action.blockingType === 'HARD' && due.some(isBusy)) return hasStarted;
    run.status = 'RUNNING';
    hasStarted = true;
    if (run.action.blockingType === 'HARD') return hasStarted;
  }
  return hasStarted;
}

/** Is there an action under way or due that forbids driving? */
export const blocksDriving = (due: readonly ActionRun[]): boolean => due.some((run) => !isEnded(run) && run.action.blockingType !== 'NONE');

/** Breaks off what has not begun and what can be broken off. */
export function breakOff(runs: readonly ActionRun[]): void {
  for (const run of runs) {
    if (run.status === 'WAITING' || (isBusy(run) && !UNBREAKABLE.has(run.action.actionType))) {
      run.status = 'FAILED';
      run.result = 'order cancelled';
    }
  }
}
