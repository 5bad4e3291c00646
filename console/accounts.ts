import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Role, Site } from '#contracts/site.ts';
import { hours, type Instant, instant, minutes } from '#contracts/units.ts';
import type { Clock } from '#runtime/clock.ts';
import { systemClock } from '#runtime/clock.ts';
import type { Store } from '#runtime/store.ts';
import { type ConsoleTables, openConsoleStore } from './accounts-store.ts';
import { hashPassword, isPassword, NOBODY, readablePassword } from './passwords.ts';
import type { Person } from './rights.ts';

/** A session ends after this long without use; an open screen counts as use. */
const IDLE_MS = hours(12);
/** And at the latest after this long. */
const LIFE_MS = hours(24 * 30);
/** The use of a session is written down at most this often. */
const TOUCH_MS = minutes(5);
const SESSIONS_PER_PERSON_MAX = 20;
/** A demo hospital has dozens of people; hashing their passwords one by one would delay its start. */
const HASHES_AT_ONCE = 4;

export interface PersonRecord extends Person {
  readonly isDisabled: boolean;
  readonly createdAt: Instant;
}

export interface Session {
  readonly person: Person;
  readonly key: string;
}

export interface Accounts {
  /** The person, or undefined for a wrong name or password: the caller cannot tell which. */
  check(username: string, password: string): Promise<Person | undefined>;
  create(person: {
    username: string;
    displayName: string;
    roles: readonly Role[];
    wards?: readonly string[] | undefined;
    password: string;
  }): Promise<boolean>;
  /** Changes what is given. A new password, role or ward ends the person's sessions. False: nobody has that name. */
  change(
    username: string,
    change: { displayName?: string; roles?: readonly Role[]; wards?: readonly string[] | null; password?: string; isDisabled?: boolean },
  ): Promise<boolean>;
  list(): Promise<PersonRecord[]>;
  /** A new session's secret token. */
  open(username: string): Promise<string>;
  /** Whose session the token opens, or undefined when it has ended. */
  resume(token: string): Promise<Session | undefined>;
  isOpen(key: string): Promise<boolean>;
  close(token: string): Promise<void>;
  /** Removes sessions that have ended. */
  sweep(): Promise<void>;
}

const keyOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

type PersonRow = ConsoleTables['person'];
const personOf = (row: PersonRow): PersonRecord => ({
  username: row.username,
  displayName: row.displayName,
  roles: JSON.parse(row.roles) as Role[],
  ...(row.wards === null ? {} : { wards: JSON.parse(row.wards) as string[] }),
  isDisabled: row.isDisabled === 1,
  createdAt: instant(row.createdAt),
});
const listOrNull = (wards: readonly string[] | null | undefined) => (wards ? JSON.stringify(wards) : null);

