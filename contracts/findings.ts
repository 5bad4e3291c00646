import { type Static, Type } from 'typebox';
import { alarmKindNames } from './alarm-kinds.ts';
import { Id, InstantSchema, oneOf, strict } from './schema.ts';

/** The pseudo-ward of findings and alarms that belong to no ward: robots, services. No ward may be called so. */
export const HOUSE = 'house';

export const Evidence = strict({
  /** Device, service or robot that says so. */
  source: Id,
  /** What it says: `remainingMl`, `flowMlPerHour`, `zone`. */
  what: Type.String({ maxLength: 64 }),
  value: Type.Union([Type.Number(), Type.String({ maxLength: 200 })]),
  measuredAt: Type.Optional(InstantSchema),
});

/** What is so at this instant. Present findings are retained; an absent one is said once, then withdrawn. */
export const Finding = strict(
  {
    schema: Type.Literal('finding.v1'),
    ward: Id,
    kind: oneOf(alarmKindNames),
    /** Unique within ward and kind: `{bed}.{line}`, a device, a tag, an edge, a robot. */
    subject: Id,
    bed: Type.Optional(Id),
    line: Type.Optional(Id),
    isPresent: Type.Boolean(),
    /** Number of this occurrence; the absent message carries the number of the present one that it ends. */
    occurrence: Type.Integer({ minimum: 1 }),
    since: InstantSchema,
    /** Measured time of the reading that settled it: latency is counted from here. */
    at: InstantSchema,
    value: Type.Optional(Type.Number()),
    limit: Type.Optional(Type.Number()),
    unit: Type.Optional(Type.String({ maxLength: 16 })),
    evidence: Type.Array(Evidence, { maxItems: 16 }),
  },
  { $id: 'finding.v1' },
);
export type Finding = Static<typeof Finding>;
