import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { identitiesFile, openIdentities } from '#broker/identities.ts';
import { majorOf } from '#broker/principals.ts';
import { accessOf, type Principal, userNameOf } from '#contracts/access.ts';
import { ID_PATTERN } from '#contracts/schema.ts';
import type { Site } from '#contracts/site.ts';
import { systemClock } from '#runtime/clock.ts';
import { ConfigError } from '#runtime/errors.ts';
import { loadSite } from '#runtime/site.ts';
import { chooseSite, root } from './site-choice.ts';

const HELP = `Usage: wardline device add NAME --kind KIND [options]
       wardline device list [options]
       wardline device revoke USER [options]

Gives, lists and takes away the right to connect to the broker. "add" prints the secret once; the broker keeps its SHA-256 only.
A revoked client is disconnected within two seconds. A running house takes every change at once.

  --kind device         a device that speaks MQTT by itself; needs --ward
  --kind edge           an edge agent; needs --ward
  --kind robot          a VDA 5050 vehicle; needs --manufacturer and --serial, and takes --interface (uagv) and --version (2.0.0)
  --kind facility       an adapter of lifts and doors
  --site NAME|FILE      demo (default), reference or your own site file
  --data DIR            durable state (default var/SITE)
  --json                list as JSON
`;

const kinds = ['device', 'edge', 'robot', 'facility'] as const;

interface Options {
  readonly kind?: string;
  readonly ward?: string;
  readonly manufacturer?: string;
  readonly serial?: string;
  readonly interface: string;
  readonly version: string;
  readonly json: boolean;
}

/** `wardline device add|list|revoke`. */
export async function deviceCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      kind: { type: 'string' },
      ward: { type: 'string' },
      manufacturer: { type: 'string' },
      serial: { type: 'string' },
      interface: { type: 'string', default: 'uagv' },
      version: { type: 'string', default: '2.0.0' },
      site: { type: 'string', default: 'demo' },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [verb, name, ...more] = positionals;
  if (values.help || verb === undefined) return void process.stdout.write(HELP);
  if (more.length > 0) throw new ConfigError('command line', [`${more.join(' ')}: not expected`]);
  const { site } = loadSite(chooseSite(values.site).file);
  const dataDir = resolve(values.data ?? join(root, 'var', site.site));
  if (verb === 'add') return void process.stdout.write(add(dataDir, site, name, values));
  if (verb !== 'list' && verb !== 'revoke') throw new ConfigError('command line', [`${verb}: must be add, list or revoke`]);
  if (!existsSync(identitiesFile(dataDir))) throw new ConfigError('--data', [`${dataDir}: no house has been started with this folder`]);
  using identities = openIdentities(dataDir, systemClock.now);
  if (verb === 'list') {
    process.stdout.write(list(identities.list(), values.json));
    return;
  }
  if (name === undefined) throw new ConfigError('command line', ['USER must be given, as "wardline device list" shows it']);
  identities.revoke(name);
  process.stdout.write(`${name} is revoked.\n`);
}

function add(dataDir: string, site: Site, name: string | undefined, options: Options): string {
  const principal = principalFrom(site, name, options);
  using identities = openIdentities(dataDir, systemClock.now);
  const secret = identities.add(principal);
  const { publish, read } = accessOf(principal, site.site);
  return [
    `user       ${principal.user}`,
    `secret     ${secret}   (shown this once)`,
    `client id  ${principal.user}${principal.kind === 'robot' ? ', or any other' : ''}`,
    ...publish.map((filter) => `publishes  ${filter}`),
    ...read.map((filter) => `reads      ${filter}`),
    '',
  ].join('\n');
}

function principalFrom(site: Site, name: string | undefined, options: Options): Principal {
  const problems: string[] = [];
  const id = (what: string, value: string | undefined): string => {
    if (value === undefined) problems.push(`${what}: must be given`);
    else if (!new RegExp(ID_PATTERN).test(value))
      problems.push(`${what}: ${JSON.stringify(value)}: letters, digits, dot, dash, underscore; 1 to 64 characters`);
    return value ?? '';
  };
  const ward = (): string => {
    const value = id('--ward', options.ward);
    const known = site.wards.map((w) => w.id);
    if (value !== '' && !known.includes(value)) problems.push(`--ward: ${value}: must be a ward of ${site.site} (${known.join(', ')})`);
    return value;
  };
  const { kind } = options;
  const own = id('NAME', name);
  const user = userNameOf(kind as (typeof kinds)[number], own);
  let principal: Principal | undefined;
  if (kind === 'device') principal = { kind, user, device: own, ward: ward() };
  else if (kind === 'edge') principal = { kind, user, edge: own, ward: ward() };
  else if (kind === 'facility') principal = { kind, user };
  else if (kind === 'robot')
    principal = {
      kind,
      user,
      interfaceName: id('--interface', options.interface),
      major: majorOf(id('--version', options.version)),
      manufacturer: id('--manufacturer', options.manufacturer),
      serialNumber: id('--serial', options.serial),
    };
  else problems.push(`--kind: ${kind ?? 'nothing'}: must be one of ${kinds.join(', ')}`);
  if (!principal || problems.length > 0) throw new ConfigError('device add', problems);
  return principal;
}

type Listed = ReturnType<ReturnType<typeof openIdentities>['list']>;

function list(identities: Listed, isJson: boolean): string {
  if (isJson) return `${JSON.stringify(identities, null, 2)}\n`;
  const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const rows = identities.map(({ principal, origin, createdAt, revokedAt }) => {
    const { user, kind, ...bound } = principal;
    const what = Object.values(bound).join('/');
    return `${user.padEnd(28)} ${kind.padEnd(9)} ${origin.padEnd(9)} ${day(createdAt)}  ${revokedAt === undefined ? 'valid' : `revoked ${day(revokedAt)}`}  ${what}`;
  });
  return `${'USER'.padEnd(28)} ${'KIND'.padEnd(9)} ${'FROM'.padEnd(9)} CREATED (UTC)     STATE\n${rows.join('\n')}\n`;
}
