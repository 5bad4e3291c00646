import type { Site } from '#contracts/site.ts';
import { milliseconds } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import type { Clock } from '#runtime/clock.ts';
import { asError } from '#runtime/errors.ts';
import type { LayoutFile } from '#runtime/layout.ts';
import type { Log } from '#runtime/log.ts';
import { type Door, door } from './door.ts';
import { type Lift, lift } from './lift.ts';

/** All lifts and doors of a site. */
export interface Facility {
  readonly lifts: ReadonlyMap<string, Lift>;
  readonly doors: ReadonlyMap<string, Door>;
  /** What robots meet: is the way from one node to the next free? */
  canPass(from: string, to: string): boolean;
}

export function facility(site: Pick<Site, 'lifts' | 'doors'>, layout: LayoutFile | undefined, clock: Clock): Facility {
  const now = clock.now();
  const lifts = new Map((site.lifts ?? []).map((spec) => [spec.id, lift(spec, now)]));
  const doors = new Map((site.doors ?? []).map((spec) => [spec.id, door(spec.id, now)]));
  const cabins = new Map(
    (site.lifts ?? []).flatMap(({ id, stops }) => stops.map(({ node, floor }) => [node, { lift: id, floor }] as const)),
  );
  const doorOfEdge = new Map((site.doors ?? []).flatMap(({ id, edges }) => edges.map((edge) => [edge, id] as const)));
  const doorOfWay = new Map(
    (layout?.layouts ?? []).flatMap(({ edges }) =>
      edges.flatMap(({ edgeId, startNodeId, endNodeId }) => {
        const gate = doorOfEdge.get(edgeId);
        return gate === undefined ? [] : [[`${startNodeId} ${endNodeId}`, gate] as const];
      }),
    ),
  );
  const isOpenAt = (node: string | undefined): boolean => {
    const stop = cabins.get(node ?? '');
    if (!stop) return true;
    const state = lifts.get(stop.lift)!.state;
    return state.floor === stop.floor && state.doors === 'open';
  };
  return {
    lifts,
    doors,
    canPass(from, to) {
      // Between two cabin nodes the lift carries; its doors must stand open at the far end. Elsewhere it must be where the robot gets in or out.
      if (cabins.has(to) && !isOpenAt(to)) return false;
      if (cabins.has(from) && !cabins.has(to) && !isOpenAt(from)) return false;
      const gate = doorOfWay.get(`${from} ${to}`);
      return gate === undefined || doors.get(gate)!.state.state === 'open';
    },
  };
}

const TICK = milliseconds(250);

/** Runs lifts and doors on the bus as the user `facility.main`: hears requests, tells every change, and all states when the connection comes back. */
export async function runFacility(of: Facility, bus: Bus, log: Log): Promise<Disposable> {
  const failed = (error: unknown) => log.warn({ reason: asError(error).message }, 'facility state not sent');
  const sayLift = ({ id, state }: Lift) => bus.publish('liftState', { lift: id }, state).catch(failed);
  const sayDoor = ({ id, state }: Door) => bus.publish('doorState', { door: id }, state).catch(failed);
  const sayAll = () => {
    for (const each of of.lifts.values()) void sayLift(each);
    for (const each of of.doors.values()) void sayDoor(each);
  };
  await bus.subscribe('liftRequest', {}, (request, { params }) => {
    if (request) of.lifts.get(params.lift)?.request(request, bus.clock.now());
  });
  await bus.subscribe('doorRequest', {}, (request, { params }) => {
    if (request) of.doors.get(params.door)?.request(request, bus.clock.now());
  });
  bus.onState((isConnected) => isConnected && sayAll());
  sayAll();
  const cancel = bus.clock.every(TICK, () => {
    const now = bus.clock.now();
    for (const each of of.lifts.values()) if (each.advance(now)) void sayLift(each);
    for (const each of of.doors.values()) if (each.advance(now)) void sayDoor(each);
  });
  return { [Symbol.dispose]: cancel };
}
