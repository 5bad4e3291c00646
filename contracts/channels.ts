import { type TSchema, Type } from 'typebox';
import { Alarm } from './alarms.ts';
import { CommandEnvelope, Reply, type ServiceName } from './commands.ts';
import { Finding } from './findings.ts';
import { DoorRequest, DoorState, FleetState, LiftRequest, LiftState, Mission, Robot } from './fleet.ts';
import { DeviceReading, ReadingBatch } from './readings.ts';
import { Rejected, ServiceStatus } from './service.ts';
import { DeviceStatus, Duty, EdgeStatus, Infusion, Location, Occupancy, Order, Placement, Presence } from './ward-state.ts';

/** Who may stand at an end of a channel: one of our services, or a kind of outside client. `any`: every authenticated client. */
export type Party = ServiceName | 'edge' | 'device' | 'robot' | 'facility' | 'any';

export interface Channel<Schema extends TSchema = TSchema, Topic extends string = string> {
  /** After `wardline/v1/{site}/`; VDA 5050 topics stand by themselves. `{name}` is one segment. */
  readonly topic: Topic;
  readonly isForeign: boolean;
  readonly schema: Schema;
  readonly writers: readonly Party[];
  readonly readers: readonly Party[];
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly summary: string;
}

type Ends = { writers: readonly Party[]; readers: readonly Party[]; retain: boolean; summary: string; qos?: 0 | 1; isForeign?: boolean };
const channel = <S extends TSchema, const T extends string>(
  topic: T,
  schema: S,
  { qos = 1, isForeign = false, ...ends }: Ends,
): Channel<S, T> => ({
  topic,
  schema,
  qos,
  isForeign,
  ...ends,
});

const VDA = '{interfaceName}/{major}/{manufacturer}/{serialNumber}';
const vda = <const L extends string>(leaf: L, ends: Omit<Ends, 'isForeign'>) =>
  channel(`${VDA}/${leaf}` as const, Type.Unknown(), { ...ends, isForeign: true });

