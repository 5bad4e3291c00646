/** What a connection tells its owner. */
export interface Ears {
  opened(): void;
  heard(bytes: Uint8Array): void;
  /** The connection is gone for good, with the reason for the log; called once at most. */
  closed(reason: string): void;
}

export interface Connection {
  /** False where the bytes were dropped because earlier ones have not left yet: a poll is then skipped, never queued. */
  write(bytes: Uint8Array): boolean;
  /** Ends the connection; `closed` is not called any more. */
  close(): void;
}

/** A way to reach one device, once. `link.ts` calls it again after a break. */
export type Connect = (ears: Ears) => Connection;

/** Bytes that may wait to leave for one device. */
export const WAITING_BYTES_MAX = 4096;
/** A device that does not take the connection in this time is tried again later. */
export const CONNECT_TIMEOUT_MS = 5000;
