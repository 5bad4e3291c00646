import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeOf } from '../map/nav-graph.ts';
import { holdsOf } from './routing.ts';
import { corridor, robotAt, siteOf } from './test-layouts.ts';
import { type HouseOnPaper, houseOnPaper, seeded } from './testbed.ts';

/** Nobody holds what another holds, and nobody is where another is. */
function checkAlone(house: HouseOnPaper): void {
  const held = new Map<string, string>();
  for (const unit of house.world.units.values())
    for (const resource of new Set(holdsOf(house.world.graph, unit))) {
      assert.equal(held.get(resource), undefined, `${unit.id} and ${held.get(resource)} both hold ${resource}`);
      held.set(resource, unit.id);
    }
  for (const robot of house.robots.values()) {
    const resource = nodeOf(house.world.graph, robot.node).resource;
    if (!robot.isDriving) assert.equal(held.get(resource), robot.robot, `${robot.robot} stands on ${resource}, which it does not hold`);
    const edge = house.world.graph.edges.get(robot.nextEdge ?? '');
    if (edge) assert.equal(held.get(edge.resource), robot.robot, `${robot.robot} drives in ${edge.resource}, which it does not hold`);
  }
}

type Trouble = 'none' | 'kills' | 'faults';

function randomRun(seed: number, trouble: Trouble): { house: HouseOnPaper; sent: number; seconds: number } {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const { layout, homes, stations } = corridor(5 + Math.floor(random() * 6));
  const robots = homes.filter(() => random() < 0.6).slice(0, 7);
  if (robots.length === 0) robots.push(homes[0]!);
  const house = houseOnPaper(siteOf({ robots: robots.map((home, i) => robotAt(`r${i}`, home)) }), layout, seed);
  let sent = 0;
  let seconds = 0;
  while (sent < 10 || (house.world.missions.size > 0 && seconds < 6000)) {
    if (sent < 10 && random() < 0.4) {
      const from = pick(stations);
      const to = pick(stations.filter((s) => s !== from));
      house.send({ kind: 'delivery', from, to });
      sent++;
    }
    if (trouble === 'kills' && random() < 0.7) house.crashAtNextWrite(random() < 0.5 ? 'before' : 'after');
    if (trouble === 'faults') disturb(house, random);
    house.run(5, () => checkAlone(house));
    seconds += 5;
  }
  return { house, sent, seconds };
}

test('robots in a corridor too narrow to pass never meet, and every delivery ends', () => {
  for (let seed = 1; seed <= 30; seed++) checkRun(seed, 'none');
});

test('a process killed at any write loses no mission and repeats no hand-over', () => {
  for (let seed = 101; seed <= 120; seed++) checkRun(seed, 'kills');
});

test('robots that break down and come back hold up the others only for a while', () => {
  for (let seed = 201; seed <= 220; seed++) checkRun(seed, 'faults');
});

/** Breaks a robot now and then, by a fault or a lost connection, and mends it. */
function disturb(house: HouseOnPaper, random: () => number): void {
  for (const robot of house.robots.values()) {
    const isDown = robot.fault !== undefined || robot.connection !== 'online';
    if (isDown && random() < 0.25) {
      robot.fault = undefined;
      robot.connection = 'online';
    } else if (!isDown && random() < 0.04) {
      if (random() < 0.5) robot.fault = 'wheel blocked';
      else robot.connection = 'broken';
    }
  }
}

function checkRun(seed: number, trouble: Trouble): void {
  const { house, sent, seconds } = randomRun(seed, trouble);
  const states = [...house.closed.values()].map((r) => `${r.mission.state} ${r.mission.because ?? ''}`);
  const done = states.filter((s) => s.startsWith('done')).length;
  assert.equal(done, sent, `seed ${seed}: ${states.join('; ')} after ${seconds} s; ${waits(house)}`);
  const acts = [...house.robots.values()].flatMap((robot) => [...robot.acted.values()]);
  assert.deepEqual(acts, Array(2 * sent).fill(1), `seed ${seed}: each mission loads once and hands over once`);
}

const waits = (house: HouseOnPaper): string => [...house.world.units.values()].map((u) => `${u.id}: ${u.waitsFor ?? '-'}`).join('; ');
