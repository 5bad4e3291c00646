import type { Pose } from './vda5050.ts';

const TURN_RADIANS_PER_S = 1.5;

/** Turns towards a point and drives straight to it for `forMs`; `leftMs` is what remains once it is reached. `limit` in m/s. */
export function rollTowards(
  pose: Pose,
  target: { readonly x: number; readonly y: number },
  limit: number,
  forMs: number,
): { pose: Pose; speed: number; leftMs: number; isThere: boolean } {
  const [dx, dy] = [target.x - pose.x, target.y - pose.y];
  const distance = Math.hypot(dx, dy);
  const there = { x: target.x, y: target.y, mapId: pose.mapId };
  if (distance < 1e-9) return { pose: { ...there, theta: pose.theta }, speed: limit, leftMs: forMs, isThere: true };
  const heading = Math.atan2(dy, dx);
  const turn = Math.atan2(Math.sin(heading - pose.theta), Math.cos(heading - pose.theta));
  const turnMs = (Math.abs(turn) / TURN_RADIANS_PER_S) * 1000;
  if (turnMs > forMs) {
    const theta = pose.theta + Math.sign(turn) * TURN_RADIANS_PER_S * (forMs / 1000);
    return { pose: { ...pose, theta }, speed: 0, leftMs: 0, isThere: false };
  }
  const driveMs = forMs - turnMs;
  const step = (limit * driveMs) / 1000;
  if (step >= distance)
    return { pose: { ...there, theta: heading }, speed: limit, leftMs: driveMs - (distance / limit) * 1000, isThere: true };
  const share = step / distance;
  return {
    pose: { x: pose.x + dx * share, y: pose.y + dy * share, theta: heading, mapId: pose.mapId },
    speed: limit,
    leftMs: 0,
    isThere: false,
  };
}
