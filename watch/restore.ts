import type { Finding } from '#contracts/findings.ts';
import { type Milliseconds, milliseconds } from '#contracts/units.ts';
import type { Infusion, Location } from '#contracts/ward-state.ts';
import { type Bus, type BusOptions, connectBus, type TopicParams } from '#runtime/bus.ts';
import { type Clock, sleep } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { watchedKinds } from './domain/episodes.ts';

/** What watch left retained at the broker when it ended. */
export interface Remains {
  readonly findings: readonly Finding[];
  readonly infusions: readonly Infusion[];
  readonly locations: readonly Location[];
}

/** Retained messages follow the grant at once; this long without one more means that they are all here. */
const QUIET = milliseconds(300);
const WAIT_MS_MAX = 5000;
const mine: ReadonlySet<string> = new Set(watchedKinds);

/** Reads our own retained messages over a connection of its own, which ends after: on the main one we would hear every word of ours again. */
export async function readRemains(options: BusOptions, { clock, log }: { clock: Clock; log: Log }): Promise<Remains> {
  const findings: Finding[] = [];
  const infusions: Infusion[] = [];
  const locations: Location[] = [];
  await using bus = await connectBus(options, { clock, log });
  let heardAt = clock.elapsed();
  const heard = () => {
    heardAt = clock.elapsed();
  };
  await bus.subscribe('finding', {}, (finding, { isRetained }) => {
    if (finding && isRetained && mine.has(finding.kind)) findings.push(finding);
    heard();
  });
  await bus.subscribe('infusion', {}, (infusion, { isRetained }) => {
    if (infusion && isRetained) infusions.push(infusion);
    heard();
  });
  await bus.subscribe('location', {}, (location, { isRetained }) => {
    if (location && isRetained) locations.push(location);
    heard();
  });
  const from = clock.elapsed();
  heard();
  while (clock.elapsed() - heardAt < QUIET && clock.elapsed() - from < WAIT_MS_MAX) await sleep(clock, (QUIET / 4) as Milliseconds);
  return { findings, infusions, locations };
}

/** The last finding of every key by disk and broker: the disk knows what has ended, the broker outlives a lost disk. */
export function mergeFindings(kept: readonly Finding[], retained: readonly Finding[]): Finding[] {
  const newest = new Map<string, Finding>();
  for (const finding of [...kept, ...retained]) {
    const key = `${finding.ward}/${finding.kind}/${finding.subject}`;
    const known = newest.get(key);
    if (!known || finding.occurrence > known.occurrence) newest.set(key, finding);
  }
  return [...newest.values()];
}

/** Withdraws retained messages that watch no longer stands for. */
export const openSweep =
  (bus: Bus, log: Log) =>
  <C extends 'finding' | 'infusion' | 'location'>(name: C, params: TopicParams<C>): void => {
    bus.retract(name, params).catch((error: unknown) => log.warn({ reason: asError(error).message, name }, 'old message not withdrawn'));
  };
