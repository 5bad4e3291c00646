import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export const root = new URL('../..', import.meta.url).pathname;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

let listed: string[] | undefined;
/** Every file that git tracks or would track. */
export function trackedFiles(): readonly string[] {
  listed ??= execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
    .split('\n')
    .filter(Boolean);
  return listed;
}

export const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');
export const filesOf = (pattern: RegExp): SourceFile[] =>
  trackedFiles()
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: read(path) }));
export const isGenerated = (path: string): boolean => path.includes('/generated/') || path.startsWith('docs/reference/');
