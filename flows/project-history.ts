import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';

const run = promisify(execFile);
const GIT_TIMEOUT_MS = 20_000;

/**
 * The hospital's flows as a git repository of their own: every deploy is a commit by the one who deployed. Plain commits and not Node-RED's
 * projects: nobody has to know git to change a flow, no deploy can stop at a merge conflict or a dirty work tree, and any git tool reads it.
 */
export interface ProjectHistory {
  /** Keeps the flows as they are on disk; `who` deployed them. One after the other, never two at once. */
  keep(who: string): Promise<void>;
}

/** Puts the shipped flows into an empty folder. A folder that has flows is the hospital's and is left alone. */
export function seedProject(folder: string, shipped: string): void {
  const file = join(folder, 'flows.json');
  if (existsSync(file)) return;
  mkdirSync(folder, { recursive: true });
  copyFileSync(shipped, file);
}

/** Without git on the machine the flows work all the same and have no history. */
export function openProjectHistory(folder: string, log: Log): ProjectHistory {
  let last: Promise<void> = Promise.resolve();
  const git = (...args: string[]) =>
    run('git', ['-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null', ...args], {
      cwd: folder,
      timeout: GIT_TIMEOUT_MS,
      env: { ...process.env, GIT_DIR: join(folder, '.git'), GIT_WORK_TREE: folder, GIT_OPTIONAL_LOCKS: '0' },
    });

  async function commit(who: string): Promise<void> {
    if (!existsSync(join(folder, '.git'))) await git('init', '--quiet');
    const ignored = join(folder, '.gitignore');
    // Credentials of nodes are encrypted, and still nothing for a history.
    if (!existsSync(ignored)) writeFileSync(ignored, '*_cred.json\n.*.backup\n');
    await git('add', '--all', '.');
    const { stdout } = await git('status', '--porcelain');
    if (stdout.trim() === '') return;
    await git('-c', `user.name=${who}`, '-c', `user.email=${who}@wardline.invalid`, 'commit', '--quiet', '--message', `deployed by ${who}`);
  }

  return {
    keep(who) {
      last = last.then(() => commit(who)).catch((error: unknown) => log.warn({ reason: asError(error).message }, 'flows have no history'));
      return last;
    },
  };
}
