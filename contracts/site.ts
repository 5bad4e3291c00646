import { type Static, Type } from 'typebox';
import { alarmKindNames, priorities } from './alarm-kinds.ts';
import { Id, LocalText, oneOf, quantity, strict } from './schema.ts';

/** The site file: one hospital, as its engineer writes it (YAML). References between its parts are checked by `runtime/site.ts`. */

const ms = (minimum: number, maximum: number) => quantity('ms', { minimum, maximum });

export const Thresholds = strict({
  nearEmptyMl: Type.Optional(quantity('mL', { minimum: 1, maximum: 1000 })),
  rateDeviationPercent: Type.Optional(quantity('%', { minimum: 1, maximum: 100 })),
  sensorSilentMs: Type.Optional(ms(1000, 3_600_000)),
  edgeLostMs: Type.Optional(ms(1000, 600_000)),
});
export type Thresholds = Static<typeof Thresholds>;

/** How a ward treats one kind of alarm; absent fields take the default of `alarm-kinds.ts`. */
export const AlarmRule = strict({
  priority: Type.Optional(oneOf(priorities)),
  onDelayMs: Type.Optional(ms(0, 600_000)),
  offDelayMs: Type.Optional(ms(0, 600_000)),
  /** Unanswered this long, the alarm goes to the next in its route. */
  escalateAfterMs: Type.Optional(ms(1000, 3_600_000)),
  route: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 8 })),
});
export type AlarmRule = Static<typeof AlarmRule>;

const AlarmRules = Type.Partial(
  strict(Object.fromEntries(alarmKindNames.map((kind) => [kind, AlarmRule])) as Record<(typeof alarmKindNames)[number], typeof AlarmRule>),
);

export const Bed = strict({
  id: Id,
  /** Zone of the room that the bed stands in. */
  zone: Type.Optional(Id),
  lines: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 8 })),
  /** Layout station where a robot hands over at this bed. */
  station: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
export type Bed = Static<typeof Bed>;

export const Ward = strict({
  id: Id,
  name: LocalText,
  /** `mapId` of the ward's floor in the layout. */
  floor: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  beds: Type.Array(Bed, { minItems: 1, maxItems: 200 }),
  thresholds: Type.Optional(Thresholds),
  alarmRules: Type.Optional(AlarmRules),
});
export type Ward = Static<typeof Ward>;

export const Transport = Type.Union([
  strict({
    type: Type.Literal('serial'),
    path: Type.String({ minLength: 1 }),
    baudRate: Type.Optional(Type.Integer({ minimum: 300, maximum: 921_600 })),
  }),
  strict({ type: Type.Literal('tcp'), host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
  /** Many devices behind one listener: the agent names the device in the first line it sends (`DEVICE <id>\n`), raw bytes follow. A relative path lies below the data folder. Simulators only. */
  strict({ type: Type.Literal('shared'), path: Type.String({ minLength: 1 }) }),
  strict({ type: Type.Literal('http'), url: Type.String({ pattern: '^https?://' }), everyMs: ms(1000, 600_000) }),
]);
export type Transport = Static<typeof Transport>;

export const Device = strict({
  id: Id,
  edge: Id,
  /** A driver of the drivers lists under `edge`. */
  driver: Id,
  transport: Transport,
  /** Where the device starts out; `records` owns the placement from then on. */
  placement: Type.Optional(strict({ bed: Id, line: Type.Optional(Id) })),
  /** Tag readers: the zone of each antenna, in order from antenna 1. */
  antennaZones: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 64 })),
  /** Drip counters. */
  dropsPerMl: Type.Optional(quantity('{drop}/mL', { minimum: 5, maximum: 100 })),
  /** Room sensors: the zone that the sensor watches. */
  zone: Type.Optional(Id),
});
export type Device = Static<typeof Device>;

export const tagKinds = ['patient', 'staff', 'pump', 'bag', 'consumable', 'equipment', 'robot'] as const;
export const Tag = strict({
  id: Id,
  kind: oneOf(tagKinds),
  label: Type.Optional(Type.String({ maxLength: 64 })),
  /** Patients, pumps: the ward they belong to. */
  ward: Type.Optional(Id),
  bed: Type.Optional(Id),
  /** Bags: the patient reference that the bag was made up for. */
  forPatient: Type.Optional(Id),
});
export type Tag = Static<typeof Tag>;

export const Zone = strict({
  id: Id,
  name: LocalText,
  ward: Type.Optional(Id),
  floor: Type.String({ minLength: 1, maxLength: 64 }),
  kind: oneOf(['room', 'corridor', 'lift', 'station', 'store', 'pharmacy', 'theatre', 'outside'] as const),
  /** x0, y0, x1, y1 in metres on the floor's map. */
  rectangle: Type.Array(quantity('m'), { minItems: 4, maxItems: 4 }),
});
export type Zone = Static<typeof Zone>;

