import { fork } from 'node:child_process';
import { join } from 'node:path';
import { milliseconds } from '#contracts/units.ts';
import { startHouse, type TestHouse } from '../../house.ts';
import type { LoadResult } from './load.ts';

export const SERVERS = ['broker', 'records', 'watch', 'alarms', 'flows', 'fleet', 'history', 'console'] as const;

export interface Load {
  readonly rate: number;
  readonly seconds: number;
  /** How often each edge agent sends. */
  readonly batchMs: number;
}

const SETTLE_MS = 8000;

/** The house's servers with a rule of no delay for the episodes that the load opens; resolves when they have come to rest. */
export async function startLoadedHouse(site: 'demo' | 'reference'): Promise<TestHouse> {
  const house = await startHouse({
    site,
    only: SERVERS,
    isSimulated: false,
    readyMs: 120_000,
    adapt(site) {
      site.alarmRules = {
        ...site.alarmRules,
        stalled: { onDelayMs: milliseconds(0), offDelayMs: milliseconds(0) },
        occlusion: { onDelayMs: milliseconds(0), offDelayMs: milliseconds(0) },
      };
      for (const ward of site.wards) delete ward.alarmRules;
    },
  });
  await new Promise((done) => setTimeout(done, SETTLE_MS));
  return house;
}

/** Runs the load in a process of its own. */
export function runLoad(house: TestHouse, { rate, seconds, batchMs }: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(
      new URL('./load.ts', import.meta.url),
      [join(house.settings.dataDir, 'run', 'settings.json'), String(rate), String(seconds), String(batchMs)],
      { execArgv: ['--disable-warning=ExperimentalWarning'], serialization: 'advanced' },
    );
    let result: LoadResult | undefined;
    child.on('message', (message) => {
      result = message as LoadResult;
    });
    child.on('exit', (code) => (result ? resolve(result) : reject(new Error(`the load ended with code ${code}`))));
  });
}
