import type { Robot } from '#contracts/fleet.ts';

export const conditions = ['fault', 'lost', 'paused', 'manual', 'waiting', 'driving', 'working', 'charging', 'idle'] as const;
export type Condition = (typeof conditions)[number];

/** What a robot is doing, in one word; trouble first. */
export function conditionOf(robot: Robot): Condition {
  if (robot.faults.some((fault) => fault.level === 'fatal')) return 'fault';
  if (robot.connection !== 'online') return 'lost';
  if (robot.isPaused) return 'paused';
  if (robot.mode === 'manual' || robot.mode === 'service' || robot.mode === 'teachin') return 'manual';
  if (robot.waitsFor !== undefined) return 'waiting';
  if (robot.isDriving) return 'driving';
  if (robot.mission !== undefined) return 'working';
  if (robot.isCharging) return 'charging';
  return 'idle';
}

export const isInTrouble = (robot: Robot): boolean => ['fault', 'lost'].includes(conditionOf(robot));
