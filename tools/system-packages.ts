import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** System packages that some tests use as real peers; Debian's names. */
const PACKAGES = [
  { program: 'socat', name: 'socat', for: 'serial ports (pty pairs)' },
  { program: 'influxd', name: 'influxdb', for: 'a real InfluxDB 1.6' },
  { program: 'chromium', name: 'chromium', for: 'a real browser' },
  { program: 'git', name: 'git', for: 'the history of the flows' },
  { program: 'python3', name: 'python3-minimal', for: 'the scorers of recorded material' },
] as const;
const CJK_FONT = {
  file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  name: 'fonts-noto-cjk',
  for: 'Chinese text in the browser',
};

const isThere = (program: string) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const missing = (): { name: string; for: string }[] => [
  ...PACKAGES.filter(({ program }) => !isThere(program)),
  ...(existsSync(CJK_FONT.file) ? [] : [CJK_FONT]),
];

/** Installs what is missing where that is possible without asking; says loudly what stays away, and which tests are skipped for it. */
export function ensureSystemPackages(): void {
  const wanted = missing();
  if (wanted.length === 0) return;
  const names = wanted.map(({ name }) => name);
  const run = (args: string[]) => {
    const isRoot = process.getuid?.() === 0;
    const [file, ...rest] = isRoot ? ['apt-get', ...args] : ['sudo', '-n', 'apt-get', ...args];
    execFileSync(file!, rest, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  };
  process.stdout.write(`Installing ${names.join(', ')} for the tests …\n`);
  try {
    run(['update', '-q']);
    run(['install', '-y', '-q', '--no-install-recommends', ...names]);
  } catch (error) {
    process.stdout.write(`Could not install: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
  }
  for (const { name, for: purpose } of missing())
    process.stdout.write(`!!! MISSING ${name}: tests that need ${purpose} ${process.env.CI === 'true' ? 'FAIL' : 'are SKIPPED'}\n`);
}