export const robotKinds = ['delivery', 'disinfection', 'service', 'patrol'] as const;
export const Robot = strict({
  id: Id,
  kind: oneOf(robotKinds),
  adapter: strict({
    type: Type.Literal('vda5050'),
    interfaceName: Id,
    version: oneOf(['2.0.0'] as const),
    manufacturer: Id,
    serialNumber: Id,
  }),
  /** Layout node where the robot waits and charges. */
  home: Type.String({ minLength: 1, maxLength: 128 }),
  minBatteryPercent: Type.Optional(quantity('%', { minimum: 0, maximum: 90 })),
});
export type Robot = Static<typeof Robot>;

export const Lift = strict({
  id: Id,
  name: LocalText,
  /** The node of the cabin on each floor that it serves. */
  stops: Type.Array(strict({ floor: Type.String({ minLength: 1 }), node: Type.String({ minLength: 1 }) }), { minItems: 2, maxItems: 64 }),
});
export type Lift = Static<typeof Lift>;

export const Door = strict({
  id: Id,
  /** Layout edges that pass through the door, in both directions. */
  edges: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 16 }),
  /** Rooms that the door closes; a disinfection of a room needs all its doors closed. */
  zones: Type.Array(Id, { minItems: 0, maxItems: 2 }),
});
export type Door = Static<typeof Door>;

export const roles = ['nurse', 'charge_nurse', 'logistics', 'command_centre', 'engineer', 'admin'] as const;
export type Role = (typeof roles)[number];
export const Person = strict({
  username: Id,
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
  roles: Type.Array(oneOf(roles), { minItems: 1 }),
  /** Absent: every ward. */
  wards: Type.Optional(Type.Array(Id)),
});
export type Person = Static<typeof Person>;

const Listen = strict({ host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 0, maximum: 65_535 }) });
export const HistoryStore = Type.Union([
  strict({ type: Type.Literal('embedded'), retentionDays: Type.Optional(Type.Number({ minimum: 1, maximum: 36_500 })) }),
  strict({
    type: Type.Literal('influx1'),
    url: Type.String({ pattern: '^https?://' }),
    database: Id,
    username: Type.Optional(Type.String()),
    passwordFile: Type.Optional(Type.String()),
  }),
  strict({
    type: Type.Literal('influx2'),
    url: Type.String({ pattern: '^https?://' }),
    org: Type.String(),
    bucket: Type.String(),
    tokenFile: Type.String(),
  }),
]);
export type HistoryStore = Static<typeof HistoryStore>;

export const Services = strict({
  /** Where processes find the broker when it is not started here. */
  brokerUrl: Type.Optional(Type.String({ pattern: '^mqtts?://' })),
  mqtt: Type.Optional(Listen),
  mqtts: Type.Optional(
    strict({ host: Type.String(), port: Type.Integer({ minimum: 0, maximum: 65_535 }), certFile: Type.String(), keyFile: Type.String() }),
  ),
  websocket: Type.Optional(Listen),
  console: Type.Optional(
    strict({
      host: Type.String(),
      port: Type.Integer({ minimum: 0, maximum: 65_535 }),
      certFile: Type.Optional(Type.String()),
      keyFile: Type.Optional(Type.String()),
    }),
  ),
  history: Type.Optional(HistoryStore),
});
export type Services = Static<typeof Services>;

export const Site = strict(
  {
    schema: Type.Literal('site.v1'),
    site: Id,
    name: LocalText,
    timeZone: Type.String({ minLength: 1, maxLength: 64 }),
    /** VDMA LIF file, beside the site file. */
    layout: Type.Optional(Type.String({ minLength: 1 })),
    wards: Type.Array(Ward, { minItems: 1, maxItems: 200 }),
    thresholds: Type.Optional(Thresholds),
    alarmRules: Type.Optional(AlarmRules),
    edges: Type.Optional(Type.Array(strict({ id: Id, ward: Id }), { maxItems: 500 })),
    devices: Type.Optional(Type.Array(Device, { maxItems: 20_000 })),
    tags: Type.Optional(Type.Array(Tag, { maxItems: 50_000 })),
    zones: Type.Optional(Type.Array(Zone, { maxItems: 20_000 })),
    robots: Type.Optional(Type.Array(Robot, { maxItems: 1000 })),
    lifts: Type.Optional(Type.Array(Lift, { maxItems: 200 })),
    doors: Type.Optional(Type.Array(Door, { maxItems: 5000 })),
    /** Layout nodes where robots wait in a fire, clear of escape ways. */
    holdingPoints: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    chargers: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    /** Layout station that the next bag is fetched from. */
    pharmacyStation: Type.Optional(Type.String({ minLength: 1 })),
    people: Type.Optional(Type.Array(Person, { maxItems: 5000 })),
    /** CSV files beside the site file that fill empty records at the first start. */
    seed: Type.Optional(
      strict({ orders: Type.Optional(Type.String()), occupancy: Type.Optional(Type.String()), duty: Type.Optional(Type.String()) }),
    ),
    services: Type.Optional(Services),
  },
  { $id: 'site.v1' },
);
export type Site = Static<typeof Site>;
