import type { Mission } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';

/** A mission as fleet keeps it: what the bus shows, and what only fleet needs. */
export interface MissionRecord {
  readonly mission: Mission;
  /** Chosen by the caller so that asking twice gives one mission. */
  readonly key?: string;
  /** The node of each phase, chosen when a robot takes the mission. */
  readonly nodes: readonly string[];
  /** Somebody has cancelled it; carried out as soon as what is going on with the load is over. */
  readonly cancel?: string | undefined;
  /** Asked to end; it ends as soon as what is on board is back. */
  readonly ending?: { readonly state: 'cancelled' | 'failed'; readonly because: string };
}

export type Phase = Mission['phases'][number];

/** Index of the phase that is being done or comes next; -1 when all are over. */
export const phaseIndex = (record: MissionRecord): number =>
  record.mission.phases.findIndex((phase) => phase.state === 'planned' || phase.state === 'under_way');

export const phaseOf = (record: MissionRecord): Phase | undefined => record.mission.phases[phaseIndex(record)];

/** Loaded and not yet given away: the mission can neither be dropped nor passed to another robot. */
export function isLoaded(record: MissionRecord): boolean {
  let loaded = false;
  for (const { kind, state } of record.mission.phases) {
    if (state !== 'done') continue;
    if (kind === 'load') loaded = true;
    if (kind === 'unload' || kind === 'hand_over') loaded = false;
  }
  return loaded;
}

function change(record: MissionRecord, now: Instant, mission: Partial<Mission>, own: Partial<MissionRecord> = {}): MissionRecord {
  const merged: Mission = { ...record.mission, ...mission, revision: record.mission.revision + 1, at: now };
  return { ...record, ...own, mission: dropAbsent(merged) };
}

const dropAbsent = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

const withPhase = (record: MissionRecord, index: number, state: Phase['state'], now: Instant): Phase[] =>
  record.mission.phases.map((phase, i) => (i === index ? { ...phase, state, at: now } : phase));

/** A robot takes the mission. `nodes` names where each phase takes place. */
export const assign = (record: MissionRecord, robot: string, nodes: readonly string[], now: Instant): MissionRecord =>
  change(
    record,
    now,
    { state: 'under_way', robot, because: undefined, phases: withPhase(record, phaseIndex(record), 'under_way', now) },
    { nodes },
  );

/** The mission waits for a robot again: its phases start over. Only for a mission with nothing on board. */
export const giveBack = (record: MissionRecord, because: string, now: Instant): MissionRecord =>
  change(
    record,
    now,
    {
      state: 'waiting',
      robot: undefined,
      because,
      phases: record.mission.phases.map(({ kind, place }) => ({ kind, place, state: 'planned' as const })),
    },
    { nodes: [] },
  );

/** The present phase is over and the next one begins, or the mission ends. */
export function phaseDone(record: MissionRecord, now: Instant): MissionRecord {
  const index = phaseIndex(record);
  const phases = withPhase(record, index, 'done', now);
  const next = phases[index + 1];
  if (next) phases[index + 1] = { ...next, state: 'under_way', at: now };
  const passed = change(record, now, { phases, because: undefined });
  if (next) return passed;
  return record.ending ? close(passed, record.ending.state, record.ending.because, now) : close(passed, 'done', undefined, now);
}

/** Why it waits just now; the same words change nothing. */
export const explain = (record: MissionRecord, because: string | undefined, now: Instant): MissionRecord =>
  record.mission.because === because?.slice(0, 300) ? record : change(record, now, { because: because?.slice(0, 300) });

export function close(
  record: MissionRecord,
  state: 'done' | 'cancelled' | 'failed',
  because: string | undefined,
  now: Instant,
): MissionRecord {
  const phases = record.mission.phases.map((phase) =>
    phase.state === 'planned'
      ? { ...phase, state: 'skipped' as const }
      : phase.state === 'under_way'
        ? { ...phase, state: 'failed' as const, at: now }
        : phase,
  );
  return change(record, now, { state, phases, because: because?.slice(0, 300), isClosed: true });
}

/**
 * Ends a mission early. With nothing on board it ends now; else what is on board goes back to where it was loaded, and the mission ends after that.
 */
export function wind(record: MissionRecord, state: 'cancelled' | 'failed', because: string, now: Instant): MissionRecord {
  if (record.ending) return record;
  if (!isLoaded(record)) return close(record, state, because, now);
  const loadedAt = record.mission.phases.findIndex((phase) => phase.kind === 'load' && phase.state === 'done');
  const place = record.mission.phases[loadedAt]!.place;
  const node = record.nodes[loadedAt]!;
  const past = record.mission.phases.map((phase) =>
    phase.state === 'planned' || phase.state === 'under_way'
      ? { ...phase, state: phase.state === 'under_way' ? ('failed' as const) : ('skipped' as const), at: now }
      : phase,
  );
  const back: Phase[] = [
    { kind: 'go', place, state: 'under_way', at: now },
    { kind: 'unload', place, state: 'planned' },
  ];
  return change(
    record,
    now,
    { phases: [...past, ...back], because: `${because}; the load goes back to ${place}`.slice(0, 300) },
    { nodes: [...record.nodes, node, node], ending: { state, because } },
  );
}
