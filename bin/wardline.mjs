#!/usr/bin/env node
// Runs Wardline's command line on the Node that the project pins, whatever Node the host has.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinned = join(root, 'node_modules', '.bin', 'node');
const [major] = process.versions.node.split('.').map(Number);
const node = existsSync(pinned) ? pinned : process.execPath;
if (node === process.execPath && major < 26) {
  process.stderr.write(`Wardline needs Node 26; this is ${process.version}. Run "npm ci" in ${root}: it brings its own.\n`);
  process.exit(78);
}
const child = spawn(node, [join(root, 'cli', 'wardline.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
