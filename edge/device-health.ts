import type { FaultCode } from '#contracts/faults.ts';
import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { DeviceStatus } from '#contracts/ward-state.ts';

export type HealthState = DeviceStatus['state'];

/** A connection may be away for so long before the device counts as offline. */
const AWAY_MS = 5000;
/** Faults and nothing else for so long make a device faulty. */
const FAULTY_MS = 3000;
/** The same fault is said again after this time, as long as it stays. */
const REPEAT_MS = 10_000;
/** A device is said to be unreachable when it has been for so long, and again after the repeat: a house that starts is no fault. */
const UNREACHABLE_AFTER_MS = 5000;
const UNREACHABLE_REPEAT_MS = 30_000;

/** What is known of how a device is. Times are monotonic milliseconds. Pure. */
export interface DeviceHealth {
  opened(at: Milliseconds): void;
  closed(at: Milliseconds): void;
  /** A good word. */
  word(at: Milliseconds): void;
  /** True where this fault is due to be published now. */
  fault(fault: FaultCode, at: Milliseconds): boolean;
  state(at: Milliseconds): HealthState;
  /** True where DEVICE_UNREACHABLE is due to be published now. */
  isUnreachableDue(at: Milliseconds): boolean;
  readonly garbledFrames: number;
  /** Milliseconds for which nothing has come over an open connection. */
  quietMs(at: Milliseconds): number;
}

export function createDeviceHealth(garbled: FaultCode, silentAfter: Milliseconds, startedAt: Milliseconds): DeviceHealth {
  const saidAt = new Map<FaultCode, number>();
  let garbledFrames = 0;
  let openSince: number | undefined;
  let awaySince: number | undefined = startedAt;
  let wordAt = Number.NEGATIVE_INFINITY;
  let faultAt = Number.NEGATIVE_INFINITY;
  let faultSince: number | undefined;
  let unreachableSince: number | undefined;
  let unreachableSaidAt = Number.NEGATIVE_INFINITY;

  const quietMs = (at: number) => (openSince === undefined ? 0 : at - Math.max(openSince, wordAt, faultAt));
  const state = (at: number): HealthState => {
    if (awaySince !== undefined && at - awaySince >= AWAY_MS) return 'offline';
    if (openSince !== undefined ? quietMs(at) > silentAfter : at - Math.max(wordAt, startedAt) > silentAfter) return 'silent';
    if (faultSince !== undefined && faultAt > wordAt && at - faultSince >= FAULTY_MS) return 'faulty';
    return 'online';
  };
  return {
    opened(at) {
      openSince = at;
      awaySince = undefined;
    },
    closed(at) {
      openSince = undefined;
      // A connection that opens and breaks again and again without a word is still away.
      awaySince ??= wordAt > Number.NEGATIVE_INFINITY ? Math.max(wordAt, at - AWAY_MS) : at;
    },
    word(at) {
      wordAt = at;
      faultSince = undefined;
    },
    fault(fault, at) {
      faultAt = at;
      faultSince ??= at;
      if (fault === garbled) garbledFrames += 1;
      if (at - (saidAt.get(fault) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return false;
      saidAt.set(fault, at);
      return true;
    },
    state,
    isUnreachableDue(at) {
      const now = state(at);
      if (now !== 'silent' && now !== 'offline') {
        unreachableSince = undefined;
        unreachableSaidAt = Number.NEGATIVE_INFINITY;
        return false;
      }
      unreachableSince ??= at;
      if (at - unreachableSince < UNREACHABLE_AFTER_MS || at - unreachableSaidAt < UNREACHABLE_REPEAT_MS) return false;
      unreachableSaidAt = at;
      return true;
    },
    get garbledFrames() {
      return garbledFrames;
    },
    quietMs: (at) => milliseconds(Math.max(0, quietMs(at))),
  };
}
