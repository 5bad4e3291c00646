import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Site } from '#contracts/site.ts';
import { findingsOf } from './findings.ts';
import { notReached, setMode } from './modes.ts';
import { holdsOf } from './routing.ts';
import { corridor, layoutOf, robotAt, siteOf } from './test-layouts.ts';
import { houseOnPaper } from './testbed.ts';

const { layout } = corridor(6);
const openCorridor = (homes: readonly string[], of: Partial<Site> = {}) =>
  houseOnPaper(siteOf({ robots: homes.map((home, i) => robotAt(`r${i}`, home)), ...of }), layout, 7);

test('a mission cancelled with the load on board brings it back first', () => {
  const house = openCorridor(['h0']);
  const { mission } = house.send({ kind: 'delivery', from: 'S1', to: 'S5' });
  const robot = house.robots.get('r0')!;
  while (robot.loads === 0) house.run(1);
  house.run(3);
  house.cancel(mission.mission);
  house.run(90);
  const ended = house.closed.get(mission.mission)!.mission;
  assert.equal(ended.state, 'cancelled');
  assert.deepEqual(
    ended.phases.slice(4).map((p) => `${p.kind} ${p.place} ${p.state}`),
    ['go S1 done', 'unload S1 done'],
  );
  assert.equal(robot.loads, 0);
  assert.equal(robot.node, 'h0', 'and goes home');
});

test('a mission not begun is taken from a robot that is lost, and its place stays held', () => {
  const house = houseOnPaper(siteOf({ robots: [robotAt('r0', 'h0'), robotAt('r1', 'h9')] }), corridor(10).layout, 7);
  const { mission } = house.send({ kind: 'delivery', from: 'S4', to: 'S5' });
  house.run(4);
  assert.equal(house.world.missions.get(mission.mission)?.mission.robot, 'r0');
  const lost = house.robots.get('r0')!;
  lost.connection = 'broken';
  const held = () => holdsOf(house.world.graph, house.world.units.get('r0')!);
  const before = held();
  assert.ok(before.length > 1, 'what was released counts as driven');
  house.run(60);
  assert.deepEqual(held(), before);
  const about = findingsOf(house.world, [], house.now()).map((f) => `${f.kind} ${f.subject}`);
  assert.deepEqual(about, ['robot_lost r0']);
  for (let s = 0; s < 90 && house.world.missions.get(mission.mission)?.mission.robot !== 'r1'; s++) house.run(1);
  assert.equal(house.world.missions.get(mission.mission)?.mission.robot, 'r1');
});

test('a stop reaches every robot and nothing is released until they may go on', () => {
  const house = openCorridor(['h0', 'h5']);
  const { mission } = house.send({ kind: 'delivery', from: 'S1', to: 'S4' });
  house.run(5);
  setMode(house.world, 'stopped', 'logistics', house.now());
  house.run(0.2);
  assert.deepEqual(notReached(house.world.units.values()), []);
  const where = [...house.robots.values()].map((r) => r.node);
  const released = [...house.world.units.values()].map((u) => u.leg?.released);
  house.run(30);
  assert.deepEqual(
    [...house.robots.values()].map((r) => r.node),
    where,
  );
  assert.deepEqual(
    [...house.world.units.values()].map((u) => u.leg?.released),
    released,
  );
  setMode(house.world, 'moving', 'logistics', house.now());
  house.run(120);
  assert.equal(house.closed.get(mission.mission)?.mission.state, 'done');
});

test('in a fire robots go to different holding points of their floor, and carry on afterwards', () => {
  const house = openCorridor(['h0', 'h5'], { holdingPoints: ['s0', 's2', 'c1'] });
  const { mission } = house.send({ kind: 'delivery', from: 'S3', to: 'S4' });
  house.run(5);
  setMode(house.world, 'fire', 'command', house.now());
  house.run(90);
  const shelters = [...house.robots.values()].map((r) => r.node);
  assert.equal(new Set(shelters).size, 2);
  assert.ok(
    shelters.every((node) => ['s0', 's2', 'c1'].includes(node)),
    shelters.join(),
  );
  setMode(house.world, 'moving', 'command', house.now());
  house.run(150);
  assert.equal(house.closed.get(mission.mission)?.mission.state, 'done');
});

