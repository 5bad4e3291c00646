import type { DoorState, LiftState } from '#contracts/fleet.ts';
import { no, type Verdict, yes } from './verdict.ts';

/** Requests are renewed after this long; lifts and doors forget them after 30 s. */
export const RENEW_AFTER_MS = 10_000;

/** May the robot pass between lobby and cabin on this floor: the cabin is here, open, and held for it? */
export function canPassLiftDoor(lift: string, state: LiftState | undefined, floor: string, robot: string): Verdict {
  if (!state) return no(`lift ${lift} says nothing`);
  if (state.mode !== 'automatic') return no(`lift ${lift} is ${state.mode === 'fire' ? 'in fire mode' : 'out of service'}`);
  if (state.session !== undefined && state.session !== robot) return no(`waits for lift ${lift}, held for ${state.session}`);
  if (state.session === undefined) return no(`waits for lift ${lift}`);
  if (state.floor !== floor) return no(`waits for lift ${lift}, now on ${state.floor}`);
  if (state.doors !== 'open') return no(`waits for the doors of lift ${lift}`);
  return yes;
}

export const isLiftUsable = (state: LiftState | undefined): boolean => state === undefined || state.mode === 'automatic';

/** May the robot drive through the door? `lockedBy` is a disinfection that keeps it closed. */
export function canPassDoor(door: string, state: DoorState | undefined, lockedBy: string | undefined): Verdict {
  if (lockedBy !== undefined) return no(`door ${door} is kept closed for a disinfection`);
  if (!state) return no(`door ${door} says nothing`);
  if (state.state === 'fault') return no(`door ${door} has a fault`);
  if (state.state !== 'open') return no(`waits for door ${door} to open`);
  return yes;
}
