import { type Finding, HOUSE } from '#contracts/findings.ts';
import type { Instant } from '#contracts/units.ts';
import type { MissionRecord } from '../domain/mission.ts';
import type { Unit, World } from './world.ts';

/** What fleet states as so at this instant. */
export type FleetFinding = Pick<Finding, 'ward' | 'kind' | 'subject' | 'evidence'> & { readonly bed?: string };

export const fleetFindingKinds = ['robot_fault', 'robot_lost', 'mission_stuck', 'disinfection_stopped'] as const;

/** A mission that has not gone on for this long is stuck; one that no robot has taken gets twice as long. */
const STUCK_MS = 60_000;

/** A disinfection that was broken off stays stated this long: somebody has to look at the room. */
export const STOPPED_FOR_MS = 60_000;

export interface StoppedDisinfection {
  readonly record: MissionRecord;
  readonly at: Instant;
}

export function findingsOf(world: World, stopped: readonly StoppedDisinfection[], now: Instant): FleetFinding[] {
  const found: FleetFinding[] = [];
  for (const unit of world.units.values()) found.push(...aboutRobot(unit, world));
  for (const { mission } of world.missions.values()) {
    const unit = mission.robot === undefined ? undefined : world.units.get(mission.robot);
    const since = mission.state === 'waiting' ? mission.createdAt : unit?.waitingSince;
    if (since === undefined || now - since < (mission.state === 'waiting' ? 2 * STUCK_MS : STUCK_MS)) continue;
    const because = (unit ? `${unit.id} ${unit.waitsFor}` : mission.because) ?? 'no robot has taken it';
    found.push({
      ward: mission.ward ?? HOUSE,
      kind: 'mission_stuck',
      subject: mission.mission,
      ...(mission.bed === undefined ? {} : { bed: mission.bed }),
      evidence: [{ source: unit?.id ?? 'fleet', what: 'because', value: because.slice(0, 200) }],
    });
  }
  for (const { record } of stopped) {
    const { mission } = record;
    found.push({
      ward: mission.ward ?? HOUSE,
      kind: 'disinfection_stopped',
      subject: mission.zone ?? mission.mission,
      ...(mission.bed === undefined ? {} : { bed: mission.bed }),
      evidence: [{ source: mission.robot ?? 'fleet', what: 'because', value: (mission.because ?? '').slice(0, 200) }],
    });
  }
  return found;
}

function aboutRobot(unit: Unit, world: World): FleetFinding[] {
  const { view } = unit;
  const about = (kind: 'robot_fault' | 'robot_lost', value: string): FleetFinding => {
    const mission = unit.mission === undefined ? undefined : world.missions.get(unit.mission)?.mission;
    return {
      ward: mission?.ward ?? HOUSE,
      kind,
      subject: unit.id,
      evidence: [{ source: unit.id, what: 'because', value: value.slice(0, 200) }],
    };
  };
  // A robot that was switched off in good order is missed only while it has work.
  const isMissed =
    view.connection === 'broken' || (view.connection === 'unknown' && view.seenAt !== undefined) || unit.mission !== undefined;
  if (view.connection !== 'online') return isMissed ? [about('robot_lost', `connection is ${view.connection}`)] : [];
  const fatal = view.faults.find((fault) => fault.level === 'fatal');
  if (fatal) return [about('robot_fault', fatal.text ?? fatal.type)];
  if (view.isStopped) return [about('robot_fault', 'emergency stop, or somebody in its protective field')];
  if (!unit.leg && unit.place.kind === 'unknown') return [about('robot_fault', unit.place.because)];
  return [];
}
