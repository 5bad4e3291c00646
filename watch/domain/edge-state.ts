import type { Sleeper } from './deadlines.ts';
import type { DeviceState } from './device-state.ts';

/** Everything known of one edge agent. */
export interface EdgeState extends Sleeper {
  readonly id: string;
  readonly ward: string;
  readonly devices: DeviceState[];
  /** Arrival of its last batch or birth. */
  heardAt: number;
  /** When its last will said that it is gone. */
  offlineSince: number | undefined;
  isLost: boolean;
  /** Readings that its outbox had to give up, as last said. */
  lostReadings: number | undefined;
  lossSaidAt: number;
}
