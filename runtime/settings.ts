import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Static, Type } from 'typebox';
import { userNameOf } from '#contracts/access.ts';
import type { ServiceName } from '#contracts/commands.ts';
import { Id, strict } from '#contracts/schema.ts';
import { HistoryStore } from '#contracts/site.ts';
import type { BusOptions } from './bus.ts';
import { asError, ConfigError } from './errors.ts';
import { type LoadedSite, loadSite } from './site.ts';
import { parser, sayProblem } from './validate.ts';

const Listen = strict({ host: Type.String(), port: Type.Integer({ minimum: 0, maximum: 65_535 }) });

/** What the supervisor tells every process: where the site, the durable state and the other parts are. One JSON file, `--settings FILE`. */
export const Settings = strict({
  siteFile: Type.String(),
  dataDir: Type.String(),
  brokerUrl: Type.String({ pattern: '^mqtts?://' }),
  caFile: Type.Optional(Type.String()),
  mqtt: Listen,
  mqtts: Type.Optional(strict({ host: Type.String(), port: Type.Integer(), certFile: Type.String(), keyFile: Type.String() })),
  websocket: Type.Optional(Listen),
  console: strict({
    host: Type.String(),
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    certFile: Type.Optional(Type.String()),
    keyFile: Type.Optional(Type.String()),
  }),
  /** Node-RED's editor and admin API: loopback only, reached through the console. */
  flows: Listen,
  history: HistoryStore,
  /** Simulated house: the simulators' sockets live under `dataDir/sim`. */
  isSimulated: Type.Boolean(),
  /** Simulation only: how much faster than the wall clock infusions run. */
  timeFactor: Type.Number({ minimum: 0.1, maximum: 1000 }),
});
export type Settings = Static<typeof Settings>;

export interface House {
  readonly settings: Settings;
  readonly site: LoadedSite;
  /** A file or folder of this process below the data folder. */
  path(...parts: string[]): string;
  /** Bus options of one of our services. */
  serviceBus(service: ServiceName, options: { isDurable: boolean; connectionName?: string }): BusOptions;
  /** Bus options of any principal whose credentials lie in the data folder. */
  busOf(user: string, options: { isDurable: boolean; connectionName?: string }): BusOptions;
}

const Credential = strict({ user: Id, secret: Type.String({ minLength: 16 }) });

export const credentialFile = (dataDir: string, user: string): string => join(dataDir, 'credentials', `${user}.json`);

/** Reads `--settings FILE` of this process. Throws ConfigError with every problem. */
export function loadHouse(argv: readonly string[] = process.argv.slice(2)): House {
  const { values } = parseArgs({ args: [...argv], options: { settings: { type: 'string' } }, strict: false });
  if (typeof values.settings !== 'string')
    throw new ConfigError('command line', ['--settings FILE must be given (processes are started by `wardline start`)']);
  return openHouse(readJson(values.settings, Settings));
}

export function openHouse(settings: Settings): House {
  const site = loadSite(settings.siteFile);
  const ca = settings.caFile ? readFileSync(settings.caFile, 'utf8') : undefined;
  const busOf: House['busOf'] = (user, options) => {
    const { secret } = readJson(credentialFile(settings.dataDir, user), Credential);
    return { url: settings.brokerUrl, site: site.site.site, user, secret, ...(ca ? { ca } : {}), ...options };
  };
  return {
    settings,
    site,
    path: (...parts) => join(settings.dataDir, ...parts),
    busOf,
    serviceBus: (service, options) => ({ ...busOf(userNameOf('service', service), options), service }),
  };
}

/** Reads a JSON file against a schema. Throws ConfigError naming every problem. */
export function readJson<S extends typeof Settings | typeof Credential>(file: string, schema: S): Static<S> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(file, [asError(error).message]);
  }
  const parsed = parser(schema).parse(value);
  if (!parsed.ok) throw new ConfigError(file, parsed.problems.map(sayProblem));
  return parsed.value;
}
