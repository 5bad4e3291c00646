import type { Generated } from 'kysely';
import type { Migration } from '#runtime/store.ts';

/** What records keeps. Instants are milliseconds since 1970; `body` is the message as it stands on the bus. */
export interface Tables {
  bed: { ward: string; bed: string; state: string; patient: string | null; tag: string | null; at: number };
  patient: { patient: string; admitted_at: number; discharged_at: number | null };
  infusion_order: {
    id: string;
    ward: string;
    bed: string;
    line: string;
    patient: string | null;
    state: string;
    /** 1 for the order that a line shows now; the others are its past. */
    is_current: number;
    body: string;
    at: number;
  };
  placement: { device: string; ward: string; edge: string; bed: string | null; line: string | null; at: number };
  duty: { ward: string; shift: string; from_at: number; until_at: number; body: string; at: number };
  audit: {
    id: Generated<number>;
    at: number;
    caller: string;
    person: string | null;
    what: string;
    ward: string | null;
    bed: string | null;
    detail: string;
  };
  mark: { name: string; value: string };
}

/** Steps are only ever appended. */
export const migrations: readonly Migration[] = [
  `CREATE TABLE bed (
     ward TEXT NOT NULL, bed TEXT NOT NULL, state TEXT NOT NULL, patient TEXT, tag TEXT, at REAL NOT NULL,
     PRIMARY KEY (ward, bed)) STRICT;
   CREATE UNIQUE INDEX bed_of_patient ON bed (patient) WHERE patient IS NOT NULL;
   CREATE UNIQUE INDEX bed_of_tag ON bed (tag) WHERE tag IS NOT NULL;
   CREATE TABLE patient (patient TEXT PRIMARY KEY, admitted_at REAL NOT NULL, discharged_at REAL) STRICT;
   CREATE TABLE infusion_order (
     id TEXT PRIMARY KEY, ward TEXT NOT NULL, bed TEXT NOT NULL, line TEXT NOT NULL, patient TEXT, state TEXT NOT NULL,
     is_current INTEGER NOT NULL, body TEXT NOT NULL, at REAL NOT NULL) STRICT;
   CREATE UNIQUE INDEX current_order ON infusion_order (ward, bed, line) WHERE is_current = 1;
   CREATE INDEX order_of_bed ON infusion_order (ward, bed, at);
   CREATE TABLE placement (
     device TEXT PRIMARY KEY, ward TEXT NOT NULL, edge TEXT NOT NULL, bed TEXT, line TEXT, at REAL NOT NULL) STRICT;
   CREATE TABLE duty (
     ward TEXT NOT NULL, shift TEXT NOT NULL, from_at REAL NOT NULL, until_at REAL NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
     PRIMARY KEY (ward, from_at)) STRICT;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, caller TEXT NOT NULL, person TEXT, what TEXT NOT NULL,
     ward TEXT, bed TEXT, detail TEXT NOT NULL) STRICT;
   CREATE INDEX audit_at ON audit (at);
   CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
];
