import type { Robot } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';
import { metres, percent, radians } from '#contracts/units.ts';
import { holdsOf } from './dispatch/routing.ts';
import { nodeAt, type Unit } from './dispatch/world.ts';
import type { NavGraph } from './map/nav-graph.ts';

const LIST_MAX = 500;

/** A robot as everybody on the bus sees it. */
export function robotMessage(graph: NavGraph, unit: Unit, now: Instant): Robot {
  const { view, leg } = unit;
  const at = nodeAt(unit);
  const pose = view.shownPose ?? view.pose;
  const isBelieved = unit.leg !== undefined || unit.place.kind !== 'unknown';
  const steps = leg?.steps.slice(unit.passed + 1, leg.released) ?? [];
  return {
    schema: 'robot.v1',
    robot: unit.id,
    kind: unit.kind,
    connection: view.connection,
    mode: view.mode,
    ...(pose && isBelieved
      ? { pose: { x: metres(pose.x), y: metres(pose.y), theta: radians(pose.theta), floor: pose.floor.slice(0, 64) } }
      : {}),
    ...(at === undefined || !graph.nodes.has(at) ? {} : { node: at }),
    ...(view.batteryPercent === undefined ? {} : { batteryPercent: percent(view.batteryPercent) }),
    isCharging: view.isCharging,
    isDriving: view.isDriving,
    isPaused: view.isPaused,
    hasLoad: (view.loads ?? 0) > 0,
    ...(unit.mission === undefined ? {} : { mission: unit.mission }),
    plan: [...steps.map(({ node }) => ({ node, isReleased: true })), ...unit.plan.map(({ to }) => ({ node: to, isReleased: false }))].slice(
      0,
      LIST_MAX,
    ),
    holds: [...new Set(holdsOf(graph, unit))].slice(0, LIST_MAX),
    ...(unit.waitsFor === undefined ? {} : { waitsFor: unit.waitsFor }),
    faults: view.faults.slice(0, 64),
    ...(view.seenAt === undefined ? {} : { seenAt: view.seenAt }),
    at: now,
  };
}
