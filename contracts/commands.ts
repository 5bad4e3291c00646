import { type Static, type TSchema, Type } from 'typebox';
import { alarmKindNames, priorities, recipients } from './alarm-kinds.ts';
import { Mission, missionKinds } from './fleet.ts';
import { Id, InstantSchema, oneOf, quantity, strict } from './schema.ts';
import { containerKinds, Duty, Order } from './ward-state.ts';

/**
 * Commands are asked, answered and bounded by a deadline; they are no publications. The owner answers on the reply topic of the caller, whom the
 * broker has authenticated; it refuses what has expired and gives a repeated id its first answer.
 */
export const CommandEnvelope = strict(
  {
    schema: Type.Literal('command.v1'),
    id: Id,
    /** User name of the MQTT client that asks; the broker refuses any other than its own. */
    caller: Id,
    /** The person on whose behalf, where there is one: written to the audit. */
    person: Type.Optional(Id),
    deadline: InstantSchema,
    args: Type.Unknown(),
  },
  { $id: 'command.v1' },
);
export type CommandEnvelope = Static<typeof CommandEnvelope>;

export const Reply = Type.Union(
  [
    strict({ schema: Type.Literal('reply.v1'), id: Id, ok: Type.Literal(true), result: Type.Unknown() }),
    strict({
      schema: Type.Literal('reply.v1'),
      id: Id,
      ok: Type.Literal(false),
      code: oneOf(['expired', 'invalid', 'refused', 'unknown', 'failed', 'overloaded'] as const),
      because: Type.String({ maxLength: 1000 }),
    }),
  ],
  { $id: 'reply.v1' },
);
export type Reply = Static<typeof Reply>;

export interface CommandDefinition<Args extends TSchema = TSchema, Result extends TSchema = TSchema> {
  readonly service: ServiceName;
  readonly verb: string;
  readonly args: Args;
  readonly result: Result;
  readonly callers: readonly ServiceName[];
  readonly summary: string;
}

export const serviceNames = ['broker', 'records', 'watch', 'flows', 'alarms', 'fleet', 'history', 'console'] as const;
export type ServiceName = (typeof serviceNames)[number];

const command = <const Service extends ServiceName, Args extends TSchema, Result extends TSchema>(
  definition: CommandDefinition<Args, Result> & { readonly service: Service },
) => definition;
const Nothing = strict({});
const bedRef = { ward: Id, bed: Id };
const lineRef = { ...bedRef, line: Id };

const OrderArgs = strict({
  ...lineRef,
  label: Type.String({ minLength: 1, maxLength: 120 }),
  volumeMl: quantity('mL', { minimum: 1, maximum: 10_000 }),
  rateMlPerHour: quantity('mL/h', { minimum: 0.1, maximum: 2000 }),
  delivery: oneOf(['gravity', 'pump'] as const),
  densityGramsPerMl: Type.Optional(quantity('g/mL', { minimum: 0.7, maximum: 2 })),
  container: Type.Optional(oneOf(containerKinds)),
  tareGrams: Type.Optional(quantity('g', { minimum: 0, maximum: 5000 })),
  setWeightGrams: Type.Optional(quantity('g', { minimum: 0, maximum: 500 })),
  dropsPerMl: Type.Optional(quantity('{drop}/mL', { minimum: 5, maximum: 100 })),
  nearEmptyMl: Type.Optional(quantity('mL', { minimum: 1, maximum: 1000 })),
  /** Start at once; else the order waits as `planned`. */
  start: Type.Optional(Type.Boolean()),
});

/** What a trend can be drawn of. */
export const trendFields = [
  'remainingMl',
  'flowMlPerHour',
  'massGrams',
  'dropsPerMinute',
  'rateMlPerHour',
  'fraction',
  'pressureMmHg',
  'batteryPercent',
] as const;

