import type { Mission, Robot } from '#contracts/fleet.ts';
import type { MissionRecord } from './mission.ts';
import { no, type Verdict, yes } from './verdict.ts';

/** What allocation must know of a robot. */
export interface Candidate {
  readonly id: string;
  readonly kind: Robot['kind'];
  readonly connection: Robot['connection'];
  readonly mode: Robot['mode'];
  /** Absent: not said, or not believed. */
  readonly batteryPercent?: number;
  readonly batteryPercentMin: number;
  readonly isFaulty: boolean;
  /** Where the next order would begin; absent while the robot's place is not believed. */
  readonly node?: string;
  readonly mission?: string;
  /** It refused an order lately, or did not answer. */
  readonly restsBecause?: string;
}

/** Which kinds of robot can serve which missions. */
const CAPABLE: Record<Mission['kind'], readonly Robot['kind'][]> = { delivery: ['delivery', 'service'], disinfection: ['disinfection'] };

/** Can this robot take the mission now? */
export function canServe(robot: Candidate, mission: Pick<Mission, 'kind'>): Verdict {
  if (!CAPABLE[mission.kind].includes(robot.kind)) return no(`${robot.id} is a ${robot.kind} robot`);
  if (robot.mission !== undefined) return no(`${robot.id} is on mission ${robot.mission.slice(0, 8)}`);
  if (robot.connection !== 'online') return no(`${robot.id} is not connected`);
  if (robot.mode !== 'automatic') return no(`${robot.id} is in ${robot.mode} mode`);
  if (robot.isFaulty) return no(`${robot.id} has a fault`);
  if (robot.node === undefined) return no(`where ${robot.id} stands is not known`);
  if (robot.restsBecause !== undefined) return no(`${robot.id} ${robot.restsBecause}`);
  if (robot.batteryPercent !== undefined && robot.batteryPercent < robot.batteryPercentMin)
    return no(`${robot.id} has ${Math.round(robot.batteryPercent)} % of the ${robot.batteryPercentMin} % needed`);
  return yes;
}

/** Urgent first, then by deadline, then by age. */
export const bySequence = (a: MissionRecord, b: MissionRecord): number =>
  Number(b.mission.isUrgent) - Number(a.mission.isUrgent) ||
  (a.mission.deadline ?? Number.POSITIVE_INFINITY) - (b.mission.deadline ?? Number.POSITIVE_INFINITY) ||
  a.mission.createdAt - b.mission.createdAt;

export type Choice<R extends Candidate> =
  | { readonly ok: true; readonly robot: R; readonly costSeconds: number }
  | { readonly ok: false; readonly because: string };

/** The nearest robot that can serve, by path cost; or why none can, in words. `accepts` may still refuse one for reasons of traffic. */
export function chooseRobot<R extends Candidate>(
  robots: readonly R[],
  mission: Pick<Mission, 'kind'>,
  costs: ReadonlyMap<string, number>,
  accepts: (robot: R) => Verdict,
): Choice<R> {
  const able = robots.filter((robot) => CAPABLE[mission.kind].includes(robot.kind));
  if (able.length === 0) return { ok: false, because: `no robot of this house can do a ${mission.kind}` };
  const reasons: string[] = [];
  const near: { robot: R; costSeconds: number }[] = [];
  for (const robot of able) {
    const verdict = canServe(robot, mission);
    const costSeconds = robot.node === undefined ? undefined : costs.get(robot.node);
    if (!verdict.ok) reasons.push(verdict.because);
    else if (costSeconds === undefined) reasons.push(`${robot.id} has no way there`);
    else near.push({ robot, costSeconds });
  }
  near.sort((a, b) => a.costSeconds - b.costSeconds);
  for (const candidate of near) {
    const verdict = accepts(candidate.robot);
    if (verdict.ok) return { ok: true, ...candidate };
    reasons.push(verdict.because);
  }
  return { ok: false, because: `no robot is free: ${reasons.join('; ')}`.slice(0, 300) };
}
