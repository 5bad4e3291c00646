import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePrincipals } from '#broker/identities.ts';
import { ensureFirstAccounts } from '#console/accounts.ts';
import { ConfigError } from '#runtime/errors.ts';
import type { Settings } from '#runtime/settings.ts';
import { loadSite } from '#runtime/site.ts';
import { parts, planHouse, readOnly } from './house-plan.ts';
import { settingsOf, writeSettings } from './settings-file.ts';
import { chooseSite, root } from './site-choice.ts';
import { supervise } from './supervise.ts';

const HELP = `Usage: wardline start [--site demo|reference|FILE] [options]

Runs the house: each part is a process of its own, started again when it dies. Ctrl-C stops all.

  --site NAME|FILE      the demo hospital (default), the reference hospital, or your own site file
  --data DIR            durable state (default var/SITE)
  --only LIST           only these parts: ${parts.join(',')}
  --simulate            simulate the devices and robots of your own site file too
  --console-port PORT   default 8080
  --mqtt-port PORT      default 1883
  --flows-port PORT     loopback port of the flow editor behind the console (default 18801)
  --time-factor N       simulated infusions run N times as fast (default 1)

A site file with mistakes ends the start with exit code 78 and the list of them.
`;

const READY_MS = 120_000;
const port = (text: string | undefined, name: string): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new ConfigError(name, [`${text}: must be a whole number from 1 to 65535`]);
  return value;
};

/** `wardline start`. */
export async function startCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      site: { type: 'string', default: 'demo' },
      data: { type: 'string' },
      only: { type: 'string' },
      simulate: { type: 'boolean', default: false },
      'console-port': { type: 'string' },
      'mqtt-port': { type: 'string' },
      'flows-port': { type: 'string' },
      'time-factor': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const startedAt = performance.now();
  const choice = chooseSite(values.site);
  const only = readOnly(values.only);
  const { site } = loadSite(choice.file);
  const isSimulated = choice.isShipped || values.simulate;
  const dataDir = resolve(values.data ?? join(root, 'var', site.site));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  using _lock = lockData(dataDir);

  const [mqttPort, consolePort, flowsPort] = (['mqtt-port', 'console-port', 'flows-port'] as const).map((name) =>
    port(values[name], `--${name}`),
  );
  const timeFactor = values['time-factor'] === undefined ? 1 : Number(values['time-factor']);
  if (!(timeFactor >= 0.1 && timeFactor <= 1000))
    throw new ConfigError('--time-factor', [`${values['time-factor']}: must be a number from 0.1 to 1000`]);
  const settings = settingsOf({
    siteFile: choice.file,
    site,
    dataDir,
    isSimulated,
    timeFactor,
    ...(mqttPort ? { mqttPort } : {}),
    ...(consolePort ? { consolePort } : {}),
    ...(flowsPort ? { flowsPort } : {}),
  });
  await checkPorts(settings, only);
  ensurePrincipals(dataDir, site);
  const accounts = only.includes('console') ? await ensureFirstAccounts(dataDir, site, { isDemo: choice.isShipped }) : [];
  const supervisor = supervise(planHouse(site, writeSettings(settings, site), only, isSimulated), {
    root,
    logDir: join(dataDir, 'log'),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  const stopped = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => done());
  });
  process.stdout.write(`Starting ${site.name.en} …\n`);
  await Promise.race([supervisor.whenReady(READY_MS).catch((error: Error) => process.stdout.write(`${error.message}\n`)), stopped]);
  process.stdout.write(welcome(settings, accounts, supervisor.processes, (performance.now() - startedAt) / 1000));
  await stopped;
  process.stdout.write('Stopping …\n');
  await supervisor.stop();
}

type Account = Awaited<ReturnType<typeof ensureFirstAccounts>>[number];

function welcome(
  settings: Settings,
  accounts: readonly Account[],
  processes: readonly { name: string; pid: number | undefined; isReady: boolean }[],
  seconds: number,
): string {
  const { console: web, mqtt } = settings;
  const scheme = web.certFile ? 'https' : 'http';
  const lines = [
    `\nWardline runs (${seconds.toFixed(1)} s).`,
    `  console   ${scheme}://${web.host === '0.0.0.0' ? 'localhost' : web.host}:${web.port}`,
    `  broker    mqtt://${mqtt.host}:${mqtt.port}`,
    `  state     ${settings.dataDir}`,
    `  processes ${processes.map((p) => `${p.name}${p.isReady ? '' : ' (not ready)'}`).join(', ')}`,
  ];
  if (accounts.length > 0) {
    lines.push('\nLog in with (shown this once; change it on the console):');
    for (const { username, password, roles } of accounts) lines.push(`  ${username.padEnd(16)} ${password.padEnd(24)} ${roles.join(', ')}`);
  }
  lines.push('\nStop with Ctrl-C.\n');
  return lines.join('\n');
}

/** One house per data folder: two writers would tear the state apart. */
function lockData(dataDir: string): Disposable {
  const file = join(dataDir, 'supervisor.pid');
  let holder: number | undefined;
  try {
    holder = Number(readFileSync(file, 'utf8'));
    process.kill(holder, 0);
  } catch {
    holder = undefined; // No file, or nobody of that number: the folder is free.
  }
  if (holder !== undefined && holder !== process.pid)
    throw new ConfigError('--data', [`${dataDir} is in use by process ${holder}: stop it first, or give another folder`]);
  writeFileSync(file, String(process.pid));
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

async function checkPorts(settings: Settings, only: readonly string[]): Promise<void> {
  const wanted = [
    { part: 'broker', option: '--mqtt-port', ...settings.mqtt },
    { part: 'console', option: '--console-port', ...settings.console },
    { part: 'flows', option: '--flows-port', ...settings.flows },
  ].filter(({ part }) => only.includes(part));
  const problems: string[] = [];
  for (const { part, option, host, port: number } of wanted) {
    const isFree = await new Promise<boolean>((answer) => {
      const probe = createServer()
        .once('error', () => answer(false))
        .listen(number, host, () => probe.close(() => answer(true)));
    });
    if (!isFree) problems.push(`${part}: port ${number} on ${host} is taken: choose another with ${option}`);
  }
  if (problems.length > 0) throw new ConfigError('ports', problems);
}