export const commands = {
  admit: command({
    service: 'records',
    verb: 'admit',
    callers: ['console', 'flows'],
    summary: 'Put a patient into a free bed.',
    args: strict({ ...bedRef, patient: Type.Optional(Id), tag: Type.Optional(Id) }),
    result: strict({ patient: Id }),
  }),
  discharge: command({
    service: 'records',
    verb: 'discharge',
    callers: ['console', 'flows'],
    summary: 'Discharge the patient of a bed; a running infusion is stopped and said so.',
    args: strict(bedRef),
    result: strict({ patient: Id, stoppedOrders: Type.Array(Id) }),
  }),
  transfer: command({
    service: 'records',
    verb: 'transfer',
    callers: ['console', 'flows'],
    summary: 'Move a patient to another bed with the running infusions and their devices.',
    args: strict({ ...bedRef, toWard: Id, toBed: Id }),
    /** Devices cannot leave their edge agent's ward: those that stayed at the old bed are named. */
    result: strict({ patient: Id, movedOrders: Type.Array(Id), movedDevices: Type.Array(Id), stayedDevices: Type.Array(Id) }),
  }),
  bedCleaned: command({
    service: 'records',
    verb: 'bed-cleaned',
    callers: ['console', 'flows', 'fleet'],
    summary: 'Free a discharged bed.',
    args: strict(bedRef),
    result: Nothing,
  }),
  bedCleaning: command({
    service: 'records',
    verb: 'bed-cleaning',
    callers: ['console', 'flows', 'fleet'],
    summary: 'A discharged bed is being cleaned.',
    args: strict(bedRef),
    result: Nothing,
  }),
  setOrder: command({
    service: 'records',
    verb: 'set-order',
    callers: ['console', 'flows'],
    summary: 'Order an infusion on a line, in place of what was ordered there.',
    args: OrderArgs,
    result: strict({ order: Id }),
  }),
  startOrder: command({
    service: 'records',
    verb: 'start-order',
    callers: ['console', 'flows'],
    summary: 'Start the order of a line.',
    args: strict(lineRef),
    result: strict({ order: Id }),
  }),
  stopOrder: command({
    service: 'records',
    verb: 'stop-order',
    callers: ['console', 'flows'],
    summary: 'Stop the order of a line.',
    args: strict(lineRef),
    result: strict({ order: Id }),
  }),
  placeDevice: command({
    service: 'records',
    verb: 'place-device',
    callers: ['console', 'flows'],
    summary: 'Say at which bed and line a device is; without a bed it is taken off.',
    args: strict({ device: Id, bed: Type.Optional(Id), line: Type.Optional(Id) }),
    result: Nothing,
  }),
  setDuty: command({
    service: 'records',
    verb: 'set-duty',
    callers: ['console'],
    summary: 'Set the shift of a ward and who looks after which beds.',
    args: Type.Omit(Duty, ['schema', 'at']),
    result: Nothing,
  }),
  importCsv: command({
    service: 'records',
    verb: 'import-csv',
    callers: ['console'],
    summary: 'Import orders, occupancy or duty from CSV; every bad row is named, the good ones are taken.',
    args: strict({ kind: oneOf(['orders', 'occupancy', 'duty'] as const), csv: Type.String({ maxLength: 1_000_000 }) }),
    result: strict({
      accepted: Type.Integer(),
      problems: Type.Array(strict({ row: Type.Integer(), field: Type.String(), because: Type.String() })),
    }),
  }),
  listOrders: command({
    service: 'records',
    verb: 'list-orders',
    callers: ['console'],
    summary: 'Orders of a bed, newest first.',
    args: strict(bedRef),
    result: strict({ orders: Type.Array(Order) }),
  }),

  raise: command({
    service: 'alarms',
    verb: 'raise',
    callers: ['flows'],
    summary: "Decide a finding: raise it as an alarm with the ward's own priority and route.",
    args: strict({
      ward: Id,
      kind: oneOf(alarmKindNames),
      subject: Id,
      /** The finding's occurrence that is decided; a late decision of an older one is refused. */
      occurrence: Type.Integer({ minimum: 1 }),
      priority: Type.Optional(oneOf(priorities)),
      route: Type.Optional(Type.Array(oneOf(recipients), { minItems: 1, maxItems: 8 })),
      onDelayMs: Type.Optional(quantity('ms', { minimum: 0, maximum: 600_000 })),
    }),
    result: strict({ alarm: Id }),
  }),
  acknowledge: command({
    service: 'alarms',
    verb: 'acknowledge',
    callers: ['console'],
    summary: 'Somebody has taken the alarm on. The condition goes on until it ends by itself.',
    args: strict({ alarm: Id, occurrence: Type.Integer({ minimum: 1 }) }),
    result: strict({ alarm: Id }),
  }),
  alarmLog: command({
    service: 'alarms',
    verb: 'log',
    callers: ['console'],
    summary: 'Transitions of past and present alarms, newest first.',
    args: strict({ ward: Type.Optional(Id), limit: Type.Integer({ minimum: 1, maximum: 500 }) }),
    result: strict({
      transitions: Type.Array(
        strict({
          alarm: Id,
          ward: Id,
          kind: oneOf(alarmKindNames),
          subject: Id,
          what: Type.String(),
          at: InstantSchema,
          person: Type.Optional(Type.String()),
        }),
      ),
    }),
  }),

  sendRobot: command({
    service: 'fleet',
    verb: 'send-robot',
    callers: ['console', 'flows'],
    summary: 'Create a mission: a delivery from one station to another, or the disinfection of a zone.',
    args: strict({
      kind: oneOf(missionKinds),
      from: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
      to: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
      zone: Type.Optional(Id),
      load: Type.Optional(Type.String({ maxLength: 120 })),
      ward: Type.Optional(Id),
      bed: Type.Optional(Id),
      isUrgent: Type.Optional(Type.Boolean()),
      deadline: Type.Optional(InstantSchema),
      /** The same key while a mission with it is open gives that mission: a flow that runs twice sends one robot. */
      key: Type.Optional(Type.String({ maxLength: 128 })),
    }),
    result: strict({ mission: Id }),
  }),
  cancelMission: command({
    service: 'fleet',
    verb: 'cancel-mission',
    callers: ['console', 'flows'],
    summary: 'Cancel a mission; what is on board comes back to where it was loaded.',
    args: strict({ mission: Id }),
    result: Nothing,
  }),
  listMissions: command({
    service: 'fleet',
    verb: 'list-missions',
    callers: ['console'],
    summary: 'Closed and open missions, newest first.',
    args: strict({ limit: Type.Integer({ minimum: 1, maximum: 500 }) }),
    result: strict({ missions: Type.Array(Mission) }),
  }),
  stopAll: command({
    service: 'fleet',
    verb: 'stop-all',
    callers: ['console', 'flows'],
    summary: 'Stop every robot where it stands.',
    args: strict({ because: Type.Optional(Type.String({ maxLength: 200 })) }),
    result: strict({ reached: Type.Array(Id), notReached: Type.Array(Id) }),
  }),
  resumeAll: command({
    service: 'fleet',
    verb: 'resume-all',
    callers: ['console'],
    summary: 'Let robots move again after a stop or a fire.',
    args: Nothing,
    result: Nothing,
  }),
  fire: command({
    service: 'fleet',
    verb: 'fire',
    callers: ['console', 'flows'],
    summary: 'Fire: robots go to the holding points of their floor, lifts are left alone.',
    args: Nothing,
    result: Nothing,
  }),
  layout: command({
    service: 'fleet',
    verb: 'layout',
    callers: ['console'],
    summary: 'The nav graph for drawing: floors, nodes, edges, stations, lifts, doors.',
    args: Nothing,
    result: Type.Unknown(),
  }),

  query: command({
    service: 'history',
    verb: 'query',
    callers: ['console', 'flows'],
    summary: 'One trend, thinned to at most `points` means.',
    args: strict({
      measurement: oneOf(['infusion', 'reading', 'robot'] as const),
      field: oneOf(trendFields),
      ward: Type.Optional(Id),
      bed: Type.Optional(Id),
      line: Type.Optional(Id),
      device: Type.Optional(Id),
      robot: Type.Optional(Id),
      from: InstantSchema,
      until: InstantSchema,
      points: Type.Integer({ minimum: 1, maximum: 2000 }),
    }),
    result: strict({ points: Type.Array(strict({ at: InstantSchema, mean: Type.Number(), min: Type.Number(), max: Type.Number() })) }),
  }),
  counts: command({
    service: 'history',
    verb: 'counts',
    callers: ['console'],
    summary: 'How much has been recorded, by measurement, and how far the store lags behind.',
    args: Nothing,
    result: strict({ counts: Type.Record(Type.String(), Type.Integer()), spooled: Type.Integer(), lagMs: Type.Number() }),
  }),
} as const;

export type Commands = typeof commands;
export type CommandName = keyof Commands;