export function openAccounts({ db }: Store<ConsoleTables>, clock: Clock): Accounts {
  const find = (username: string) => db.selectFrom('person').selectAll().where('username', '=', username).executeTakeFirst();
  const endSessions = (username: string) => db.deleteFrom('session').where('username', '=', username).execute();

  return {
    async check(username, password) {
      const row = await find(username);
      const isRight = await isPassword(password, row?.password ?? (await NOBODY));
      return row && isRight && row.isDisabled === 0 ? personOf(row) : undefined;
    },
    async create({ username, displayName, roles, wards, password }) {
      if (await find(username)) return false;
      const row = { username, displayName, roles: JSON.stringify(roles), wards: listOrNull(wards), isDisabled: 0 as const };
      await db
        .insertInto('person')
        .values({ ...row, password: await hashPassword(password), createdAt: clock.now() })
        .execute();
      return true;
    },
    async change(username, { displayName, roles, wards, password, isDisabled }) {
      const row = await find(username);
      if (!row) return false;
      await db
        .updateTable('person')
        .set({
          ...(displayName === undefined ? {} : { displayName }),
          ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
          ...(wards === undefined ? {} : { wards: listOrNull(wards) }),
          ...(password === undefined ? {} : { password: await hashPassword(password) }),
          ...(isDisabled === undefined ? {} : { isDisabled: isDisabled ? (1 as const) : (0 as const) }),
          username,
        })
        .where('username', '=', username)
        .execute();
      if (password !== undefined || isDisabled || roles !== undefined || wards !== undefined) await endSessions(username);
      return true;
    },
    async list() {
      return (await db.selectFrom('person').selectAll().orderBy('username').execute()).map(personOf);
    },
    async open(username) {
      const token = randomBytes(32).toString('base64url');
      const now = clock.now();
      await db
        .insertInto('session')
        .values({ tokenHash: keyOf(token), username, createdAt: now, usedAt: now, expiresAt: now + LIFE_MS })
        .execute();
      const old = db
        .selectFrom('session')
        .select('tokenHash')
        .where('username', '=', username)
        .orderBy('usedAt', 'desc')
        .offset(SESSIONS_PER_PERSON_MAX)
        .limit(1000);
      await db.deleteFrom('session').where('tokenHash', 'in', old).execute();
      return token;
    },
    async resume(token) {
      const key = keyOf(token);
      const row = await db
        .selectFrom('session')
        .innerJoin('person', 'person.username', 'session.username')
        .selectAll('person')
        .select(['session.usedAt', 'session.expiresAt'])
        .where('tokenHash', '=', key)
        .executeTakeFirst();
      const now = clock.now();
      if (!row || row.isDisabled === 1 || now >= row.expiresAt || now - row.usedAt >= IDLE_MS) return undefined;
      if (now - row.usedAt > TOUCH_MS) await db.updateTable('session').set({ usedAt: now }).where('tokenHash', '=', key).execute();
      const { username, displayName, roles, wards } = personOf(row);
      return { key, person: { username, displayName, roles, ...(wards ? { wards } : {}) } };
    },
    async isOpen(key) {
      const row = await db.selectFrom('session').select(['usedAt', 'expiresAt']).where('tokenHash', '=', key).executeTakeFirst();
      const now = clock.now();
      if (!row || now >= row.expiresAt) return false;
      if (now - row.usedAt > TOUCH_MS) await db.updateTable('session').set({ usedAt: now }).where('tokenHash', '=', key).execute();
      return true;
    },
    async close(token) {
      await db.deleteFrom('session').where('tokenHash', '=', keyOf(token)).execute();
    },
    async sweep() {
      const now = clock.now();
      await db
        .deleteFrom('session')
        .where((eb) => eb.or([eb('expiresAt', '<=', now), eb('usedAt', '<=', now - IDLE_MS)]))
        .execute();
    },
  };
}

export const accountsFile = (dataDir: string): string => join(dataDir, 'console', 'console.sqlite');

export interface FirstAccount {
  readonly username: string;
  readonly password: string;
  readonly roles: readonly Role[];
}

/**
 * At the very first start: an administrator with a random password and, in the demo, everybody of the site file. Returns those newly created, for the
 * supervisor to print once; no plain password is kept. Later starts return nothing.
 */
export async function ensureFirstAccounts(dataDir: string, site: Site, { isDemo }: { isDemo: boolean }): Promise<FirstAccount[]> {
  await using store = openConsoleStore(accountsFile(dataDir));
  const accounts = openAccounts(store, systemClock);
  const known = await accounts.list();
  const created: FirstAccount[] = [];
  const add = async (username: string, displayName: string, roles: readonly Role[], wards?: readonly string[]) => {
    const password = readablePassword();
    if (await accounts.create({ username, displayName, roles, wards, password })) created.push({ username, password, roles });
  };
  if (!known.some((person) => person.roles.includes('admin')) && !(isDemo && site.people?.some((person) => person.roles.includes('admin'))))
    await add('admin', 'Administrator', ['admin']);
  const people = isDemo ? [...(site.people ?? [])] : [];
  for (let i = 0; i < people.length; i += HASHES_AT_ONCE)
    await Promise.all(
      people.slice(i, i + HASHES_AT_ONCE).map(({ username, displayName, roles, wards }) => add(username, displayName, roles, wards)),
    );
  return created;
}

/** A new random password for somebody who lost theirs, for the command line; undefined when nobody has that name. Ends their sessions. */
export async function resetPassword(dataDir: string, username: string): Promise<string | undefined> {
  await using store = openConsoleStore(accountsFile(dataDir));
  const password = readablePassword();
  return (await openAccounts(store, systemClock).change(username, { password, isDisabled: false })) ? password : undefined;
}
