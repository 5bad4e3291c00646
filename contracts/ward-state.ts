import { type Static, Type } from 'typebox';
import { containerStates, dripStates, pumpStates } from './readings.ts';
import { Id, InstantSchema, oneOf, quantity, strict } from './schema.ts';
import { tagKinds } from './site.ts';

/** What records and watch keep true about beds, lines, patients and tags. */

export const containerKinds = ['bag', 'pp_bottle', 'glass_bottle', 'syringe'] as const;
export const orderStates = ['planned', 'running', 'stopped', 'done'] as const;

export const Order = strict(
  {
    schema: Type.Literal('order.v1'),
    order: Id,
    ward: Id,
    bed: Id,
    line: Id,
    /** Random reference; names never leave records. */
    patient: Type.Optional(Id),
    state: oneOf(orderStates),
    /** What hangs, as printed on the label: a drug, never a person. */
    label: Type.String({ maxLength: 120 }),
    volumeMl: quantity('mL', { minimum: 1, maximum: 10_000 }),
    rateMlPerHour: quantity('mL/h', { minimum: 0.1, maximum: 2000 }),
    delivery: oneOf(['gravity', 'pump'] as const),
    densityGramsPerMl: Type.Optional(quantity('g/mL', { minimum: 0.7, maximum: 2 })),
    container: Type.Optional(oneOf(containerKinds)),
    tareGrams: Type.Optional(quantity('g', { minimum: 0, maximum: 5000 })),
    /** Weight of that part of the infusion set which the scale carries. */
    setWeightGrams: Type.Optional(quantity('g', { minimum: 0, maximum: 500 })),
    dropsPerMl: Type.Optional(quantity('{drop}/mL', { minimum: 5, maximum: 100 })),
    nearEmptyMl: Type.Optional(quantity('mL', { minimum: 1, maximum: 1000 })),
    startedAt: Type.Optional(InstantSchema),
    at: InstantSchema,
  },
  { $id: 'order.v1' },
);
export type Order = Static<typeof Order>;

export const Occupancy = strict(
  {
    schema: Type.Literal('occupancy.v1'),
    ward: Id,
    bed: Id,
    state: oneOf(['free', 'occupied', 'discharged', 'cleaning'] as const),
    patient: Type.Optional(Id),
    /** Wristband tag of the patient. */
    tag: Type.Optional(Id),
    at: InstantSchema,
  },
  { $id: 'occupancy.v1' },
);
export type Occupancy = Static<typeof Occupancy>;

export const Placement = strict(
  {
    schema: Type.Literal('placement.v1'),
    device: Id,
    ward: Id,
    edge: Id,
    bed: Type.Optional(Id),
    line: Type.Optional(Id),
    at: InstantSchema,
  },
  { $id: 'placement.v1' },
);
export type Placement = Static<typeof Placement>;

export const Duty = strict(
  {
    schema: Type.Literal('duty.v1'),
    ward: Id,
    shift: Type.String({ maxLength: 64 }),
    from: InstantSchema,
    until: InstantSchema,
    assignments: Type.Array(
      strict({ person: Id, role: oneOf(['nurse', 'charge_nurse'] as const), beds: Type.Array(Id, { maxItems: 200 }) }),
      { maxItems: 200 },
    ),
    at: InstantSchema,
  },
  { $id: 'duty.v1' },
);
export type Duty = Static<typeof Duty>;

export const infusionStates = [...new Set([...containerStates, ...pumpStates, ...dripStates])] as const;

