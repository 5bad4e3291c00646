import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { asError, OperationalError } from './errors.ts';

/** One step of a schema's history. Steps are only ever appended: a store made by an older version is brought up to date and keeps what it holds. */
export type Migration = string;

export interface Store<DB> extends AsyncDisposable {
  readonly db: Kysely<DB>;
  /** For hot paths: prepared statements on the same connection. */
  readonly raw: DatabaseSync;
  /** Runs `work` as one durable transaction: on disk when it returns. Throws OperationalError DISK_FULL when the disk takes no more. */
  commit<T>(work: () => T): T;
}

/** Opens an SQLite file that survives power loss at every commit (WAL, synchronous=FULL) and applies the migrations it lacks. */
export function openStore<DB>(file: string, migrations: readonly Migration[]): Store<DB> {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const raw = new DatabaseSync(file);
  raw.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;');
  migrate(raw, file, migrations);
  const commit = <T>(work: () => T): T => {
    raw.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      raw.exec('COMMIT');
      return result;
    } catch (thrown) {
      if (raw.isTransaction) raw.exec('ROLLBACK');
      throw explain(thrown, file);
    }
  };
  const db = new Kysely<DB>({ dialect: new SqliteDialect({ database: asKyselyDatabase(raw) }) });
  const close = async () => {
    await db.destroy();
    // Kysely closes a connection only once it has used it.
    if (raw.isOpen) raw.close();
  };
  return { db, raw, commit, [Symbol.asyncDispose]: close };
}

const explain = (thrown: unknown, file: string): unknown => {
  const error = asError(thrown);
  return /database or disk is full|disk I\/O error/.test(error.message)
    ? new OperationalError('DISK_FULL', `${file} takes no more: ${error.message}`, { cause: error })
    : error;
};

function migrate(raw: DatabaseSync, file: string, migrations: readonly Migration[]): void {
  const { user_version: version } = raw.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length)
    throw new OperationalError(
      'CONFIG_INVALID',
      `${file} was written by a newer Wardline (schema ${version}, this one knows ${migrations.length}): use that version`,
    );
  for (let step = version; step < migrations.length; step++) {
    raw.exec(`BEGIN IMMEDIATE; ${migrations[step]}; PRAGMA user_version=${step + 1}; COMMIT;`);
  }
}

/** Kysely's SQLite dialect asks for the shape of better-sqlite3; node:sqlite needs only this to fit. */
function asKyselyDatabase(raw: DatabaseSync) {
  return {
    close: () => raw.close(),
    prepare(sql: string) {
      const statement = raw.prepare(sql);
      const bind = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...bind(parameters)),
        run: (parameters: readonly unknown[]) =>
          statement.run(...bind(parameters)) as { changes: number | bigint; lastInsertRowid: number | bigint },
        iterate: (parameters: readonly unknown[]) => statement.iterate(...bind(parameters)) as IterableIterator<unknown>,
      };
    },
  };
}
