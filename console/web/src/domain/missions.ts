import type { Mission } from '#contracts/fleet.ts';

export const missionGroups = ['late', 'waiting', 'under_way'] as const;
export type MissionGroup = (typeof missionGroups)[number];

/** Where a mission stands on the board; undefined: it is over. */
export function groupOf(mission: Mission, now: number): MissionGroup | undefined {
  if (mission.isClosed || mission.state === 'done' || mission.state === 'cancelled' || mission.state === 'failed') return undefined;
  if (mission.deadline !== undefined && mission.deadline < now) return 'late';
  return mission.state === 'waiting' ? 'waiting' : 'under_way';
}

/** The groups in their order, urgent missions first, then the oldest. */
export function grouped(missions: Iterable<Mission>, now: number): [MissionGroup, Mission[]][] {
  const all = [...missions];
  return missionGroups.map((group) => [
    group,
    all
      .filter((mission) => groupOf(mission, now) === group)
      .sort((a, b) => Number(b.isUrgent) - Number(a.isUrgent) || a.createdAt - b.createdAt),
  ]);
}

/** First and last place of a mission: from where, to where. */
export function endsOf(mission: Mission): { from: string | undefined; to: string | undefined } {
  const places = mission.phases.map((phase) => phase.place);
  const first = places[0];
  const last = places.at(-1);
  return { from: first === last ? undefined : first, to: last };
}
