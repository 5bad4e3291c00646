import type { Client } from 'aedes';
import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Bounds } from './bounds.ts';

export interface ReaderState {
  /** Bytes taken over by the kernel so far. */
  readonly sent: number;
  readonly unsent: number;
}

/** Looks between which nothing was taken. Counted in looks, not in time: when this process itself stands still, no reader is to blame. */
export interface Stillness {
  readonly sent: number;
  readonly looks: number;
}

/** Goes on counting, or begins anew when the reader has taken something or there is nothing to take. */
export function stillnessOf(before: Stillness | undefined, { sent, unsent }: ReaderState): Stillness {
  return before === undefined || unsent === 0 || sent > before.sent ? { sent, looks: 0 } : { sent, looks: before.looks + 1 };
}

const LOOK: Milliseconds = milliseconds(200);

interface Parts {
  readonly clock: Clock;
  readonly bounds: Bounds;
  clients(): Iterable<Client>;
  onStuck(client: Client, unsent: number): void;
}

/**
 * Disconnects readers that take nothing. One without a session holds up the messages behind it, so it goes soon; one with a session holds up nobody
 * and is given more time.
 */
export function watchReaders({ clock, bounds, clients, onStuck }: Parts): () => void {
  const seen = new WeakMap<Client, Stillness>();
  return clock.every(LOOK, () => {
    for (const client of clients()) {
      const { conn } = client;
      const unsent = conn.writableLength;
      // A WebSocket's stream does not count: there it is the drain that shows.
      const sent = 'bytesWritten' in conn ? conn.bytesWritten - unsent : -unsent;
      const stillness = stillnessOf(seen.get(client), { sent, unsent });
      seen.set(client, stillness);
      const patience = client.clean ? bounds.stuckReaderMax : bounds.stuckSessionMax;
      if (stillness.looks * LOOK < patience) continue;
      onStuck(client, unsent);
      conn.destroy(new Error('takes nothing'));
    }
  });
}
