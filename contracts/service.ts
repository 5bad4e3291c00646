import { type Static, Type } from 'typebox';
import { serviceNames } from './commands.ts';
import { Id, InstantSchema, oneOf, strict } from './schema.ts';

export const ServiceStatus = strict(
  {
    schema: Type.Literal('service.v1'),
    service: oneOf(serviceNames),
    state: oneOf(['up', 'degraded', 'down'] as const),
    version: Type.Optional(Type.String({ maxLength: 32 })),
    because: Type.Optional(Type.String({ maxLength: 300 })),
    startedAt: Type.Optional(InstantSchema),
    at: InstantSchema,
  },
  { $id: 'service.v1' },
);
export type ServiceStatus = Static<typeof ServiceStatus>;

/** What was refused and why; sent to the client that published it. */
export const Rejected = strict(
  {
    schema: Type.Literal('rejected.v1'),
    topic: Type.String({ maxLength: 1024 }),
    because: Type.String({ maxLength: 1000 }),
    by: Id,
    at: InstantSchema,
  },
  { $id: 'rejected.v1' },
);
export type Rejected = Static<typeof Rejected>;
