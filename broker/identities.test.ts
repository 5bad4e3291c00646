import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { instant } from '#contracts/units.ts';
import { credentialFile } from '#runtime/settings.ts';
import { smallSite } from '#tests/broker-fixture.ts';
import { readCredential } from './credentials.ts';
import { ensurePrincipals, identitiesFile, openIdentities } from './identities.ts';

const now = () => instant(1_700_000_000_000);

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'wardline-identities-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
const check = (path: string, user: string, secret: string) => {
  using identities = openIdentities(path, now);
  return identities.check(user, Buffer.from(secret))?.user;
};

test("a site's principals get a secret each, once, in files of their own", () => {
  using data = folder();
  ensurePrincipals(data.path, smallSite);
  const secret = readCredential(data.path, 'edge.e1')!;
  assert.ok(Buffer.from(secret, 'base64url').length === 32);
  assert.equal(statSync(credentialFile(data.path, 'edge.e1')).mode & 0o777, 0o600);
  assert.equal(statSync(join(data.path, 'credentials')).mode & 0o777, 0o700);
  assert.equal(check(data.path, 'edge.e1', secret), 'edge.e1');
  assert.equal(check(data.path, 'service.watch', secret), undefined);
  assert.equal(check(data.path, 'edge.e1', `${secret}x`), undefined);
  assert.equal(check(data.path, 'nobody', secret), undefined);
  ensurePrincipals(data.path, smallSite);
  assert.equal(readCredential(data.path, 'edge.e1'), secret);
  for (const user of ['service.broker', 'service.console', 'robot.r1', 'facility.main']) assert.ok(readCredential(data.path, user), user);
  assert.ok(!readFileSync(identitiesFile(data.path)).includes(secret), 'the list holds hashes only');
});

test('lost files and lost lists mend themselves; what the site no longer names is revoked', () => {
  using data = folder();
  ensurePrincipals(data.path, smallSite);
  const before = readCredential(data.path, 'edge.e1')!;
  writeFileSync(credentialFile(data.path, 'edge.e1'), '{"user":"edge');
  ensurePrincipals(data.path, smallSite);
  const after = readCredential(data.path, 'edge.e1')!;
  assert.notEqual(after, before);
  assert.equal(check(data.path, 'edge.e1', before), undefined);

  for (const end of ['', '-wal', '-shm']) rmSync(identitiesFile(data.path) + end, { force: true });
  ensurePrincipals(data.path, smallSite);
  assert.equal(readCredential(data.path, 'edge.e1'), after, 'the file is the older truth');
  assert.equal(check(data.path, 'edge.e1', after), 'edge.e1');

  ensurePrincipals(data.path, { ...smallSite, edges: [] });
  assert.equal(check(data.path, 'edge.e1', after), undefined);
  ensurePrincipals(data.path, { ...smallSite, edges: [{ id: 'e1', ward: 'w2' }] });
  using identities = openIdentities(data.path, now);
  const principal = identities.check('edge.e1', Buffer.from(after));
  assert.equal(principal?.kind === 'edge' && principal.ward, 'w2');
});

test('an operator adds and revokes; a revoked principal of the site stays revoked', () => {
  using data = folder();
  ensurePrincipals(data.path, smallSite);
  using identities = openIdentities(data.path, now);
  const pump = { kind: 'device', user: 'device.p1', device: 'p1', ward: 'w1' } as const;
  const secret = identities.add(pump);
  assert.deepEqual(identities.check('device.p1', Buffer.from(secret)), pump);
  assert.throws(() => identities.add(pump), /exists already/);
  identities.revoke('device.p1');
  assert.equal(identities.check('device.p1', Buffer.from(secret)), undefined);
  assert.throws(() => identities.revoke('device.p1'), /revoked already/);
  assert.throws(() => identities.revoke('device.p2'), /not known/);
  assert.notEqual(identities.add(pump), secret);
  identities.revoke('robot.r1');
  const robotSecret = readCredential(data.path, 'robot.r1')!;
  ensurePrincipals(data.path, smallSite);
  assert.equal(identities.check('robot.r1', Buffer.from(robotSecret)), undefined);
  assert.ok(identities.check('device.p1', Buffer.from(secret)) === undefined && identities.find('device.p1')?.revokedAt === undefined);
});

test('another process notices a revocation', () => {
  using data = folder();
  ensurePrincipals(data.path, smallSite);
  using broker = openIdentities(data.path, now);
  const seen = broker.version();
  assert.equal(broker.version(), seen);
  {
    using cli = openIdentities(data.path, now);
    cli.revoke('edge.e1');
  }
  assert.notEqual(broker.version(), seen);
  assert.notEqual(broker.find('edge.e1')?.revokedAt, undefined);
});
