import type { Transaction } from 'kysely';
import type { Instant } from '#contracts/units.ts';
import type { CommandContext } from '#runtime/commands.ts';
import { Refusal } from '#runtime/commands.ts';
import { asError } from '#runtime/errors.ts';
import type { Store } from '#runtime/store.ts';
import type { Tables } from './migrations.ts';
import type { Publication } from './publication.ts';

/** One change of the records while it is being made: everything it reads and writes, and what it will say once it is on disk. */
export interface Change {
  readonly db: Transaction<Tables>;
  readonly now: Instant;
  /** Said on the bus after the commit, in this order. */
  readonly said: Publication[];
  /** Writes who did what, when, to which bed. Identifiers and figures only. */
  audit(what: string, where: { ward?: string; bed?: string }, detail: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Who asks; `records` itself at the first start. */
export type Asker = CommandContext;

/**
 * Runs `work` as one durable transaction: all on disk, audit rows too, or nothing. Changes run one after another. A full disk is a Refusal: nothing was changed.
 */
export async function change<T>(
  store: Store<Tables>,
  asker: Asker,
  now: Instant,
  work: (change: Change) => Promise<T>,
): Promise<{ result: T; said: readonly Publication[] }> {
  const said: Publication[] = [];
  try {
    const result = await store.db.transaction().execute((db) =>
      work({
        db,
        now,
        said,
        async audit(what, { ward, bed }, detail) {
          await db
            .insertInto('audit')
            .values({
              at: now,
              caller: asker.caller,
              person: asker.person ?? null,
              what,
              ward: ward ?? null,
              bed: bed ?? null,
              detail: JSON.stringify(detail),
            })
            .execute();
        },
      }),
    );
    return { result, said };
  } catch (thrown) {
    if (/database or disk is full|disk I\/O error/.test(asError(thrown).message))
      throw new Refusal('the disk of the server is full: nothing was changed', 'failed');
    throw thrown;
  }
}
