import { asError, ConfigError, EXIT_CONFIG } from './errors.ts';

export interface Stop {
  /** Resolves when the process is asked to end. */
  readonly requested: Promise<void>;
  request(): void;
}

/** SIGINT and SIGTERM ask for an orderly end; a parent that goes away (IPC closed) does too. */
export function stopOnSignals(): Stop {
  let request: () => void = () => undefined;
  const requested = new Promise<void>((resolve) => {
    request = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, request);
  if (process.connected) process.once('disconnect', request);
  // Timers here are unreferenced: this one keeps the process alive until it is asked to end.
  const alive = setInterval(() => undefined, 1 << 30);
  void requested.then(() => clearInterval(alive));
  return { requested, request };
}

/** Runs a process: configuration errors end it with code 78 and every problem on standard error, anything else with code 1 for the supervisor to restart. */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  try {
    await main();
    process.exit(0);
  } catch (thrown) {
    const error = asError(thrown);
    process.stderr.write(`${error instanceof ConfigError ? error.message : (error.stack ?? error.message)}\n`);
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
  }
}

/** Tells the supervisor that the process serves now. */
export const announceReady = (): void => {
  if (process.connected) process.send?.({ ready: true });
};
