import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * For tests that need a program of the system: undefined when it is there, else the reason to skip. In CI a missing program is a failure, never a skip.
 */
export function missingProgram(program: string): string | undefined {
  if ((process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))) return undefined;
  const reason = `SKIPPED: ${program} is not installed (npm test installs it where it may)`;
  if (process.env.CI === 'true') throw new Error(`${program} is missing in CI`);
  process.stdout.write(`!!! ${reason}\n`);
  return reason;
}
