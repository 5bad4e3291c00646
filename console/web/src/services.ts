import type { ServiceName } from '#contracts/commands.ts';

/** The services in the order in which they are shown; the type fails to compile when one is missing. */
const shown: Record<ServiceName, true> = {
  broker: true,
  records: true,
  watch: true,
  flows: true,
  alarms: true,
  fleet: true,
  history: true,
  console: true,
};
export const serviceNames = Object.keys(shown) as ServiceName[];
