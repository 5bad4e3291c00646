import { milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Connect, Connection } from './transport.ts';

/** Waits between attempts grow from the first to the second of these. */
const RETRY_FIRST_MS = 250;
const RETRY_LAST_MS = 10_000;

export interface Link {
  readonly isOpen: boolean;
  write(bytes: Uint8Array): boolean;
  /** Breaks the connection and makes a new one: for a line that stands but says nothing. */
  renew(reason: string): void;
  close(): void;
}

export interface LinkOwner {
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  onClosed(reason: string): void;
}

/** Keeps one device connected: tries again after a break, with growing waits that differ by `spread` (0 to 1) so that a ward does not come back in one wave. */
export function openLink(connect: Connect, owner: LinkOwner, clock: Clock, spread: number): Link {
  let connection: Connection | undefined;
  let isOpen = false;
  let isEnded = false;
  let retryMs = RETRY_FIRST_MS;
  let cancelRetry: () => void = () => undefined;

  const lose = (reason: string) => {
    connection = undefined;
    isOpen = false;
    if (isEnded) return;
    owner.onClosed(reason);
    cancelRetry = clock.after(milliseconds(retryMs * (0.75 + spread / 2)), open);
    retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
  };
  function open(): void {
    let isGone = false;
    const opening = connect({
      opened() {
        isOpen = true;
        owner.onOpen();
      },
      heard(bytes) {
        // A port that opens and says nothing is no success yet.
        retryMs = RETRY_FIRST_MS;
        owner.onBytes(bytes);
      },
      closed(reason) {
        isGone = true;
        lose(reason);
      },
    });
    connection = isGone ? undefined : opening;
  }
  open();

  return {
    get isOpen() {
      return isOpen;
    },
    write: (bytes) => isOpen && (connection?.write(bytes) ?? false),
    renew(reason) {
      if (!connection) return;
      connection.close();
      lose(reason);
    },
    close() {
      isEnded = true;
      isOpen = false;
      cancelRetry();
      connection?.close();
    },
  };
}
