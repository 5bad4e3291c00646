import { type Static, Type } from 'typebox';
import { Id, InstantSchema, oneOf, quantity, strict } from './schema.ts';
import { robotKinds } from './site.ts';

/** Missions, robots, lifts and doors as the bus shows them. */

const NodeId = Type.String({ minLength: 1, maxLength: 128 });

export const missionKinds = ['delivery', 'disinfection'] as const;
/** `waiting`: not begun; `under_way`: a robot has it; the last three are ends. */
export const missionStates = ['waiting', 'under_way', 'done', 'cancelled', 'failed'] as const;
export const phaseStates = ['planned', 'under_way', 'done', 'skipped', 'failed'] as const;

export const MissionPhase = strict({
  kind: oneOf(['go', 'load', 'unload', 'disinfect', 'hand_over'] as const),
  /** Layout station or zone. */
  place: Type.String({ minLength: 1, maxLength: 128 }),
  state: oneOf(phaseStates),
  at: Type.Optional(InstantSchema),
});

export const Mission = strict(
  {
    schema: Type.Literal('mission.v1'),
    mission: Id,
    kind: oneOf(missionKinds),
    state: oneOf(missionStates),
    phases: Type.Array(MissionPhase, { minItems: 1, maxItems: 32 }),
    robot: Type.Optional(Id),
    /** What is carried, in words: `next bag for bed 07`. Never a name. */
    load: Type.Optional(Type.String({ maxLength: 120 })),
    ward: Type.Optional(Id),
    bed: Type.Optional(Id),
    zone: Type.Optional(Id),
    isUrgent: Type.Boolean(),
    requestedBy: Type.String({ maxLength: 64 }),
    createdAt: InstantSchema,
    deadline: Type.Optional(InstantSchema),
    /** Why it waits or ended, in the dispatcher's words. */
    because: Type.Optional(Type.String({ maxLength: 300 })),
    revision: Type.Integer({ minimum: 1 }),
    at: InstantSchema,
    isClosed: Type.Boolean(),
  },
  { $id: 'mission.v1' },
);
export type Mission = Static<typeof Mission>;

export const Robot = strict(
  {
    schema: Type.Literal('robot.v1'),
    robot: Id,
    kind: oneOf(robotKinds),
    connection: oneOf(['online', 'offline', 'broken', 'unknown'] as const),
    mode: oneOf(['automatic', 'semiautomatic', 'manual', 'service', 'teachin', 'unknown'] as const),
    /** Absent: where the robot stands is not known or not believed. */
    pose: Type.Optional(strict({ x: quantity('m'), y: quantity('m'), theta: quantity('rad'), floor: Type.String({ maxLength: 64 }) })),
    node: Type.Optional(NodeId),
    batteryPercent: Type.Optional(quantity('%', { minimum: 0, maximum: 100 })),
    isCharging: Type.Boolean(),
    isDriving: Type.Boolean(),
    isPaused: Type.Boolean(),
    hasLoad: Type.Boolean(),
    mission: Type.Optional(Id),
    /** Nodes still to be passed: released ones first, then the ones planned behind them. */
    plan: Type.Array(strict({ node: NodeId, isReleased: Type.Boolean() }), { maxItems: 500 }),
    /** Layout edges and nodes that no other robot may use now. */
    holds: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 500 }),
    waitsFor: Type.Optional(Type.String({ maxLength: 300 })),
    faults: Type.Array(
      strict({
        type: Type.String({ maxLength: 120 }),
        level: oneOf(['warning', 'fatal'] as const),
        text: Type.Optional(Type.String({ maxLength: 300 })),
      }),
      {
        maxItems: 64,
      },
    ),
    /** When the robot itself last spoke. */
    seenAt: Type.Optional(InstantSchema),
    at: InstantSchema,
  },
  { $id: 'robot.v1' },
);
export type Robot = Static<typeof Robot>;

/** Whether robots may move at all; retained, owned by fleet. */
export const FleetState = strict(
  {
    schema: Type.Literal('fleet-state.v1'),
    state: oneOf(['moving', 'stopped', 'fire'] as const),
    since: InstantSchema,
    by: Type.Optional(Type.String({ maxLength: 64 })),
    /** Robots that have not confirmed the stop. */
    notReached: Type.Array(Id, { maxItems: 1000 }),
    at: InstantSchema,
  },
  { $id: 'fleet-state.v1' },
);
export type FleetState = Static<typeof FleetState>;

export const LiftState = strict(
  {
    schema: Type.Literal('lift-state.v1'),
    lift: Id,
    floor: Type.String({ minLength: 1, maxLength: 64 }),
    doors: oneOf(['open', 'closed', 'moving'] as const),
    mode: oneOf(['automatic', 'fire', 'out_of_service'] as const),
    /** Robot that the cabin is held for. */
    session: Type.Optional(Id),
    at: InstantSchema,
  },
  { $id: 'lift-state.v1' },
);
export type LiftState = Static<typeof LiftState>;

/** Asked again every few seconds while wanted: a lift forgets a session that is not renewed for 30 s. */
export const LiftRequest = strict(
  {
    schema: Type.Literal('lift-request.v1'),
    lift: Id,
    session: Id,
    verb: oneOf(['call', 'release'] as const),
    floor: Type.Optional(Type.String({ maxLength: 64 })),
    at: InstantSchema,
  },
  { $id: 'lift-request.v1' },
);
export type LiftRequest = Static<typeof LiftRequest>;

export const DoorState = strict(
  { schema: Type.Literal('door-state.v1'), door: Id, state: oneOf(['open', 'closed', 'moving', 'fault'] as const), at: InstantSchema },
  { $id: 'door-state.v1' },
);
export type DoorState = Static<typeof DoorState>;

/** `open` holds for 30 s and must be asked again; `close` also locks the door to robots for a disinfection until `release`. */
export const DoorRequest = strict(
  { schema: Type.Literal('door-request.v1'), door: Id, session: Id, verb: oneOf(['open', 'close', 'release'] as const), at: InstantSchema },
  { $id: 'door-request.v1' },
);
export type DoorRequest = Static<typeof DoorRequest>;
