import type { Instant } from '#contracts/units.ts';
import type { VehicleView } from './vehicle.ts';

/** Messages of a robot, VDA 5050 2.0 §6. */

export interface Identity {
  readonly manufacturer: string;
  readonly serialNumber: string;
}

/** Heads of messages: `headerId` counts by topic. */
export function headers({ manufacturer, serialNumber }: Identity) {
  const counts = new Map<string, number>();
  return (topic: string, now: Instant) => {
    const headerId = counts.get(topic) ?? 0;
    counts.set(topic, (headerId + 1) % 2 ** 32);
    return { headerId, timestamp: new Date(now).toISOString(), version: '2.0.0', manufacturer, serialNumber };
  };
}

const position = ({ pose }: VehicleView) => ({
  x: round(pose.x),
  y: round(pose.y),
  theta: round(Math.atan2(Math.sin(pose.theta), Math.cos(pose.theta))),
  mapId: pose.mapId,
  positionInitialized: true,
});
const velocity = ({ speed }: VehicleView) => ({ vx: round(speed), vy: 0, omega: 0 });
const round = (value: number): number => Math.round(value * 1000) / 1000;

export const stateOf = (view: VehicleView) => ({
  orderId: view.orderId,
  orderUpdateId: view.orderUpdateId,
  lastNodeId: view.lastNodeId,
  lastNodeSequenceId: view.lastNodeSequenceId,
  nodeStates: view.nodes.map(({ nodeId, sequenceId, released }) => ({ nodeId, sequenceId, released })),
  edgeStates: view.edges.map(({ edgeId, sequenceId, released }) => ({ edgeId, sequenceId, released })),
  agvPosition: position(view),
  velocity: velocity(view),
  driving: view.isDriving,
  paused: view.isPaused,
  newBaseRequest: view.wantsNewBase,
  loads: view.loads,
  actionStates: view.actions.map(({ action, status, result }) => ({
    actionId: action.actionId,
    actionType: action.actionType,
    actionStatus: status,
    ...(result === undefined ? {} : { resultDescription: result }),
  })),
  batteryState: { batteryCharge: round(view.batteryPercent), charging: view.isCharging },
  operatingMode: 'AUTOMATIC',
  errors: view.errors,
  information: [],
  safetyState: { eStop: 'NONE', fieldViolation: false },
});

export const visualizationOf = (view: VehicleView) => ({ agvPosition: position(view), velocity: velocity(view) });

const action = (actionType: string, actionScopes: readonly string[], actionDescription: string) => ({
  actionType,
  actionScopes,
  actionDescription,
});

/** What the robot can do. */
export const factsheetOf = (kind: 'delivery' | 'disinfection' | 'service' | 'patrol') => ({
  typeSpecification: {
    seriesName: 'ward-robot',
    seriesDescription: `simulated ${kind} robot`,
    agvKinematic: 'DIFF',
    agvClass: 'CARRIER',
    maxLoadMass: kind === 'delivery' ? 30 : 0,
    localizationTypes: ['NATURAL'],
    navigationTypes: ['VIRTUAL_LINE_GUIDED'],
  },
  physicalParameters: {
    speedMin: 0.05,
    speedMax: 1,
    accelerationMax: 1,
    decelerationMax: 1.5,
    heightMin: 1.2,
    heightMax: 1.2,
    width: 0.55,
    length: 0.6,
  },
  protocolLimits: {
    maxStringLens: { idLen: 128 },
    maxArrayLens: { 'order.nodes': 1000, 'order.edges': 1000, instantActions: 100 },
    timing: { minOrderInterval: 0.2, minStateInterval: 0.1, defaultStateInterval: 15, visualizationInterval: 1 },
  },
  protocolFeatures: {
    optionalParameters: [{ parameter: 'order.nodes.nodePosition', support: 'SUPPORTED' }],
    agvActions: [
      action('cancelOrder', ['INSTANT'], 'stop at the next node and forget the order'),
      action('startPause', ['INSTANT'], 'stand still'),
      action('stopPause', ['INSTANT'], 'go on'),
      action('stateRequest', ['INSTANT'], 'send the state'),
      action('factsheetRequest', ['INSTANT'], 'send the factsheet'),
      action('startCharging', ['INSTANT', 'NODE'], 'charge; only at a charger'),
      action('stopCharging', ['INSTANT', 'NODE'], 'end charging'),
      ...(kind === 'disinfection'
        ? [action('disinfect', ['NODE'], 'ultraviolet light; `duration` in seconds')]
        : [action('pick', ['NODE'], 'take a load'), action('drop', ['NODE'], 'give a load')]),
    ],
  },
  agvGeometry: {},
  loadSpecification: kind === 'delivery' ? { loadPositions: ['tray'], loadSets: [{ setName: 'BIN', loadType: 'BIN' }] } : {},
  localizationParameters: {},
});
