export type OperationalCode =
  | 'BUS_CLOSED'
  | 'BUS_OFFLINE'
  | 'BUS_OVERLOADED'
  | 'BUS_REFUSED'
  | 'COMMAND_DEADLINE'
  | 'CONFIG_INVALID'
  | 'DATABASE_UNREACHABLE'
  | 'DISK_FULL'
  | 'PORT_GONE'
  | 'INPUT_INVALID';

/** Trouble from outside: a port that is gone, a payload that cannot be read, a broker that is away. The shell retries with a limit or reports. Anything else thrown is our bug. */
export class OperationalError extends Error {
  readonly code: OperationalCode;
  constructor(code: OperationalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OperationalError';
    this.code = code;
  }
}

/** Configuration that cannot be used: every problem in one message. The process ends with exit code 78 (EX_CONFIG). */
export class ConfigError extends OperationalError {
  readonly problems: readonly string[];
  constructor(what: string, problems: readonly string[]) {
    super(
      'CONFIG_INVALID',
      `${what}: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export const EXIT_CONFIG = 78;

export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
