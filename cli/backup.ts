import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { type Static, Type } from 'typebox';
import { strict } from '#contracts/schema.ts';
import { ConfigError } from '#runtime/errors.ts';
import { version } from '#runtime/service.ts';
import { parser, sayProblem } from '#runtime/validate.ts';

const BACKUP_HELP = `Usage: wardline backup --data DIR --out FOLDER

Saves the durable state of a house, running or stopped, into a new folder: every database in one consistent copy, the credentials and the flows.
Messages on their way in the broker are not part of it: their owners say anew what is so when the house starts.
The folder holds secrets: keep it as safe as the house.
`;
const RESTORE_HELP = `Usage: wardline restore --from FOLDER --data DIR

Brings a saved state back. The house must be stopped. What is in DIR is set aside as DIR.before-restore-N, never deleted.
Every file is checked against the sum that was taken when it was saved.
`;

const Manifest = strict({
  schema: Type.Literal('backup.v1'),
  version: Type.String(),
  at: Type.String(),
  files: Type.Array(
    strict({
      path: Type.String({ pattern: '^(?!/)(?!.*\\.\\.)' }),
      bytes: Type.Integer(),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});
type Manifest = Static<typeof Manifest>;

/** Not state: what is made anew at each start, and what is only on its way. */
const LEFT_OUT = /^(run|log|sim)\/|^supervisor\.pid$|^broker\/(?!identities\.sqlite$)|-(wal|shm)$|\.sock$|\/node_modules\//;
const sumOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** `wardline backup`. */
export async function backupCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { data: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(BACKUP_HELP);
  if (!values.data || !values.out) throw new ConfigError('backup', ['--data DIR and --out FOLDER must be given']);
  const from = resolve(values.data);
  const to = resolve(values.out);
  if (!existsSync(from)) throw new ConfigError('backup', [`--data ${from}: no such folder`]);
  if (existsSync(to) && readdirSync(to).length > 0) throw new ConfigError('backup', [`--out ${to}: must be a new or empty folder`]);
  const files: Manifest['files'] = [];
  const paths = globSync('**/*', { cwd: from })
    .concat(globSync('**/.*/**', { cwd: from }))
    .filter((path) => !LEFT_OUT.test(path) && statSync(join(from, path), { throwIfNoEntry: false })?.isFile());
  for (const [i, path] of paths.sort().entries()) {
    process.stderr.write(`\r${i + 1}/${paths.length} ${path.slice(-60).padEnd(60)}`);
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    if (path.endsWith('.sqlite')) {
      using database = new DatabaseSync(join(from, path), { readOnly: true });
      await copyDatabase(database, target);
    } else copyFileSync(join(from, path), target);
    files.push({ path, bytes: statSync(target).size, sha256: sumOf(target) });
  }
  const manifest: Manifest = { schema: 'backup.v1', version, at: new Date().toISOString(), files };
  writeFileSync(join(to, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  process.stderr.write('\n');
  process.stdout.write(`${files.length} files, ${Math.round(files.reduce((sum, f) => sum + f.bytes, 0) / 1024)} KiB saved in ${to}\n`);
}

/** `wardline restore`. */
export async function restoreCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { data: { type: 'string' }, from: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(RESTORE_HELP);
  if (!values.data || !values.from) throw new ConfigError('restore', ['--from FOLDER and --data DIR must be given']);
  const from = resolve(values.from);
  const to = resolve(values.data);
  const { files, version: savedBy } = readManifest(from);
  const broken = files
    .filter(({ path, sha256 }) => !existsSync(join(from, path)) || sumOf(join(from, path)) !== sha256)
    .map(({ path }) => `${path}: missing or changed since it was saved`);
  if (broken.length > 0) throw new ConfigError(from, broken);
  if (existsSync(join(to, 'supervisor.pid'))) throw new ConfigError('restore', [`${to} is in use: stop the house first`]);
  if (existsSync(to)) {
    let n = 1;
    while (existsSync(`${to}.before-restore-${n}`)) n++;
    renameSync(to, `${to}.before-restore-${n}`);
    process.stdout.write(`What was there is now in ${to}.before-restore-${n}\n`);
  }
  for (const { path } of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true, mode: 0o700 });
    copyFileSync(join(from, path), join(to, path));
  }
  process.stdout.write(`${files.length} files (saved by Wardline ${savedBy}) restored to ${to}\n`);
}

function readManifest(folder: string): Manifest {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file))
    throw new ConfigError('restore', [`--from ${folder}: holds no manifest.json, so it is no backup or not a whole one`]);
  const parsed = parser(Manifest).parse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.ok) throw new ConfigError(file, parsed.problems.map(sayProblem));
  return parsed.value;
}
