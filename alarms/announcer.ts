import type { Alarm } from '#contracts/alarms.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { asError, OperationalError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Announcement } from './ledger-store.ts';

const RETRY_MS = milliseconds(1000);

export interface Announcer {
  /** Publishes a kept transition; a closed alarm's retained message is withdrawn after it. */
  announce(announcement: Announcement): void;
  /** Publishes what has no number: a state said again, or one that the disk does not take. */
  say(message: Alarm): void;
  /** Every transition up to this number is with the broker. */
  readonly announcedUpTo: number;
}

/** Transitions go out in the order of their numbers; what the broker has not taken is sent again after a restart. */
export function openAnnouncer(bus: Pick<Bus, 'publish' | 'retract' | 'clock'>, announcedUpTo: number, log: Log): Announcer {
  /** In order of sending. */
  const onTheWay = new Set<number>();
  const revisions = new Map<string, number>();
  let highest = announcedUpTo;

  let retrying = 0;

  function send(what: { sequence?: number; message: Alarm }): void {
    const { ward, alarm, revision, isClosed } = what.message;
    // After a failed attempt only: an older state must not overwrite the newer one that is retained by now.
    if (revision < (revisions.get(alarm) ?? 0)) {
      settle(what.sequence);
      return;
    }
    revisions.set(alarm, revision);
    const sent = isClosed ? bus.retract('alarm', { ward, alarm }, what.message) : bus.publish('alarm', { ward, alarm }, what.message);
    sent.then(
      () => {
        settle(what.sequence);
        if (isClosed && retrying === 0) revisions.delete(alarm);
      },
      (error: unknown) => {
        if (error instanceof OperationalError && error.code === 'BUS_CLOSED') return;
        log.warn({ alarm, reason: asError(error).message }, 'alarm not sent; trying again');
        retrying++;
        bus.clock.after(RETRY_MS, () => {
          retrying--;
          send(what);
        });
      },
    );
  }
  const settle = (sequence: number | undefined) => {
    if (sequence !== undefined) onTheWay.delete(sequence);
  };

  return {
    announce(announcement) {
      onTheWay.add(announcement.sequence);
      highest = Math.max(highest, announcement.sequence);
      send(announcement);
    },
    say: (message) => send({ message }),
    get announcedUpTo() {
      const oldest = onTheWay.values().next();
      return oldest.done ? highest : oldest.value - 1;
    },
  };
}
