import { openStore, type Store } from '#runtime/store.ts';

/** Tables of the console: people who log in, their sessions, and who saw or did what. Roles and wards are JSON arrays; no wards means every ward. */
export interface ConsoleTables {
  person: {
    username: string;
    displayName: string;
    password: string;
    roles: string;
    wards: string | null;
    isDisabled: 0 | 1;
    createdAt: number;
  };
  session: { tokenHash: string; username: string; createdAt: number; usedAt: number; expiresAt: number };
  audit: { id?: number; at: number; person: string; action: string; subject: string | null; outcome: string };
}

const migrations = [
  `CREATE TABLE person (
     username TEXT PRIMARY KEY, displayName TEXT NOT NULL, password TEXT NOT NULL, roles TEXT NOT NULL, wards TEXT,
     isDisabled INTEGER NOT NULL DEFAULT 0, createdAt INTEGER NOT NULL) STRICT;
   CREATE TABLE session (
     tokenHash TEXT PRIMARY KEY, username TEXT NOT NULL REFERENCES person(username) ON DELETE CASCADE,
     createdAt INTEGER NOT NULL, usedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL) STRICT;
   CREATE INDEX session_of_person ON session(username);
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, person TEXT NOT NULL, action TEXT NOT NULL, subject TEXT, outcome TEXT NOT NULL) STRICT;
   CREATE INDEX audit_by_time ON audit(at);`,
];

/** Opens the console's store; `:memory:` in tests. */
export const openConsoleStore = (file: string): Store<ConsoleTables> => openStore<ConsoleTables>(file, migrations);
