import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { openIdentities } from '#broker/identities.ts';
import { systemClock } from '#runtime/clock.ts';
import { smallSite } from '#tests/broker-fixture.ts';
import { deviceCommand } from './device.ts';

async function said(args: string[]): Promise<string> {
  const write = process.stdout.write;
  let text = '';
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof write;
  try {
    await deviceCommand(args);
  } finally {
    process.stdout.write = write;
  }
  return text;
}

test('a device is added with a secret, listed and revoked', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'wardline-device-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const site = join(data, 'site.yaml');
  const { robots: _, ...plain } = smallSite;
  writeFileSync(site, stringify(plain));
  const where = ['--site', site, '--data', data];

  await assert.rejects(said(['list', ...where]), /no house has been started/);
  const added = await said(['add', 'p1', '--kind', 'device', '--ward', 'w1', ...where]);
  const secret = /secret +(\S+)/.exec(added)?.[1] ?? '';
  assert.match(added, /publishes .*\/w1\/device\/p1\/reading/);
  {
    using identities = openIdentities(data, systemClock.now);
    assert.equal(identities.check('device.p1', Buffer.from(secret))?.user, 'device.p1');
  }
  await said(['add', 'agv', '--kind', 'robot', '--manufacturer', 'acme', '--serial', '7', '--version', '2.1.0', ...where]);
  const listed = await said(['list', ...where]);
  assert.match(listed, /device\.p1 .*valid +p1\/w1/);
  assert.match(listed, /robot\.agv .*uagv\/v2\/acme\/7/);
  assert.ok(!listed.includes(secret));
  await said(['revoke', 'device.p1', ...where]);
  assert.equal(
    (JSON.parse(await said(['list', '--json', ...where])) as { revokedAt?: number }[]).filter((entry) => entry.revokedAt).length,
    1,
  );
});

test('mistakes are named', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'wardline-device-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const site = join(data, 'site.yaml');
  const { robots: _, ...plain } = smallSite;
  writeFileSync(site, stringify(plain));
  const where = ['--site', site, '--data', data];
  await assert.rejects(
    said(['add', 'p 1', '--kind', 'device', '--ward', 'w9', ...where]),
    /NAME: "p 1".*[\s\S]*--ward: w9: must be a ward of test \(w1\)/,
  );
  await assert.rejects(said(['add', 'p1', ...where]), /--kind: nothing: must be one of device, edge, robot, facility/);
  await assert.rejects(said(['add', 'r', '--kind', 'robot', ...where]), /--manufacturer: must be given[\s\S]*--serial: must be given/);
  await assert.rejects(said(['remove', 'x', ...where]), /must be add, list or revoke/);
  assert.match(await said(['--help']), /Usage: wardline device add/);
});
