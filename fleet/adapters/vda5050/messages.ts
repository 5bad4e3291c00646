import { type Static, Type } from 'typebox';
import type { Leg, LegAction, LegStep } from '../adapter.ts';

/**
 * VDA 5050 2.0 on the wire. Incoming messages ask only for what fleet cannot do without: vehicles leave out even required fields.
 */
const optional = Type.Optional;
const References = optional(Type.Array(Type.Object({ referenceKey: Type.String(), referenceValue: Type.String() })));

export const StateMessage = Type.Object({
  orderId: optional(Type.String()),
  orderUpdateId: optional(Type.Number()),
  lastNodeId: optional(Type.String()),
  lastNodeSequenceId: optional(Type.Number()),
  driving: optional(Type.Boolean()),
  paused: optional(Type.Boolean()),
  operatingMode: optional(Type.String()),
  nodeStates: optional(Type.Array(Type.Object({ nodeId: Type.String(), sequenceId: Type.Number() }))),
  edgeStates: optional(Type.Array(Type.Object({ edgeId: Type.String(), sequenceId: Type.Number() }))),
  agvPosition: optional(
    Type.Object({
      x: Type.Number(),
      y: Type.Number(),
      theta: Type.Number(),
      mapId: Type.String(),
      positionInitialized: optional(Type.Boolean()),
    }),
  ),
  loads: optional(Type.Array(Type.Unknown())),
  actionStates: optional(
    Type.Array(
      Type.Object({
        actionId: Type.String(),
        actionType: optional(Type.String()),
        actionStatus: Type.String(),
        resultDescription: optional(Type.String()),
      }),
    ),
  ),
  batteryState: optional(Type.Object({ batteryCharge: optional(Type.Number()), charging: optional(Type.Boolean()) })),
  errors: optional(
    Type.Array(
      Type.Object({
        errorType: Type.String(),
        errorLevel: optional(Type.String()),
        errorDescription: optional(Type.String()),
        errorReferences: References,
      }),
    ),
  ),
  safetyState: optional(Type.Object({ eStop: optional(Type.String()), fieldViolation: optional(Type.Boolean()) })),
});
export type StateMessage = Static<typeof StateMessage>;

export const VisualizationMessage = Type.Pick(StateMessage, ['agvPosition']);
export const ConnectionMessage = Type.Object({ connectionState: Type.String() });
export const FactsheetMessage = Type.Object({
  loadSpecification: optional(Type.Object({ loadSets: optional(Type.Array(Type.Object({ loadType: Type.String() }))) })),
});

export interface VehicleIdentity {
  readonly version: string;
  readonly manufacturer: string;
  readonly serialNumber: string;
}

/** VDA 5050 §6.4: counted per topic. */
export interface Header extends VehicleIdentity {
  readonly headerId: number;
  readonly timestamp: string;
}

export interface Action {
  readonly actionType: string;
  readonly actionId: string;
  readonly blockingType: 'NONE' | 'SOFT' | 'HARD';
  readonly actionParameters?: readonly { readonly key: string; readonly value: string | number | boolean }[];
}

/** Number of a node in the order; its edge has the number before. VDA 5050 §6.6.2: nodes even, edges odd, continued by updates. */
export const sequenceOf = (index: number): number => 2 * index;

/** A vehicle that is rightly placed stands within this of the first node, in metres. */
const START_DEVIATION = 0.5;

/** The order message of a leg: the last base node of the update before, what is released since, and the horizon. The same leg gives the same message but for the header. */
export function orderMessage(leg: Leg, header: Header, loadType: string) {
  const steps = leg.steps.slice(leg.stitchedAt);
  const isReleased = (index: number) => leg.stitchedAt + index < leg.released;
  return {
    ...header,
    orderId: leg.order,
    orderUpdateId: leg.update,
    nodes: steps.map((step, i) => ({
      nodeId: step.node,
      sequenceId: sequenceOf(leg.stitchedAt + i),
      released: isReleased(i),
      nodePosition: nodePosition(step, leg.stitchedAt + i === 0 ? START_DEVIATION : undefined),
      actions: leg.action && leg.stitchedAt + i === leg.steps.length - 1 ? [actionOf(leg.action, loadType)] : [],
    })),
    edges: steps.slice(1).map((step, i) => ({
      edgeId: step.edge ?? `${steps[i]!.node}-${step.node}`,
      sequenceId: sequenceOf(leg.stitchedAt + i) + 1,
      released: isReleased(i + 1),
      startNodeId: steps[i]!.node,
      endNodeId: step.node,
      ...(step.speedMax === undefined ? {} : { maxSpeed: step.speedMax }),
      actions: [],
    })),
  };
}

const nodePosition = (step: LegStep, deviation: number | undefined) => ({
  x: step.x,
  y: step.y,
  mapId: step.floor,
  ...(deviation === undefined ? {} : { allowedDeviationXY: deviation }),
});

/** 0.29 mW/cm² at 3 m (HERO21, doi 10.1016/j.jpap.2022.100123) for this long is 8.7 mJ/cm²; 6.5 take S. aureus down by 4.9 log. Robots with a programme of their own follow that. */
const DISINFECT_SECONDS = 30;

/** VDA 5050 §6.8.1: `pick` and `drop` are the standard's words; ultraviolet light has none, so it is `disinfect` with the zone. */
function actionOf(action: LegAction, loadType: string): Action {
  const { id: actionId, kind, place } = action;
  if (kind === 'disinfect')
    return {
      actionType: 'disinfect',
      actionId,
      blockingType: 'HARD',
      actionParameters: [
        { key: 'zone', value: place },
        { key: 'duration', value: DISINFECT_SECONDS },
      ],
    };
  return {
    actionType: kind === 'load' ? 'pick' : 'drop',
    actionId,
    blockingType: 'HARD',
    actionParameters: [
      { key: 'stationType', value: 'floor' },
      { key: 'stationName', value: place },
      { key: 'loadType', value: loadType },
      ...(action.load === undefined ? [] : [{ key: 'loadId', value: action.load }]),
    ],
  };
}

/** Vehicles of 2.0 read instant actions under `actions`, as its schema says, or under `instantActions`, as its text said: both are sent. */
export const instantActionsMessage = (actions: readonly Action[], header: Header) => ({ ...header, actions, instantActions: actions });
