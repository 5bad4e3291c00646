import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Principal } from '#contracts/access.ts';
import type { Site } from '#contracts/site.ts';
import { type Instant, instant } from '#contracts/units.ts';
import { systemClock } from '#runtime/clock.ts';
import { OperationalError } from '#runtime/errors.ts';
import { openStore } from '#runtime/store.ts';
import { readCredential, writeCredential } from './credentials.ts';
import { principalsOf } from './principals.ts';

const MIGRATIONS = [
  `CREATE TABLE principals (
     user TEXT PRIMARY KEY, kind TEXT NOT NULL, attributes TEXT NOT NULL, secret_hash BLOB NOT NULL,
     origin TEXT NOT NULL, created_at INTEGER NOT NULL, revoked_at INTEGER, revoked_by TEXT
   ) STRICT`,
];

/** Who made a principal or took its right away: the site file or an operator. */
type Origin = 'site' | 'operator';

interface Row {
  user: string;
  kind: string;
  attributes: string;
  secret_hash: Uint8Array;
  origin: string;
  created_at: number;
  revoked_at: number | null;
  revoked_by: string | null;
}

export interface Identity {
  readonly principal: Principal;
  readonly origin: Origin;
  readonly createdAt: Instant;
  readonly revokedAt?: Instant;
}

/** The broker's own list of who may connect. Secrets are kept as SHA-256 only: 256 random bits need no slow hash. */
export interface Identities extends Disposable {
  /** The principal, when user and secret are right and not revoked. */
  check(user: string, secret: Uint8Array): Principal | undefined;
  find(user: string): Identity | undefined;
  list(): Identity[];
  /** Creates the principal and returns its secret, the only time that it can be seen. A revoked user may be created anew; one that stands throws INPUT_INVALID. */
  add(principal: Principal, origin?: Origin): string;
  /** Throws INPUT_INVALID for an unknown or already revoked user. */
  revoke(user: string): void;
  /** Makes the list fit the site: adds, changes and takes away what the site file gives. Explicit revocations stay. */
  reconcile(
    principals: readonly Principal[],
    secretOf: (user: string) => string | undefined,
    keep: (user: string, secret: string) => void,
  ): void;
  /** Changes with every change that another process makes. */
  version(): number;
}

export const identitiesFile = (dataDir: string): string => join(dataDir, 'broker', 'identities.sqlite');

const hash = (secret: string | Uint8Array): Buffer => createHash('sha256').update(secret).digest();

/** Opens the list of a data folder. `now` is the wall clock. */
export function openIdentities(dataDir: string, now: () => Instant): Identities {
  const file = identitiesFile(dataDir);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const store = openStore<{ principals: Row }>(file, MIGRATIONS);
  chmodSync(file, 0o600);
  const { raw } = store;
  const selectOne = raw.prepare('SELECT * FROM principals WHERE user = ?');
  const selectAll = raw.prepare('SELECT * FROM principals ORDER BY user');
  const insert = raw.prepare(
    `INSERT INTO principals (user, kind, attributes, secret_hash, origin, created_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (user) DO UPDATE SET kind = excluded.kind, attributes = excluded.attributes, secret_hash = excluded.secret_hash,
       origin = excluded.origin, created_at = excluded.created_at, revoked_at = NULL, revoked_by = NULL`,
  );
  const changeAttributes = raw.prepare('UPDATE principals SET kind = ?, attributes = ? WHERE user = ?');
  const setRevoked = raw.prepare('UPDATE principals SET revoked_at = ?, revoked_by = ? WHERE user = ?');
  const rowOf = (user: string) => selectOne.get(user) as unknown as Row | undefined;

  const write = (principal: Principal, origin: Origin, secret: string) => {
    const { user, kind, ...attributes } = principal;
    insert.run(user, kind, JSON.stringify(attributes), hash(secret), origin, now());
  };
  const newSecret = () => randomBytes(32).toString('base64url');

  return {
    check(user, secret) {
      const row = rowOf(user);
      // An unknown user takes as long as a known one.
      const isRight = timingSafeEqual(hash(secret), row ? Buffer.from(row.secret_hash) : Buffer.alloc(32));
      return row && isRight && row.revoked_at === null ? identityOf(row).principal : undefined;
    },
    find(user) {
      const row = rowOf(user);
      return row && identityOf(row);
    },
    list: () => (selectAll.all() as unknown as Row[]).map(identityOf),
    add(principal, origin = 'operator') {
      const secret = newSecret();
      store.commit(() => {
        const standing = rowOf(principal.user);
        if (standing && standing.revoked_at === null)
          throw new OperationalError('INPUT_INVALID', `${principal.user} exists already: revoke it first to give it a new secret`);
        write(principal, origin, secret);
      });
      return secret;
    },
    revoke(user) {
      store.commit(() => {
        const row = rowOf(user);
        if (!row) throw new OperationalError('INPUT_INVALID', `${user} is not known`);
        if (row.revoked_at !== null) throw new OperationalError('INPUT_INVALID', `${user} is revoked already`);
        setRevoked.run(now(), 'operator' satisfies Origin, user);
      });
    },
    reconcile(principals, secretOf, keep) {
      store.commit(() => {
        const wanted = new Set(principals.map(({ user }) => user));
        for (const row of selectAll.all() as unknown as Row[])
          if (row.origin === 'site' && row.revoked_at === null && !wanted.has(row.user))
            setRevoked.run(now(), 'site' satisfies Origin, row.user);
        for (const principal of principals) {
          const row = rowOf(principal.user);
          if (row?.revoked_by === 'operator') continue;
          const kept = secretOf(principal.user);
          if (row && kept !== undefined && hash(kept).equals(row.secret_hash)) {
            const { user, kind, ...attributes } = principal;
            changeAttributes.run(kind, JSON.stringify(attributes), user);
            if (row.revoked_at !== null) setRevoked.run(null, null, user);
            continue;
          }
          // Without a row the file is the older truth (the list was lost); otherwise the plain secret was, and a new one is made.
          const secret = row === undefined && kept !== undefined ? kept : newSecret();
          write(principal, 'site', secret);
          keep(principal.user, secret);
        }
      });
    },
    version: () => (raw.prepare('PRAGMA data_version').get() as { data_version: number }).data_version,
    [Symbol.dispose]: () => raw.close(),
  };
}

const identityOf = (row: Row): Identity => ({
  principal: { user: row.user, kind: row.kind, ...(JSON.parse(row.attributes) as object) } as Principal,
  origin: row.origin as Origin,
  createdAt: instant(row.created_at),
  ...(row.revoked_at === null ? {} : { revokedAt: instant(row.revoked_at) }),
});

/**
 * Makes the broker's list fit the site and writes the secrets of its principals to `<dataDir>/credentials/<user>.json`, only where they are not
 * there already. May be called at every start, before anything runs.
 */
export function ensurePrincipals(dataDir: string, site: Site): void {
  using identities = openIdentities(dataDir, systemClock.now);
  identities.reconcile(
    principalsOf(site),
    (user) => readCredential(dataDir, user),
    (user, secret) => writeCredential(dataDir, { user, secret }),
  );
}
