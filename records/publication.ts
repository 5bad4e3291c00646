import type { Duty, Occupancy, Order, Placement } from '#contracts/ward-state.ts';
import type { Bus } from '#runtime/bus.ts';

/** A change that is on disk and now has to be said on the bus. */
export type Publication =
  | { readonly channel: 'order'; readonly message: Order /** The line shows this order no longer. */; readonly isWithdrawn?: boolean }
  | { readonly channel: 'occupancy'; readonly message: Occupancy }
  | { readonly channel: 'placement'; readonly message: Placement }
  | { readonly channel: 'duty'; readonly message: Duty };

/** Says one change. Rejects OperationalError where the broker does not take it. */
export function say(bus: Bus, change: Publication): Promise<void> {
  switch (change.channel) {
    case 'order': {
      const { ward, bed, line } = change.message;
      return change.isWithdrawn
        ? bus.retract('order', { ward, bed, line }, change.message)
        : bus.publish('order', { ward, bed, line }, change.message);
    }
    case 'occupancy':
      return bus.publish('occupancy', { ward: change.message.ward, bed: change.message.bed }, change.message);
    case 'placement':
      return bus.publish('placement', { ward: change.message.ward, device: change.message.device }, change.message);
    case 'duty':
      return bus.publish('duty', { ward: change.message.ward }, change.message);
  }
}
