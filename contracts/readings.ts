import { type Static, Type } from 'typebox';
import { FaultCodeSchema } from './faults.ts';
import { Id, InstantSchema, oneOf, quantity, strict } from './schema.ts';

/** What a device says, after sensing: the measured quantity and, where the core can tell, the estimate with its bound (95 %). Absent means not known; never zero. */

export const containerStates = ['running', 'stalled', 'free_flow', 'empty', 'no_bag', 'changing', 'unknown'] as const;
export type ContainerState = (typeof containerStates)[number];
export const pumpStates = ['infusing', 'kvo', 'standby', 'stopped', 'occluded', 'air_in_line', 'door_open', 'off', 'unknown'] as const;
export type PumpState = (typeof pumpStates)[number];
export const dripStates = ['ok', 'rate_high', 'rate_low', 'stopped', 'free_flow', 'finished', 'unknown'] as const;
export type DripState = (typeof dripStates)[number];

const remaining = {
  remainingMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 20_000 })),
  /** Half-width of the 95 % bound of `remainingMl`. */
  remainingBoundMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 20_000 })),
};
const flow = {
  flowMlPerHour: Type.Optional(quantity('mL/h', { minimum: 0, maximum: 20_000 })),
  flowBoundMlPerHour: Type.Optional(quantity('mL/h', { minimum: 0, maximum: 20_000 })),
};

export const WeightValue = strict({
  kind: Type.Literal('weight'),
  massGrams: quantity('g', { minimum: -10_000, maximum: 50_000 }),
  isStable: Type.Boolean(),
  ...remaining,
  ...flow,
  state: oneOf(containerStates),
});
export type WeightValue = Static<typeof WeightValue>;

export const DripValue = strict({
  kind: Type.Literal('drip'),
  /** Drops seen since the agent started; it never falls within one run of an agent. */
  dropCount: Type.Integer({ minimum: 0 }),
  dropsPerMinute: Type.Optional(quantity('{drop}/min', { minimum: 0, maximum: 2000 })),
  ...flow,
  state: oneOf(dripStates),
});
export type DripValue = Static<typeof DripValue>;

export const PumpValue = strict({
  kind: Type.Literal('pump'),
  rateMlPerHour: Type.Optional(quantity('mL/h', { minimum: 0, maximum: 20_000 })),
  infusedMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 100_000 })),
  ...remaining,
  ...flow,
  pressureMmHg: Type.Optional(quantity('mm[Hg]', { minimum: -1000, maximum: 5000 })),
  state: oneOf(pumpStates),
  isBatteryLow: Type.Boolean(),
});
export type PumpValue = Static<typeof PumpValue>;

export const LevelValue = strict({
  kind: Type.Literal('level'),
  /** Liquid volume over nominal volume; absent where no container hangs or it cannot be seen. */
  fraction: Type.Optional(quantity('1', { minimum: 0, maximum: 1.5 })),
  ...remaining,
  ...flow,
  /** 0 to 1; from 0.5 on the figure is fit to be shown to a nurse. */
  confidence: quantity('1', { minimum: 0, maximum: 1 }),
  state: oneOf(containerStates),
});
export type LevelValue = Static<typeof LevelValue>;

export const TagValue = strict({
  kind: Type.Literal('tag'),
  tag: Id,
  /** The zone this reader's edge believes the tag to be in. */
  zone: Type.Optional(Id),
  antenna: Type.Integer({ minimum: 1, maximum: 64 }),
  /** Median strength since the last summary. */
  rssiDbm: quantity('dB[mW]', { minimum: -120, maximum: 20 }),
  reads: Type.Integer({ minimum: 0 }),
});
export type TagValue = Static<typeof TagValue>;

/** A room sensor: motion, door contact. */
export const PresenceValue = strict({ kind: Type.Literal('presence'), isPresent: Type.Boolean() });
export type PresenceValue = Static<typeof PresenceValue>;

export const FaultValue = strict({ kind: Type.Literal('fault'), fault: FaultCodeSchema });
export type FaultValue = Static<typeof FaultValue>;

export const ReadingValue = Type.Union([WeightValue, DripValue, PumpValue, LevelValue, TagValue, PresenceValue, FaultValue]);
export type ReadingValue = Static<typeof ReadingValue>;

export const streams = ['weight', 'drip', 'pump', 'level', 'tag', 'presence', 'fault'] as const;
export type Stream = (typeof streams)[number];

/** One reading. `sequence` counts up by one per device and stream over the life of the edge's outbox, so that a gap in history is a loss. */
export const Reading = strict({
  device: Id,
  sequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  /** Device clock as corrected by the edge. */
  measuredAt: InstantSchema,
  value: ReadingValue,
});
export type Reading = Static<typeof Reading>;

/** All readings of one edge's devices within at most 50 ms. */
export const ReadingBatch = strict(
  {
    schema: Type.Literal('readings.v1'),
    edge: Id,
    /** Counts up by one per batch of this edge's outbox; a batch sent again keeps its number. */
    batch: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    sentAt: InstantSchema,
    /** True for readings that waited while the broker was away: recorded, never alarmed. */
    isBacklog: Type.Boolean(),
    readings: Type.Array(Reading, { minItems: 1, maxItems: 1000 }),
  },
  { $id: 'readings.v1' },
);
export type ReadingBatch = Static<typeof ReadingBatch>;

/** One reading of a device that speaks MQTT by itself. */
export const DeviceReading = strict(
  { schema: Type.Literal('device-reading.v1'), sequence: Type.Integer({ minimum: 0 }), measuredAt: InstantSchema, value: ReadingValue },
  { $id: 'device-reading.v1' },
);
export type DeviceReading = Static<typeof DeviceReading>;
