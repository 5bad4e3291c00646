import type { LiftRequest, LiftState } from '#contracts/fleet.ts';
import type { Lift as LiftSpec } from '#contracts/site.ts';
import type { Instant } from '#contracts/units.ts';

/**
 * A lift with a robot interface. A robot calls it to a floor and with that opens a session: the cabin stays for this robot alone, doors open, until it releases
 * it or does not ask again for 30 s. Others that call meanwhile are served in the order of their first call.
 */
export interface Lift {
  readonly id: string;
  readonly state: LiftState;
  request(request: LiftRequest, now: Instant): void;
  /** Moves time on; true when the state has changed. */
  advance(now: Instant): boolean;
  setMode(mode: LiftState['mode'], now: Instant): void;
}

const SESSION_MS = 30_000;
const DOOR_MS = 2500;
const TRAVEL_MS_PER_FLOOR = 4000;
/** Without a session the doors close by themselves. */
const IDLE_OPEN_MS = 8000;

export function lift(spec: LiftSpec, now: Instant): Lift {
  const floors = spec.stops.map((stop) => stop.floor);
  let state: LiftState = { schema: 'lift-state.v1', lift: spec.id, floor: floors[0]!, doors: 'closed', mode: 'automatic', at: now };
  const calls = new Map<string, { floor: string; renewedAt: Instant }>();
  let phase: 'resting' | 'opening' | 'closing' | 'travelling' = 'resting';
  let phaseEndsAt: number = now;
  let travelsTo = floors[0]!;
  let openSince: number = now;
  let hasChanged = true;

  const say = (change: Partial<LiftState>, at: Instant) => {
    state = { ...state, ...change, at };
    hasChanged = true;
  };
  const begin = (next: typeof phase, lastsMs: number, at: Instant) => {
    phase = next;
    phaseEndsAt = at + lastsMs;
  };
  const open = (at: Instant) => {
    say({ doors: 'moving' }, at);
    begin('opening', DOOR_MS, at);
  };
  const close = (at: Instant) => {
    say({ doors: 'moving' }, at);
    begin('closing', DOOR_MS, at);
  };

  function forget(at: Instant): void {
    for (const [session, call] of calls) if (at - call.renewedAt > SESSION_MS) calls.delete(session);
    if (state.session !== undefined && !calls.has(state.session)) {
      const { session: _gone, ...without } = state;
      state = { ...without, at };
      openSince = at;
      hasChanged = true;
    }
    if (state.session === undefined && state.mode === 'automatic') {
      const [next] = calls.keys();
      if (next !== undefined) say({ session: next }, at);
    }
  }

  function finishPhase(at: Instant): void {
    if (phase === 'opening') {
      openSince = at;
      say({ doors: 'open' }, at);
    } else if (phase === 'closing') say({ doors: 'closed' }, at);
    else if (phase === 'travelling') say({ floor: travelsTo }, at);
    phase = 'resting';
  }

  /** What the cabin does next when nothing moves. */
  function decide(at: Instant): void {
    const target = state.mode === 'fire' ? floors[0]! : state.session === undefined ? undefined : calls.get(state.session)?.floor;
    if (state.mode === 'out_of_service') return;
    if (target === undefined) {
      if (state.doors === 'open' && at - openSince >= IDLE_OPEN_MS) close(at);
    } else if (state.floor === target) {
      if (state.doors === 'closed') open(at);
    } else if (state.doors === 'open') close(at);
    else {
      const step = Math.sign(floors.indexOf(target) - floors.indexOf(state.floor));
      travelsTo = floors[floors.indexOf(state.floor) + step]!;
      begin('travelling', TRAVEL_MS_PER_FLOOR, at);
    }
  }

  return {
    id: spec.id,
    get state() {
      return state;
    },
    request(request, at) {
      if (request.verb === 'release') calls.delete(request.session);
      else {
        const known = calls.get(request.session);
        const floor = request.floor ?? known?.floor ?? state.floor;
        if (!floors.includes(floor)) return;
        calls.set(request.session, { floor, renewedAt: at });
      }
      forget(at);
    },
    advance(at) {
      forget(at);
      if (phase === 'resting') decide(at);
      else if (at >= phaseEndsAt) finishPhase(at);
      const told = hasChanged;
      hasChanged = false;
      return told;
    },
    setMode(mode, at) {
      if (mode !== 'automatic') calls.clear();
      say({ mode }, at);
      forget(at);
    },
  };
}
