import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Static, Type } from 'typebox';
import { Id, strict } from '#contracts/schema.ts';
import { credentialFile } from '#runtime/settings.ts';
import { parser } from '#runtime/validate.ts';

const Credential = strict({ user: Id, secret: Type.String({ minLength: 16 }) });
type Credential = Static<typeof Credential>;
const credentialParser = parser(Credential);

/** The plain secret of a principal of this data folder; undefined where there is none that can be read. */
export function readCredential(dataDir: string, user: string): string | undefined {
  const file = credentialFile(dataDir, user);
  if (!existsSync(file)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // Half-written or damaged: a new secret takes its place.
  }
  const parsed = credentialParser.parse(value);
  return parsed.ok && parsed.value.user === user ? parsed.value.secret : undefined;
}

/** Writes the plain secret of a principal where its process finds it: mode 0600 in a folder of mode 0700, whole or not at all. */
export function writeCredential(dataDir: string, credential: Credential): void {
  const file = credentialFile(dataDir, credential.user);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.new`;
  writeFileSync(next, `${JSON.stringify(credential)}\n`, { mode: 0o600, flush: true });
  renameSync(next, file);
}