test('a robot that stands idle in the only way makes way, and goes back', () => {
  // h0 and s1 lie on either side of c1, which is the home of r1: nobody gets past while it stands there.
  const house = houseOnPaper(siteOf({ robots: [robotAt('r0', 'h0'), robotAt('r1', 'c2')] }), layout, 3);
  const { mission } = house.send({ kind: 'delivery', from: 'S1', to: 'S5' });
  house.run(200);
  assert.equal(
    house.closed.get(mission.mission)?.mission.state,
    'done',
    [...house.world.units.values()].map((u) => `${u.id}: ${u.waitsFor}`).join(),
  );
  assert.equal(house.robots.get('r1')!.node, 'c2');
});

const twoFloors = layoutOf(
  [
    ['home', 0, 0],
    ['lobby1', 3, 0],
    ['cabin1', 6, 0],
    ['pharmacy', 3, 4],
    ['lobby2', 3, 0, 'F2'],
    ['cabin2', 6, 0, 'F2'],
    ['bed', 0, 0, 'F2'],
  ],
  [
    ['home', 'lobby1'],
    ['lobby1', 'pharmacy'],
    ['lobby1', 'cabin1'],
    ['lobby2', 'cabin2'],
    ['lobby2', 'bed'],
  ],
  { pharmacy: 'pharmacy', bed: 'bed' },
);
const lifts = [
  {
    id: 'L1',
    name: { en: 'Lift', 'zh-CN': '电梯' },
    stops: [
      { floor: 'F1', node: 'cabin1' },
      { floor: 'F2', node: 'cabin2' },
    ],
  },
];

test('a lift is boarded only while it stands here, open and held for the robot, and is let go afterwards', () => {
  const site = siteOf({ robots: [robotAt('r0', 'home')], lifts, doors: [{ id: 'D1', edges: ['lobby2>bed', 'bed>lobby2'], zones: [] }] });
  const house = houseOnPaper(site, twoFloors, 5);
  const robot = house.robots.get('r0')!;
  const { mission } = house.send({ kind: 'delivery', from: 'pharmacy', to: 'bed' });
  const cabins = new Map([
    ['cabin1', 'F1'],
    ['cabin2', 'F2'],
  ]);
  house.run(200, () => {
    const next = robot.isDriving ? robot.leg!.steps[robot.passed + 1]! : undefined;
    if (!next || (!cabins.has(next.node) && !cabins.has(robot.node))) return;
    const lift = house.world.lifts.get('L1')!;
    assert.equal(lift.session, 'r0');
    assert.equal(lift.doors, 'open');
    assert.equal(lift.floor, next.floor);
  });
  assert.equal(house.closed.get(mission.mission)?.mission.state, 'done');
  house.run(60);
  assert.equal(robot.node, 'home');
  assert.equal(house.world.lifts.get('L1')!.session, undefined);
});

test('a lift out of service keeps the robot waiting with the reason, and the mission counts as stuck', () => {
  const house = houseOnPaper(siteOf({ robots: [robotAt('r0', 'home')], lifts }), twoFloors, 5);
  house.world.lifts.set('L1', { ...house.world.lifts.get('L1')!, mode: 'out_of_service' });
  const { mission } = house.send({ kind: 'delivery', from: 'pharmacy', to: 'bed' });
  house.run(150);
  assert.match(house.world.missions.get(mission.mission)!.mission.because!, /lift L1 is out of service/);
  assert.ok(findingsOf(house.world, [], house.now()).some((f) => f.kind === 'mission_stuck' && f.subject === mission.mission));
});

test('a disinfection keeps the doors closed, and stops at once when one opens', () => {
  const zones = [
    { id: 'room', name: { en: 'Room', 'zh-CN': '病房' }, floor: 'F1', kind: 'room' as const, rectangle: [2, 3, 4, 5] as never },
  ];
  const doors = [{ id: 'D1', edges: ['lobby1>pharmacy', 'pharmacy>lobby1'], zones: ['room'] }];
  const house = houseOnPaper(siteOf({ robots: [robotAt('uv', 'home', 'disinfection')], zones, doors }), twoFloors, 5);
  const { mission } = house.send({ kind: 'disinfection', zone: 'room' });
  const unit = house.world.units.get('uv')!;
  for (let s = 0; s < 60 && unit.leg?.action === undefined; s++) house.run(1);
  assert.equal(unit.leg?.action?.kind, 'disinfect');
  assert.equal(house.world.doors.get('D1')!.state, 'closed');
  house.world.doors.set('D1', { ...house.world.doors.get('D1')!, state: 'moving' });
  house.run(0.1);
  assert.equal(unit.leg?.isCancelled, true);
  const ended = house.world.missions.get(mission.mission);
  assert.equal(ended, undefined);
  house.run(1);
  assert.equal(house.closed.get(mission.mission)!.mission.because, 'disinfection stopped: door D1 is moving');
});
