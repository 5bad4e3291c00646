import type { DoorRequest, DoorState } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';

/** A power door: `open` holds it open for 30 s, `close` closes and locks it to robots until `release`; people can always open it by hand. */
export interface Door {
  readonly id: string;
  readonly state: DoorState;
  request(request: DoorRequest, now: Instant): void;
  advance(now: Instant): boolean;
  /** Somebody opens it by hand; it falls shut again. */
  openByHand(now: Instant): void;
}

const HOLD_MS = 30_000;
const MOVE_MS = 2000;
const HAND_MS = 5000;

export function door(id: string, now: Instant): Door {
  let state: DoorState = { schema: 'door-state.v1', door: id, state: 'closed', at: now };
  let openUntil: number = now;
  let movesUntil: number | undefined;
  let isOpening = false;
  const locks = new Set<string>();
  let hasChanged = true;

  const say = (next: DoorState['state'], at: Instant) => {
    state = { ...state, state: next, at };
    hasChanged = true;
  };
  const move = (towardsOpen: boolean, at: Instant) => {
    isOpening = towardsOpen;
    movesUntil = at + MOVE_MS;
    say('moving', at);
  };

  return {
    id,
    get state() {
      return state;
    },
    request({ verb, session }, at) {
      if (verb === 'open' && (locks.size === 0 || locks.has(session))) openUntil = at + HOLD_MS;
      if (verb === 'close') {
        locks.add(session);
        openUntil = at;
      }
      if (verb === 'release' && !locks.delete(session)) openUntil = at;
    },
    advance(at) {
      if (movesUntil !== undefined && at >= movesUntil) {
        movesUntil = undefined;
        say(isOpening ? 'open' : 'closed', at);
      }
      if (movesUntil === undefined) {
        if (state.state === 'closed' && at < openUntil) move(true, at);
        else if (state.state === 'open' && at >= openUntil) move(false, at);
      }
      const told = hasChanged;
      hasChanged = false;
      return told;
    },
    openByHand(at) {
      openUntil = Math.max(openUntil, at + HAND_MS);
    },
  };
}
