import { addZone, beside, type FloorPlan, joinLane, nodeBeside } from './building.ts';

export interface CoreSpec {
  readonly id: string;
  readonly x0: number;
  readonly lifts: readonly string[];
  readonly chargers: number;
  readonly parking: number;
}

const LIFT_PITCH = 4;
const STUB_PITCH = 2;
const LOBBY_DEPTH = 3;
const CABIN_DEPTH = 2.2;

/** Length of a core along the corridor, metres. */
export const coreLength = ({ lifts, chargers, parking }: Omit<CoreSpec, 'id' | 'x0'>): number =>
  Math.max(lifts.length * LIFT_PITCH, (chargers + parking) * STUB_PITCH) + 2;

/**
 * The part of a floor around the lifts. Robots come to a cabin over a queue node and leave it by another node, so that one that waits never stands in the
 * way of one that gets out. On the other side of the corridor are the bays where robots charge and wait.
 */
export function addCore(plan: FloorPlan, spec: CoreSpec): void {
  const { building: house, floor, corridor } = plan;
  const { id, x0 } = spec;
  const x1 = x0 + coreLength(spec);
  const place = `${floor}-${id}`;
  addZone(plan, `${place}-hall`, 'corridor', { 'zh-CN': '走廊', en: 'Hall' }, [x0, -1.5, x1, 1.5]);
  const lobbyEnd = x0 + 2 + spec.lifts.length * LIFT_PITCH - 1;
  addZone(plan, `${place}-lobby`, 'corridor', { 'zh-CN': '电梯厅', en: 'Lift lobby' }, beside(1, x0, lobbyEnd, LOBBY_DEPTH));

  spec.lifts.forEach((lift, i) => {
    const x = x0 + 3 + i * LIFT_PITCH;
    addZone(
      plan,
      `${floor}-${lift}`,
      'lift',
      { 'zh-CN': `电梯 ${lift}`, en: `Lift ${lift}` },
      beside(1, x - 1.2, x + 1.2, LOBBY_DEPTH + CABIN_DEPTH, LOBBY_DEPTH),
    );
    const queue = nodeBeside(plan, `${floor}.${lift}.queue`, 1, x - 0.8, 1.6);
    const cabin = nodeBeside(plan, `${floor}.${lift}.cabin`, 1, x, LOBBY_DEPTH + CABIN_DEPTH / 2);
    const exit = nodeBeside(plan, `${floor}.${lift}.exit`, 1, x + 0.8, 1.6);
    house.graph.oneWay(corridor.at(1, x - 0.8), queue);
    house.graph.oneWay(queue, cabin);
    house.graph.oneWay(cabin, exit);
    house.graph.oneWay(exit, corridor.at(1, x + 0.8));
    const stops = house.lifts.get(lift) ?? [];
    for (const other of stops) house.graph.bothWays(cabin, other.node);
    stops.push({ floor, node: cabin });
    house.lifts.set(lift, stops);
  });
  corridor.crossing(x0 + 0.5);
  corridor.crossing(x1 - 0.5);

  const stubs = spec.chargers + spec.parking;
  addZone(
    plan,
    `${place}-robots`,
    'store',
    { 'zh-CN': '机器人停放区', en: 'Robot bay' },
    beside(-1, x0 + 1, x0 + 1 + stubs * STUB_PITCH, 2.5),
  );
  for (let i = 0; i < stubs; i++) {
    const isCharger = i < spec.chargers;
    const stub = nodeBeside(plan, `${place}.${isCharger ? 'charger' : 'park'}${i + 1}`, -1, x0 + 2 + i * STUB_PITCH, 1.2);
    house.graph.bothWays(corridor.at(-1, x0 + 2 + i * STUB_PITCH), stub);
    if (isCharger) house.chargers.push(stub);
    house.holdingPoints.push(stub);
  }
}

/** Length of a supply room along the corridor, metres. */
export const SUPPLY_LENGTH = 9;

/** A supply room through which robots pass one way: in by one door, past the counter, out by the other. */
export function addSupply(
  plan: FloorPlan,
  id: string,
  kind: 'pharmacy' | 'store',
  name: { 'zh-CN': string; en: string },
  x0: number,
): void {
  const { building: house, corridor, floor } = plan;
  addZone(plan, `${floor}-${id}-hall`, 'corridor', { 'zh-CN': '走廊', en: 'Hall' }, [x0, -1.5, x0 + SUPPLY_LENGTH, 1.5]);
  addZone(plan, id, kind, name, beside(-1, x0, x0 + SUPPLY_LENGTH, 6));
  const entry = nodeBeside(plan, `${id}.in`, -1, x0 + 2, 1.4);
  const queue = nodeBeside(plan, `${id}.queue`, -1, x0 + 2, 4);
  const counter = nodeBeside(plan, `${id}.counter`, -1, x0 + 4.5, 4);
  const way = nodeBeside(plan, `${id}.out`, -1, x0 + 6.5, 1.4);
  const edges = [house.graph.oneWay(corridor.at(-1, x0 + 2), entry), house.graph.oneWay(way, corridor.at(-1, x0 + 6.5))];
  house.graph.oneWay(entry, queue);
  house.graph.oneWay(queue, counter);
  house.graph.oneWay(counter, way);
  corridor.crossing(x0 + 2);
  corridor.crossing(x0 + 6.5);
  house.doors.push({ id: `door-${id}`, edges, zones: [id] });
  house.graph.station(floor, id, `${name['zh-CN']} ${name.en}`, [counter]);
}

/** An open space beside the corridor with one station. */
export function addNook(
  plan: FloorPlan,
  id: string,
  kind: 'station' | 'store' | 'outside' | 'corridor',
  name: { 'zh-CN': string; en: string },
  side: 1 | -1,
  [x0, x1, depth]: readonly [number, number, number],
  { ward, station }: { ward?: string; station?: string } = {},
): void {
  addZone(plan, id, kind, name, beside(side, x0, x1, depth), ward);
  if (station === undefined) return;
  const x = (x0 + x1) / 2;
  const node = nodeBeside(plan, `${id}.stop`, side, x, 1.5);
  joinLane(plan, side, x, node);
  plan.building.graph.station(plan.floor, station, `${name['zh-CN']} ${name.en}`, [node]);
}
