import { type Static, Type } from 'typebox';
import { alarmKindNames, priorities, recipients } from './alarm-kinds.ts';
import { Evidence } from './findings.ts';
import { Id, InstantSchema, oneOf, strict } from './schema.ts';

/** The condition itself (ward.md §1, region 1). Pending alarms are kept by the ledger and not shown. */
export const conditions = ['pending', 'present', 'clearing', 'absent'] as const;
/** What the alarm does to be noticed (region 2). Latched: the condition has gone, nobody has answered yet. */
export const annunciations = ['off', 'on', 'acknowledged', 'latched'] as const;

export const AlarmDelivery = strict({
  recipient: oneOf(recipients),
  state: oneOf(['queued', 'delivered', 'accepted', 'undeliverable', 'cancelled'] as const),
  at: InstantSchema,
});

/** One alarm episode as the ledger holds it. Retained until closed. */
export const Alarm = strict(
  {
    schema: Type.Literal('alarm.v1'),
    alarm: Id,
    ward: Id,
    kind: oneOf(alarmKindNames),
    subject: Id,
    bed: Type.Optional(Id),
    line: Type.Optional(Id),
    priority: oneOf(priorities),
    condition: oneOf(conditions),
    annunciation: oneOf(annunciations),
    /** Counts up by one per occurrence of this alarm; an answer names the occurrence that it is for. */
    occurrence: Type.Integer({ minimum: 1 }),
    /** Counts up by one per transition; a message with a lower revision is an old one. */
    revision: Type.Integer({ minimum: 1 }),
    presentSince: InstantSchema,
    raisedAt: InstantSchema,
    at: InstantSchema,
    decidedBy: oneOf(['flow', 'default'] as const),
    route: Type.Array(oneOf(recipients), { minItems: 1, maxItems: 8 }),
    /** Index into `route` of who is asked now. */
    escalation: Type.Integer({ minimum: 0, maximum: 8 }),
    deliveries: Type.Array(AlarmDelivery, { maxItems: 32 }),
    acknowledgedBy: Type.Optional(Type.String({ maxLength: 64 })),
    acknowledgedAt: Type.Optional(InstantSchema),
    value: Type.Optional(Type.Number()),
    limit: Type.Optional(Type.Number()),
    unit: Type.Optional(Type.String({ maxLength: 16 })),
    evidence: Type.Array(Evidence, { maxItems: 16 }),
    /** True once nothing of the alarm is left to do: the retained message is withdrawn after it. */
    isClosed: Type.Boolean(),
  },
  { $id: 'alarm.v1' },
);
export type Alarm = Static<typeof Alarm>;
