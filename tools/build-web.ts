import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';

/** Builds the web console into `console/web/dist`; does nothing while that is newer than its sources. `--force` builds in any case. */
const house = fileURLToPath(new URL('..', import.meta.url));
const root = join(house, 'console/web');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');

/** Newest change in what the console is built from. */
function newestIn(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .filter((name) => name !== 'dist' && name !== 'node_modules')
    .reduce((newest, name) => Math.max(newest, newestIn(join(path, name))), 0);
}

const sources = [
  root,
  join(house, 'contracts'),
  join(house, 'console/asked.ts'),
  join(house, 'package-lock.json'),
  fileURLToPath(import.meta.url),
];
const newest = String(Math.max(...sources.map(newestIn)));
const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === newest;

if (isFresh && !process.argv.includes('--force')) process.stdout.write('web console: up to date\n');
else {
  const start = performance.now();
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [vue()],
    define: {
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_I18N_LEGACY_API__: 'false',
      __VUE_I18N_FULL_INSTALL__: 'false',
    },
    resolve: { alias: [{ find: /^#contracts\//, replacement: `${join(house, 'contracts')}/` }] },
    build: { outDir: dist, emptyOutDir: true, assetsInlineLimit: 0, target: 'es2023', chunkSizeWarningLimit: 700 },
  });
  writeFileSync(stamp, newest);
  process.stdout.write(`web console: built in ${Math.round(performance.now() - start)} ms\n`);
}
