import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Site } from '#contracts/site.ts';
import type { Settings } from '#runtime/settings.ts';

export interface SettingsChoice {
  readonly siteFile: string;
  readonly site: Site;
  readonly dataDir: string;
  readonly isSimulated: boolean;
  readonly mqttPort?: number;
  readonly consolePort?: number;
  readonly flowsPort?: number;
  readonly timeFactor?: number;
}

/** Defaults of a house, overridden by the site's `services`, overridden by the command line. Loopback only, until a site says otherwise. */
export function settingsOf({
  siteFile,
  site,
  dataDir,
  isSimulated,
  mqttPort,
  consolePort,
  flowsPort,
  timeFactor,
}: SettingsChoice): Settings {
  const services = site.services ?? {};
  const mqtt = { host: '127.0.0.1', port: 1883, ...services.mqtt, ...(mqttPort === undefined ? {} : { port: mqttPort }) };
  const host = mqtt.host === '0.0.0.0' || mqtt.host === '::' ? '127.0.0.1' : mqtt.host;
  return {
    siteFile,
    dataDir,
    brokerUrl: services.brokerUrl ?? `mqtt://${host}:${mqtt.port}`,
    mqtt,
    ...(services.mqtts ? { mqtts: services.mqtts } : {}),
    ...(services.websocket ? { websocket: services.websocket } : {}),
    console: { host: '127.0.0.1', port: 8080, ...services.console, ...(consolePort === undefined ? {} : { port: consolePort }) },
    flows: { host: '127.0.0.1', port: flowsPort ?? 18_801 },
    history: services.history ?? { type: 'embedded' },
    isSimulated,
    timeFactor: timeFactor ?? 1,
  };
}

/**
 * Writes the settings file that every process reads; returns its path. The site goes along as JSON with absolute paths: a big hospital's YAML takes a second to
 * parse, once is enough.
 */
export function writeSettings(settings: Settings, site: Site): string {
  const folder = join(settings.dataDir, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const beside = (path: string) => resolve(dirname(settings.siteFile), path);
  const siteFile = join(folder, 'site.json');
  const seed = Object.fromEntries(Object.entries(site.seed ?? {}).map(([kind, path]) => [kind, beside(path)]));
  const whole: Site = { ...site, ...(site.layout ? { layout: beside(site.layout) } : {}), ...(site.seed ? { seed } : {}) };
  writeFileSync(siteFile, JSON.stringify(whole), { mode: 0o600 });
  const file = join(folder, 'settings.json');
  writeFileSync(file, `${JSON.stringify({ ...settings, siteFile }, null, 2)}\n`, { mode: 0o600 });
  return file;
}
