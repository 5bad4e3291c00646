import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A real pseudo-terminal at `path` whose other end is the TCP port of a simulated device, as a serial cable is. Needs socat. */
export async function openPty(path: string, port: number): Promise<AsyncDisposable> {
  const child = spawn('socat', [`pty,link=${path},raw,echo=0`, `tcp:127.0.0.1:${port},nodelay`], { stdio: 'inherit' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let waited = 0; !existsSync(path); waited += 20) {
    if (waited > 5000 || child.exitCode !== null) throw new Error(`socat made no terminal at ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
