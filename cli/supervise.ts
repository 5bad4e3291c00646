import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { EXIT_CONFIG } from '#runtime/errors.ts';

export interface ProcessPlan {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Started and ready before those after it are begun. */
  readonly isFirst?: boolean;
}

export interface Supervised {
  readonly name: string;
  pid: number | undefined;
  isReady: boolean;
  restarts: number;
  /** Set when it ended for good: a mistake in the configuration. */
  ended?: string;
}

export interface Supervisor {
  readonly processes: readonly Supervised[];
  /** Resolves when every process is ready or has ended for good; rejects after the timeout naming those that are not. */
  whenReady(timeoutMs: number): Promise<void>;
  /** Asks all to end, last started first; kills what has not ended after 5 s. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly root: string;
  readonly logDir: string;
  readonly say: (line: string) => void;
}

const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 5000;
/** A process that ran this long had a good start: its next restart is quick again. */
const SETTLED_MS = 30_000;
const STOP_MS = 5000;
const LOG_BYTES_MAX = 20 * 1024 * 1024;

/** Starts processes, keeps each alive by itself (one dies, the others go on) and writes their output to one log file each. */
export function supervise(plans: readonly ProcessPlan[], { root, logDir, say }: SuperviseOptions): Supervisor {
  mkdirSync(logDir, { recursive: true });
  let isStopping = false;
  const children = new Map<string, ChildProcess>();
  const processes: Supervised[] = plans.map(({ name }) => ({ name, pid: undefined, isReady: false, restarts: 0 }));
  const changes: (() => void)[] = [];
  const changed = () => {
    for (const wake of changes.splice(0)) wake();
  };

  const begin = (plan: ProcessPlan, state: Supervised, backoffMs: number): void => {
    if (isStopping) return;
    const startedAt = performance.now();
    const log = openLogFile(join(logDir, `${plan.name}.log`));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, plan.script), ...plan.args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.set(plan.name, child);
    state.pid = child.pid;
    let lastWords = '';
    child.stdout?.pipe(log, { end: false });
    child.stderr?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      lastWords = (lastWords + chunk).slice(-4000);
    });
    child.on('message', (message: { ready?: boolean }) => {
      if (message.ready !== true) return;
      state.isReady = true;
      if (state.restarts > 0) say(`${plan.name} is back`);
      changed();
    });
    child.on('error', (error) => say(`${plan.name} cannot be started: ${error.message}`));
    child.on('close', (code, signal) => {
      log.end();
      children.delete(plan.name);
      state.pid = undefined;
      state.isReady = false;
      if (isStopping) return changed();
      if (code === EXIT_CONFIG) {
        state.ended = lastWords.trim();
        say(`${plan.name} ended: ${state.ended}`);
        return changed();
      }
      state.restarts++;
      const delay = performance.now() - startedAt > SETTLED_MS ? BACKOFF_MIN_MS : backoffMs;
      say(`${plan.name} ended (${signal ?? `code ${code}`}); starting it again. Its words are in ${join(logDir, `${plan.name}.log`)}`);
      setTimeout(() => begin(plan, state, Math.min(delay * 2, BACKOFF_MAX_MS)), delay);
    });
  };

  const startAll = async () => {
    for (const isFirst of [true, false]) {
      plans.forEach((plan, i) => {
        if ((plan.isFirst ?? false) === isFirst) begin(plan, processes[i]!, BACKOFF_MIN_MS);
      });
      if (isFirst) await settled(() => plans.every((plan, i) => !plan.isFirst || isSettled(processes[i]!)));
    }
  };
  const isSettled = (state: Supervised) => state.isReady || state.ended !== undefined;
  const settled = async (isDone: () => boolean) => {
    while (!isDone() && !isStopping) await new Promise<void>((resolve) => changes.push(resolve));
  };
  void startAll();

  return {
    processes,
    async whenReady(timeoutMs) {
      const all = settled(() => processes.every(isSettled));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((_, reject) => {
        timer = setTimeout(() => {
          const waiting = processes.filter((p) => !isSettled(p)).map((p) => p.name);
          reject(new Error(`not ready after ${timeoutMs / 1000} s: ${waiting.join(', ')} (logs in ${logDir})`));
        }, timeoutMs);
      });
      await Promise.race([all, late]).finally(() => clearTimeout(timer));
    },
    async stop() {
      isStopping = true;
      changed();
      for (const child of [...children.values()].reverse()) child.kill('SIGTERM');
      const killer = setTimeout(() => {
        for (const child of children.values()) child.kill('SIGKILL');
      }, STOP_MS);
      while (children.size > 0) await new Promise<void>((resolve) => changes.push(resolve));
      clearTimeout(killer);
    },
  };
}

/** Appends; a file over 20 MiB is set aside once, so that logs stay bounded. */
function openLogFile(file: string): WriteStream {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
}
