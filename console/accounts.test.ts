import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Site } from '#contracts/site.ts';
import { hours, instant } from '#contracts/units.ts';
import { systemClock, virtualClock } from '#runtime/clock.ts';
import { accountsFile, ensureFirstAccounts, openAccounts, resetPassword } from './accounts.ts';
import { openConsoleStore } from './accounts-store.ts';
import { hashPassword, isPassword } from './passwords.ts';

const nurse = { username: 'li', displayName: 'Li', roles: ['nurse'] as const, wards: ['w1'], password: 'a long password' };
const site: Site = {
  schema: 'site.v1',
  site: 'test',
  name: { en: 'Test', 'zh-CN': '测试' },
  timeZone: 'Asia/Shanghai',
  wards: [{ id: 'w1', name: { en: 'One', 'zh-CN': '一' }, beds: [{ id: '01' }] }],
  people: [{ username: 'li', displayName: 'Li', roles: ['nurse'], wards: ['w1'] }],
};

describe('passwords', () => {
  it('are kept as argon2id with a salt of their own', async () => {
    const [one, two] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(one, two);
    assert.ok(await isPassword('secret', one));
    assert.ok(!(await isPassword('Secret', one)));
  });
  it('are the same however a keyboard composes a letter', async () => {
    assert.ok(await isPassword('cafe\u0301', await hashPassword('caf\u00e9')));
  });
});

describe('accounts', () => {
  const open = async () => {
    const clock = virtualClock(instant(1_800_000_000_000));
    const store = openConsoleStore(':memory:');
    const accounts = openAccounts(store, clock);
    assert.ok(await accounts.create(nurse));
    return { accounts, clock };
  };

  it('know a person by name and password', async () => {
    const { accounts } = await open();
    assert.equal((await accounts.check('li', nurse.password))?.displayName, 'Li');
    assert.equal(await accounts.check('li', 'wrong'), undefined);
    assert.equal(await accounts.check('nobody', nurse.password), undefined);
    assert.ok(!(await accounts.create(nurse)), 'a name is used once');
  });

  it('end a session after twelve hours without use, and after thirty days in any case', async () => {
    const { accounts, clock } = await open();
    const token = await accounts.open('li');
    clock.advance(hours(11));
    assert.equal((await accounts.resume(token))?.person.username, 'li');
    clock.advance(hours(11));
    assert.ok(await accounts.resume(token), 'use renews it');
    clock.advance(hours(12));
    assert.equal(await accounts.resume(token), undefined);

    const lasting = await accounts.open('li');
    for (let hour = 0; hour < 30 * 24 - 10; hour += 10) {
      assert.ok(await accounts.resume(lasting));
      clock.advance(hours(10));
    }
    clock.advance(hours(10));
    assert.equal(await accounts.resume(lasting), undefined);
  });

  it('end the sessions of somebody whose password, roles or access change', async () => {
    const { accounts } = await open();
    for (const change of [
      { password: 'another password' },
      { isDisabled: true },
      { isDisabled: false, roles: ['engineer'] as const },
      { wards: null },
    ]) {
      const token = await accounts.open('li');
      assert.ok(await accounts.change('li', change));
      assert.equal(await accounts.resume(token), undefined);
    }
    assert.ok(!(await accounts.change('nobody', {})));
    assert.equal((await accounts.list())[0]?.wards, undefined);
  });

  it('keep at most twenty sessions of one person', async () => {
    const { accounts, clock } = await open();
    const first = await accounts.open('li');
    for (let i = 0; i < 20; i++) {
      clock.advance(hours(0.01));
      await accounts.open('li');
    }
    assert.equal(await accounts.resume(first), undefined);
  });
});

describe('first accounts', () => {
  it('are an administrator, and in the demo everybody of the site; they are told once and kept hashed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wardline-accounts-'));
    try {
      const created = await ensureFirstAccounts(folder, site, { isDemo: true });
      assert.deepEqual(
        created.map(({ username, roles }) => [username, roles]),
        [
          ['admin', ['admin']],
          ['li', ['nurse']],
        ],
      );
      assert.deepEqual(await ensureFirstAccounts(folder, site, { isDemo: true }), []);
      const file = readFileSync(accountsFile(folder)).toString('latin1');
      for (const { password } of created) assert.ok(!file.includes(password));
      await using store = openConsoleStore(accountsFile(folder));
      const accounts = openAccounts(store, systemClock);
      for (const { username, password } of created) assert.ok(await accounts.check(username, password));

      const password = await resetPassword(folder, 'li');
      assert.ok(password && (await accounts.check('li', password)));
      assert.equal(await resetPassword(folder, 'nobody'), undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are the administrator alone at a real site', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wardline-accounts-'));
    try {
      assert.deepEqual(
        (await ensureFirstAccounts(folder, site, { isDemo: false })).map(({ username }) => username),
        ['admin'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
