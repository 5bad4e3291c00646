import { type Instant, instant } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Store } from '#runtime/store.ts';
import type { ConsoleTables } from './accounts-store.ts';

export interface AuditEntry {
  readonly at: Instant;
  readonly person: string;
  readonly action: string;
  readonly subject?: string;
  readonly outcome: string;
}

/** Who saw and did what. An entry is on disk when `write` resolves. */
export interface Audit {
  write(person: string, action: string, subject: string | undefined, outcome: string): Promise<void>;
  /** Newest first. */
  read(filter: { person?: string | undefined; action?: string | undefined; limit: number }): Promise<AuditEntry[]>;
}

export const openAudit = ({ db }: Store<ConsoleTables>, clock: Clock): Audit => ({
  async write(person, action, subject, outcome) {
    await db
      .insertInto('audit')
      .values({ at: clock.now(), person, action, subject: subject?.slice(0, 200) ?? null, outcome: outcome.slice(0, 200) })
      .execute();
  },
  async read({ person, action, limit }) {
    let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit);
    if (person !== undefined) query = query.where('person', '=', person);
    if (action !== undefined) query = query.where('action', '=', action);
    return (await query.execute()).map(({ at, subject, ...row }) => ({
      at: instant(at),
      person: row.person,
      action: row.action,
      ...(subject === null ? {} : { subject }),
      outcome: row.outcome,
    }));
  },
});
