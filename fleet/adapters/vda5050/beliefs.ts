import type { Instant } from '#contracts/units.ts';
import type { StateMessage } from './messages.ts';

/** What a vehicle says that its own words contradict. */
export interface Beliefs {
  /** The battery has never been anything but zero while the vehicle works: the figure is not believed. */
  readonly isBatteryBelieved: boolean;
  /** It has moved since its last word, whatever `driving` says. */
  readonly isMoving: boolean;
  readonly doubts: readonly string[];
}

/** Between two states, in metres. */
const MOVED_METRES = 0.2;

/** Compares a vehicle's state with the one before. `batteryEverShown`: it has once said more than 0 %. */
export function doubt(
  state: StateMessage,
  before: StateMessage | undefined,
  batteryEverShown: boolean,
  leftovers: boolean,
  connection: string | undefined,
): Beliefs {
  const doubts: string[] = [];
  const [a, b] = [before?.agvPosition, state.agvPosition];
  const hasMoved = a !== undefined && b !== undefined && a.mapId === b.mapId && Math.hypot(a.x - b.x, a.y - b.y) > MOVED_METRES;
  if (hasMoved && state.driving === false && before?.driving === false) doubts.push('it says that it stands, and moves');
  const isBatteryBelieved = batteryEverShown && state.batteryState?.batteryCharge !== undefined;
  if (!isBatteryBelieved) doubts.push('its battery always says 0 %: not believed');
  if (leftovers) doubts.push('it leaves nodes that it has reached in its list of nodes to come');
  if (b !== undefined && b.positionInitialized === false) doubts.push('it says itself that its position is not initialised');
  if (connection !== undefined && connection !== 'ONLINE') doubts.push(`its connection message says ${connection}, and it speaks`);
  return { isBatteryBelieved, isMoving: state.driving === true || hasMoved, doubts };
}

/** Reached nodes still listed as to come: a careless vehicle, or a state taken in the middle of a change. */
export const hasLeftovers = (state: StateMessage): boolean =>
  state.lastNodeSequenceId !== undefined && (state.nodeStates ?? []).some((n) => n.sequenceId < state.lastNodeSequenceId!);

/** VDA 5050 §6.10: at least every 30 s; a little more is forgiven. */
export const ASK_AFTER_MS = 33_000;
export const LOST_AFTER_MS = 65_000;

export const ageOf = (seenAt: Instant | undefined, now: Instant): number =>
  seenAt === undefined ? Number.POSITIVE_INFINITY : now - seenAt;