/** The whole conversation of the ward, on one screen. Access rules, `docs/reference/channels.md` and the AsyncAPI page are computed from it. */
export const channels = {
  readings: channel('{ward}/edge/{edge}/readings', ReadingBatch, {
    writers: ['edge'],
    readers: ['watch', 'history'],
    retain: false,
    summary: "Readings of one edge's devices, gathered for at most 50 ms.",
  }),
  deviceReading: channel('{ward}/device/{device}/reading', DeviceReading, {
    writers: ['device'],
    readers: ['watch', 'history'],
    retain: false,
    summary: 'A reading of a device that speaks MQTT by itself.',
  }),
  edgeStatus: channel('{ward}/edge/{edge}/status', EdgeStatus, {
    writers: ['edge'],
    readers: ['watch', 'history', 'console'],
    retain: true,
    summary: 'Birth, outbox and last will of an edge agent.',
  }),
  deviceStatus: channel('{ward}/device/{device}/status', DeviceStatus, {
    writers: ['edge', 'device'],
    readers: ['watch', 'history', 'console'],
    retain: true,
    summary: 'Battery, firmware, clock offset and last word of a device.',
  }),

  order: channel('{ward}/bed/{bed}/line/{line}/order', Order, {
    writers: ['records'],
    readers: ['edge', 'watch', 'flows', 'history', 'console'],
    retain: true,
    summary: 'What is ordered on a line.',
  }),
  occupancy: channel('{ward}/bed/{bed}/occupancy', Occupancy, {
    writers: ['records'],
    readers: ['watch', 'flows', 'fleet', 'history', 'console'],
    retain: true,
    summary: 'Who is in a bed, as a random reference.',
  }),
  placement: channel('{ward}/device/{device}/placement', Placement, {
    writers: ['records'],
    readers: ['edge', 'watch', 'console'],
    retain: true,
    summary: 'At which bed and line a device is.',
  }),
  duty: channel('{ward}/duty', Duty, {
    writers: ['records'],
    readers: ['alarms', 'flows', 'console'],
    retain: true,
    summary: 'The shift of a ward and who looks after which beds.',
  }),

  infusion: channel('{ward}/bed/{bed}/line/{line}/infusion', Infusion, {
    writers: ['watch'],
    readers: ['flows', 'history', 'console', 'alarms'],
    retain: true,
    summary: 'Remaining volume, flow and time to empty of a line, with bounds and sources.',
  }),
  location: channel('tag/{tag}/location', Location, {
    writers: ['watch'],
    readers: ['flows', 'fleet', 'history', 'console'],
    retain: true,
    summary: 'Where a tag is.',
  }),
  presence: channel('zone/{zone}/presence', Presence, {
    writers: ['watch'],
    readers: ['flows', 'fleet', 'history', 'console'],
    retain: true,
    summary: 'Whether the room sensors of a zone see anybody.',
  }),
  finding: channel('{ward}/finding/{kind}/{subject}', Finding, {
    writers: ['watch', 'fleet', 'alarms', 'history', 'records'],
    readers: ['flows', 'alarms', 'history', 'console'],
    retain: true,
    summary: 'What is so at this instant, with its evidence; withdrawn when it has ended.',
  }),
  alarm: channel('{ward}/alarm/{alarm}', Alarm, {
    writers: ['alarms'],
    readers: ['flows', 'history', 'console', 'fleet'],
    retain: true,
    summary: 'An alarm episode, until it is closed.',
  }),

  mission: channel('mission/{mission}', Mission, {
    writers: ['fleet'],
    readers: ['flows', 'history', 'console', 'records'],
    retain: true,
    summary: 'A mission, until it is closed.',
  }),
  robot: channel('robot/{robot}', Robot, {
    writers: ['fleet'],
    readers: ['flows', 'history', 'console'],
    retain: true,
    summary: 'Pose, battery, mode, faults and plan of a robot.',
  }),
  fleetState: channel('fleet/state', FleetState, {
    writers: ['fleet'],
    readers: ['flows', 'history', 'console'],
    retain: true,
    summary: 'Whether robots may move.',
  }),
  liftState: channel('lift/{lift}/state', LiftState, {
    writers: ['facility'],
    readers: ['fleet', 'history', 'console'],
    retain: true,
    summary: 'Where a lift is and for whom it is held.',
  }),
  liftRequest: channel('lift/{lift}/request', LiftRequest, {
    writers: ['fleet'],
    readers: ['facility', 'history'],
    retain: false,
    summary: 'A robot wants a lift, or leaves it.',
  }),
  doorState: channel('door/{door}/state', DoorState, {
    writers: ['facility'],
    readers: ['fleet', 'history', 'console'],
    retain: true,
    summary: 'Whether a door is open.',
  }),
  doorRequest: channel('door/{door}/request', DoorRequest, {
    writers: ['fleet'],
    readers: ['facility', 'history'],
    retain: false,
    summary: 'A robot wants a door open, or kept closed.',
  }),

  command: channel('command/{service}/{verb}', CommandEnvelope, {
    writers: ['console', 'flows', 'fleet', 'records', 'watch', 'alarms', 'history'],
    readers: ['records', 'watch', 'flows', 'alarms', 'fleet', 'history'],
    retain: false,
    summary: 'A command to the service that owns the matter (see the commands page).',
  }),
  reply: channel('reply/{client}', Reply, {
    writers: ['records', 'watch', 'flows', 'alarms', 'fleet', 'history'],
    readers: ['any'],
    retain: false,
    summary: 'The answer to a command.',
  }),
  service: channel('service/{service}', ServiceStatus, {
    writers: ['broker', 'records', 'watch', 'flows', 'alarms', 'fleet', 'history', 'console'],
    readers: ['console', 'history', 'alarms', 'watch', 'flows'],
    retain: true,
    summary: 'Health and version of a service, with its last will.',
  }),
  rejected: channel('rejected/{client}', Rejected, {
    writers: ['broker', 'watch', 'history', 'records', 'alarms', 'fleet', 'flows', 'console'],
    readers: ['any'],
    retain: false,
    summary: 'What was refused and why, to whom it concerns.',
  }),

  vdaOrder: vda('order', {
    writers: ['fleet'],
    readers: ['robot'],
    retain: false,
    qos: 0,
    summary: 'VDA 5050: nodes and edges to travel.',
  }),
  vdaInstantActions: vda('instantActions', {
    writers: ['fleet'],
    readers: ['robot'],
    retain: false,
    qos: 0,
    summary: 'VDA 5050: actions at once.',
  }),
  vdaState: vda('state', { writers: ['robot'], readers: ['fleet'], retain: false, qos: 0, summary: 'VDA 5050: state of the robot.' }),
  vdaVisualization: vda('visualization', {
    writers: ['robot'],
    readers: ['fleet'],
    retain: false,
    qos: 0,
    summary: 'VDA 5050: position for the eye.',
  }),
  vdaConnection: vda('connection', {
    writers: ['robot'],
    readers: ['fleet'],
    retain: true,
    summary: 'VDA 5050: connection and last will.',
  }),
  vdaFactsheet: vda('factsheet', {
    writers: ['robot'],
    readers: ['fleet'],
    retain: true,
    qos: 0,
    summary: 'VDA 5050: what the robot can do.',
  }),
} as const satisfies Record<string, Channel>;

export type Channels = typeof channels;
export type ChannelName = keyof Channels;

/** Names of the `{parameters}` in a topic template. */
type ParamsIn<Topic extends string> = Topic extends `${string}{${infer Name}}${infer Rest}` ? Name | ParamsIn<Rest> : never;
export type ParamsOf<C extends Channel> = string extends C['topic'] ? Record<string, string> : Record<ParamsIn<C['topic']>, string>;
