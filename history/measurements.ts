/** What is recorded: one row a measurement, from which the embedded tables and the InfluxDB line protocol are both computed. */
export type FieldType = 'REAL' | 'INTEGER' | 'TEXT' | 'BOOLEAN';

export interface Measurement {
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, FieldType>>;
}

const remaining = { remainingMl: 'REAL', remainingBoundMl: 'REAL', flowMlPerHour: 'REAL', flowBoundMlPerHour: 'REAL' } as const;
const reading = ['ward', 'device'] as const;
const line = ['ward', 'bed', 'line'] as const;

export const measurements = {
  weight: { tags: reading, fields: { sequence: 'INTEGER', massGrams: 'REAL', isStable: 'BOOLEAN', ...remaining, state: 'TEXT' } },
  drip: {
    tags: reading,
    fields: {
      sequence: 'INTEGER',
      dropCount: 'INTEGER',
      dropsPerMinute: 'REAL',
      flowMlPerHour: 'REAL',
      flowBoundMlPerHour: 'REAL',
      state: 'TEXT',
    },
  },
  pump: {
    tags: reading,
    fields: {
      sequence: 'INTEGER',
      rateMlPerHour: 'REAL',
      infusedMl: 'REAL',
      ...remaining,
      pressureMmHg: 'REAL',
      state: 'TEXT',
      isBatteryLow: 'BOOLEAN',
    },
  },
  level: { tags: reading, fields: { sequence: 'INTEGER', fraction: 'REAL', ...remaining, confidence: 'REAL', state: 'TEXT' } },
  tag: {
    tags: ['ward', 'device', 'tag'],
    fields: { sequence: 'INTEGER', zone: 'TEXT', antenna: 'INTEGER', rssiDbm: 'REAL', reads: 'INTEGER' },
  },
  presence: { tags: reading, fields: { sequence: 'INTEGER', isPresent: 'BOOLEAN' } },
  fault: { tags: reading, fields: { sequence: 'INTEGER', fault: 'TEXT' } },
  infusion: {
    tags: line,
    fields: {
      ...remaining,
      orderedRateMlPerHour: 'REAL',
      volumeMl: 'REAL',
      secondsToEmpty: 'REAL',
      state: 'TEXT',
      quality: 'TEXT',
      order: 'TEXT',
    },
  },
  location: { tags: ['tag', 'kind'], fields: { zone: 'TEXT', ward: 'TEXT', floor: 'TEXT' } },
  finding: { tags: ['ward', 'kind', 'subject'], fields: { isPresent: 'BOOLEAN', occurrence: 'INTEGER', value: 'REAL', limit: 'REAL' } },
  alarm: {
    tags: ['ward', 'kind', 'priority', 'subject'],
    fields: {
      alarm: 'TEXT',
      condition: 'TEXT',
      annunciation: 'TEXT',
      occurrence: 'INTEGER',
      revision: 'INTEGER',
      escalation: 'INTEGER',
      decidedBy: 'TEXT',
      responseSeconds: 'REAL',
      isClosed: 'BOOLEAN',
      isOpen: 'INTEGER',
    },
  },
  mission: {
    tags: ['kind', 'robot'],
    fields: {
      mission: 'TEXT',
      state: 'TEXT',
      because: 'TEXT',
      revision: 'INTEGER',
      ageSeconds: 'REAL',
      isClosed: 'BOOLEAN',
      isUrgent: 'BOOLEAN',
    },
  },
  robot: {
    tags: ['robot', 'kind'],
    fields: {
      x: 'REAL',
      y: 'REAL',
      floor: 'TEXT',
      batteryPercent: 'REAL',
      connection: 'TEXT',
      mode: 'TEXT',
      isDriving: 'BOOLEAN',
      isCharging: 'BOOLEAN',
      isPaused: 'BOOLEAN',
      mission: 'TEXT',
      faults: 'INTEGER',
    },
  },
  fleet: { tags: [], fields: { state: 'TEXT', notReached: 'INTEGER' } },
  lift: { tags: ['lift'], fields: { floor: 'TEXT', doors: 'TEXT', mode: 'TEXT', session: 'TEXT' } },
  door: { tags: ['door'], fields: { state: 'TEXT' } },
  order: { tags: line, fields: { order: 'TEXT', state: 'TEXT', label: 'TEXT', volumeMl: 'REAL', rateMlPerHour: 'REAL' } },
  occupancy: { tags: ['ward', 'bed'], fields: { state: 'TEXT', patient: 'TEXT' } },
  edge: { tags: ['ward', 'edge'], fields: { state: 'TEXT', outboxDepth: 'INTEGER', outboxLostReadings: 'INTEGER' } },
  device: { tags: reading, fields: { state: 'TEXT', batteryPercent: 'REAL', garbledFrames: 'INTEGER', clockOffsetMs: 'REAL' } },
  service: { tags: ['service'], fields: { state: 'TEXT', because: 'TEXT' } },
} as const satisfies Record<string, Measurement>;

export type MeasurementName = keyof typeof measurements;
export const measurementNames = Object.keys(measurements) as MeasurementName[];

export type FieldValue = number | string | boolean | undefined;

/** One point. Tags and fields stand in the order of the measurement's definition; an undefined field is not known and is not written. */
export interface Point {
  readonly measurement: MeasurementName;
  readonly tags: readonly string[];
  readonly fields: readonly FieldValue[];
  /** Milliseconds since epoch. */
  readonly at: number;
  /** Sequence or revision: keeps apart what shares a series and a millisecond, and makes a message that comes twice the same point. */
  readonly ordinal: number;
}

/** Picks the tags and fields of a measurement out of an object that has them by name. */
export function pointOf(measurement: MeasurementName, from: Readonly<Record<string, unknown>>, at: number, ordinal: number): Point {
  const definition: Measurement = measurements[measurement];
  const names = fieldNames[measurement];
  const fields = new Array<FieldValue>(names.length);
  for (let i = 0; i < names.length; i++) fields[i] = from[names[i]!] as FieldValue;
  const tags = new Array<string>(definition.tags.length);
  for (let i = 0; i < tags.length; i++) tags[i] = String(from[definition.tags[i]!] ?? 'none');
  return { measurement, tags, fields, at, ordinal };
}

export const fieldNames = Object.fromEntries(
  measurementNames.map((name) => [name, Object.keys(measurements[name].fields)]),
) as unknown as Record<MeasurementName, readonly string[]>;
