import type { FaultCode } from '#contracts/faults.ts';
import type { Instant } from '#contracts/units.ts';
import type { Sleeper } from './deadlines.ts';
import type { EdgeState } from './edge-state.ts';
import type { DevicePlan } from './house-map.ts';
import type { Line } from './line.ts';
import type { Source, StreamMark } from './source.ts';

/** Everything known of one device. */
export interface DeviceState extends Sleeper {
  readonly id: string;
  readonly ward: string;
  readonly edge: EdgeState;
  readonly isPeriodKnown: boolean;
  readonly dropsPerMl: number | undefined;
  silentAfterMs: number;
  line: Line | undefined;
  bed: string | undefined;
  readonly sources: Source[];
  /** Newest reading of every stream; tags each have their own. */
  readonly marks: Map<string, StreamMark>;
  /** Silence is counted from here: the last measurement, or when it was placed, its order started or its edge came back. Faults are no measurement. */
  waitsSince: number;
  fault: FaultCode | undefined;
  goodInARow: number;
  isFaulty: boolean;
  isSilent: boolean;
  isBatteryLow: boolean;
}

export const createDeviceState = (
  plan: DevicePlan,
  edge: EdgeState,
  now: Instant,
  wake: (device: DeviceState, now: Instant) => number | undefined,
): DeviceState => {
  const device: DeviceState = {
    id: plan.id,
    ward: plan.ward,
    edge,
    isPeriodKnown: plan.isPeriodKnown,
    dropsPerMl: plan.dropsPerMl,
    silentAfterMs: plan.silentAfterMs,
    line: undefined,
    bed: undefined,
    sources: [],
    marks: new Map(),
    waitsSince: now,
    fault: undefined,
    goodInARow: 0,
    isFaulty: false,
    isSilent: false,
    isBatteryLow: false,
    scheduledAt: Number.POSITIVE_INFINITY,
    wake: (at) => wake(device, at),
  };
  return device;
};
