import type { Migration } from '#runtime/store.ts';

/** History of the outbox's schema; steps are only ever appended. `counted_to`: the newest batch whose numbers stand in `sequence`. */
export const migrations: readonly Migration[] = [
  `CREATE TABLE batch (batch INTEGER PRIMARY KEY, committed_at INTEGER NOT NULL, readings INTEGER NOT NULL, payload TEXT NOT NULL) STRICT;
   CREATE TABLE sequence (stream TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE state (next_batch INTEGER NOT NULL, counted_to INTEGER NOT NULL, lost_readings INTEGER NOT NULL) STRICT;
   INSERT INTO state VALUES (1, 0, 0)`,
];