/** One infusion on one line, from whatever sources it has. An absent figure is not known. */
export const Infusion = strict(
  {
    schema: Type.Literal('infusion.v1'),
    ward: Id,
    bed: Id,
    line: Id,
    order: Type.Optional(Id),
    label: Type.Optional(Type.String({ maxLength: 120 })),
    patient: Type.Optional(Id),
    /** `none`: nothing is ordered and nothing hangs. */
    state: oneOf([
      'running',
      'stalled',
      'free_flow',
      'empty',
      'no_bag',
      'changing',
      'paused',
      'occluded',
      'finished',
      'unknown',
      'none',
    ] as const),
    remainingMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 20_000 })),
    remainingBoundMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 20_000 })),
    flowMlPerHour: Type.Optional(quantity('mL/h', { minimum: 0, maximum: 20_000 })),
    flowBoundMlPerHour: Type.Optional(quantity('mL/h', { minimum: 0, maximum: 20_000 })),
    orderedRateMlPerHour: Type.Optional(quantity('mL/h', { minimum: 0, maximum: 20_000 })),
    volumeMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 20_000 })),
    nearEmptyMl: Type.Optional(quantity('mL', { minimum: 0, maximum: 20_000 })),
    /** When the container will be empty at the present flow. */
    emptyAt: Type.Optional(InstantSchema),
    sources: Type.Array(
      strict({
        device: Id,
        kind: oneOf(['weight', 'drip', 'pump', 'level'] as const),
        measuredAt: InstantSchema,
        isSilent: Type.Boolean(),
      }),
      { maxItems: 8 },
    ),
    /** `live`: at least one source is fresh; `stale`: the figures are the last known ones; `unknown`: nothing was ever said. */
    quality: oneOf(['live', 'questionable', 'stale', 'unknown'] as const),
    /** Of the newest reading that the figures rest on. */
    measuredAt: Type.Optional(InstantSchema),
    at: InstantSchema,
  },
  { $id: 'infusion.v1' },
);
export type Infusion = Static<typeof Infusion>;

export const Location = strict(
  {
    schema: Type.Literal('location.v1'),
    tag: Id,
    kind: oneOf(tagKinds),
    /** Absent: not known. */
    zone: Type.Optional(Id),
    ward: Type.Optional(Id),
    floor: Type.Optional(Type.String({ maxLength: 64 })),
    homeWard: Type.Optional(Id),
    bed: Type.Optional(Id),
    since: InstantSchema,
    seenAt: InstantSchema,
    at: InstantSchema,
  },
  { $id: 'location.v1' },
);
export type Location = Static<typeof Location>;

/** Whether anybody is in a zone, by its room sensors. `unknown`: a sensor of the zone is silent or faulty, which is never `clear`. */
export const Presence = strict(
  {
    schema: Type.Literal('presence.v1'),
    zone: Id,
    state: oneOf(['clear', 'present', 'unknown'] as const),
    /** The sensors that say so. */
    devices: Type.Array(Id, { minItems: 1, maxItems: 64 }),
    since: InstantSchema,
    at: InstantSchema,
  },
  { $id: 'presence.v1' },
);
export type Presence = Static<typeof Presence>;

export const EdgeStatus = strict(
  {
    schema: Type.Literal('edge-status.v1'),
    edge: Id,
    ward: Id,
    state: oneOf(['online', 'offline'] as const),
    startedAt: Type.Optional(InstantSchema),
    outboxDepth: Type.Optional(Type.Integer({ minimum: 0 })),
    outboxLostReadings: Type.Optional(Type.Integer({ minimum: 0 })),
    at: InstantSchema,
  },
  { $id: 'edge-status.v1' },
);
export type EdgeStatus = Static<typeof EdgeStatus>;

export const DeviceStatus = strict(
  {
    schema: Type.Literal('device-status.v1'),
    device: Id,
    ward: Id,
    state: oneOf(['online', 'silent', 'faulty', 'offline'] as const),
    driver: Type.Optional(Id),
    batteryPercent: Type.Optional(quantity('%', { minimum: 0, maximum: 100 })),
    firmware: Type.Optional(Type.String({ maxLength: 64 })),
    clockOffsetMs: Type.Optional(quantity('ms')),
    signalDbm: Type.Optional(quantity('dB[mW]')),
    garbledFrames: Type.Optional(Type.Integer({ minimum: 0 })),
    lastWordAt: Type.Optional(InstantSchema),
    at: InstantSchema,
  },
  { $id: 'device-status.v1' },
);
export type DeviceStatus = Static<typeof DeviceStatus>;
