import type { ChannelName } from '#contracts/channels.ts';
import type { DeviceReading, Reading, ReadingBatch } from '#contracts/readings.ts';
import type { MessageOf } from '#runtime/bus.ts';
import { type MeasurementName, type Point, pointOf } from './measurements.ts';

/** Channels that are recorded. */
export const recordedChannels = [
  'readings',
  'deviceReading',
  'infusion',
  'location',
  'finding',
  'alarm',
  'mission',
  'robot',
  'fleetState',
  'liftState',
  'doorState',
  'order',
  'occupancy',
  'edgeStatus',
  'deviceStatus',
  'service',
] as const satisfies readonly ChannelName[];
export type RecordedChannel = (typeof recordedChannels)[number];

type Params = Readonly<Record<string, string>>;
type ToPoints = { [C in RecordedChannel]: (message: MessageOf<C>, params: Params) => Point[] };

const reading = (
  ward: string,
  device: string,
  { sequence, measuredAt, value }: Pick<Reading, 'sequence' | 'measuredAt' | 'value'>,
): Point => pointOf(value.kind as MeasurementName, { ...value, ward, device, sequence }, measuredAt, sequence);

const plain = (measurement: MeasurementName, message: object & { at: number }, ordinal = 0): Point[] => [
  pointOf(measurement, message as Record<string, unknown>, message.at, ordinal),
];

/** What a message becomes in history: pure, one entry a channel. */
const toPoints: ToPoints = {
  readings: (batch: ReadingBatch, { ward }) => batch.readings.map((r) => reading(ward!, r.device, r)),
  deviceReading: (message: DeviceReading, { ward, device }) => [reading(ward!, device!, message)],
  infusion: (m) => [
    pointOf('infusion', { ...m, secondsToEmpty: m.emptyAt === undefined ? undefined : (m.emptyAt - m.at) / 1000 }, m.at, 0),
  ],
  location: (m) => plain('location', m),
  finding: (m) => plain('finding', m, m.occurrence * 2 + (m.isPresent ? 0 : 1)),
  alarm: (m) => [
    pointOf(
      'alarm',
      {
        ...m,
        isOpen: m.isClosed ? 0 : 1,
        responseSeconds: m.acknowledgedAt === undefined ? undefined : (m.acknowledgedAt - m.raisedAt) / 1000,
      },
      m.at,
      m.revision,
    ),
  ],
  mission: (m) => [pointOf('mission', { ...m, ageSeconds: (m.at - m.createdAt) / 1000 }, m.at, m.revision)],
  robot: (m) => [pointOf('robot', { ...m, x: m.pose?.x, y: m.pose?.y, floor: m.pose?.floor, faults: m.faults.length }, m.at, 0)],
  fleetState: (m) => [pointOf('fleet', { state: m.state, notReached: m.notReached.length }, m.at, 0)],
  liftState: (m) => plain('lift', m),
  doorState: (m) => plain('door', m),
  order: (m) => plain('order', m),
  occupancy: (m) => plain('occupancy', m),
  edgeStatus: (m) => plain('edge', m),
  deviceStatus: (m) => plain('device', m),
  service: (m) => plain('service', m),
};

export function pointsOf<C extends RecordedChannel>(channel: C, message: MessageOf<C>, params: Params): Point[] {
  return (toPoints[channel] as (message: MessageOf<C>, params: Params) => Point[])(message, params);
}
