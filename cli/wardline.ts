import { asError, ConfigError, EXIT_CONFIG } from '#runtime/errors.ts';
import { version } from '#runtime/service.ts';

interface Command {
  readonly summary: string;
  readonly load: () => Promise<(args: string[]) => Promise<void>>;
}

/** Every command of `wardline`; each explains itself with --help. */
const commands: Record<string, Command> = {
  start: { summary: 'run the house (default: the demo hospital)', load: async () => (await import('./start.ts')).startCommand },
  check: { summary: 'check a site file and name every mistake', load: async () => (await import('./check.ts')).checkCommand },
  device: {
    summary: 'add, list and revoke credentials of devices and services',
    load: async () => (await import('./device.ts')).deviceCommand,
  },
  replay: {
    summary: 'play recorded material through the real devices’ way',
    load: async () => (await import('#tools/replay/replay.ts')).replayCommand,
  },
  evaluate: { summary: 'run the sensing over recorded material', load: async () => (await import('./evaluate.ts')).evaluateCommand },
  backup: {
    summary: 'save the durable state of a running or stopped house',
    load: async () => (await import('./backup.ts')).backupCommand,
  },
  restore: { summary: 'bring a saved state back', load: async () => (await import('./backup.ts')).restoreCommand },
};

const help = () => `Wardline ${version}: the backend of a hospital's smart wards and robots.

Usage: wardline COMMAND [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

"wardline COMMAND --help" explains a command. Documentation: docs/start.md
`;

async function run([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return 0;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = commands[name];
  if (!command) {
    process.stderr.write(`wardline: there is no command "${name}". Commands: ${Object.keys(commands).join(', ')}\n`);
    return 64;
  }
  try {
    const execute = await command.load();
    await execute(args);
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    const error = asError(thrown);
    const isUsage = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`wardline ${name}: ${error.message}${isUsage ? `\nTry: wardline ${name} --help` : ''}\n`);
    return error instanceof ConfigError ? EXIT_CONFIG : isUsage ? 64 : 1;
  }
}

process.exit(await run(process.argv.slice(2)));
