import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '#contracts/units.ts';
import { corridor, robotAt, siteOf } from '../dispatch/test-layouts.ts';
import { importLif } from '../map/import-lif.ts';
import { type Candidate, canServe, chooseRobot } from './allocation.ts';
import { assign, close, giveBack, isLoaded, type MissionRecord, phaseDone, phaseOf, wind } from './mission.ts';
import { planMission } from './plan-mission.ts';
import { yes } from './verdict.ts';

const now = instant(1_800_000_000_000);
const { layout } = corridor(3);
const { graph } = importLif(layout, {});
const site = siteOf({
  pharmacyStation: 'S0',
  wards: [{ id: 'w1', name: { en: 'W', 'zh-CN': '病区' }, beds: [{ id: '01', station: 'S2', zone: 'room' }] }],
  zones: [
    { id: 'room', name: { en: 'Room', 'zh-CN': '病房' }, floor: 'F1', kind: 'room', rectangle: [5, 1, 7, 3] as never },
    { id: 'yard', name: { en: 'Yard', 'zh-CN': '院' }, floor: 'F1', kind: 'outside', rectangle: [50, 50, 60, 60] as never },
  ],
  doors: [{ id: 'D1', edges: ['c2>s2'], zones: ['room', 'yard'] }],
  robots: [robotAt('r1', 'h0')],
});

const delivery = (): MissionRecord => {
  const planned = planMission({ kind: 'delivery', ward: 'w1', bed: '01' }, site, graph);
  assert.ok(planned.ok);
  return {
    nodes: [],
    mission: {
      schema: 'mission.v1',
      mission: 'm1',
      kind: 'delivery',
      state: 'waiting',
      phases: planned.phases,
      isUrgent: false,
      requestedBy: 'nurse',
      createdAt: now,
      revision: 1,
      at: now,
      isClosed: false,
    },
  };
};
const nodes = ['s0', 's0', 's2', 's2'];
const steps = ({ mission }: MissionRecord) => mission.phases.map((p) => `${p.kind} ${p.place} ${p.state}`);

test('a bed becomes a delivery from the pharmacy with a hand-over, and a disinfection of its room', () => {
  assert.deepEqual(steps(delivery()), ['go S0 planned', 'load S0 planned', 'go S2 planned', 'hand_over S2 planned']);
  const planned = planMission({ kind: 'disinfection', ward: 'w1', bed: '01' }, site, graph);
  assert.ok(planned.ok && planned.zone === 'room');
});

test('a wish that cannot be met is refused in words', () => {
  const because = (wish: Parameters<typeof planMission>[0]) => {
    const planned = planMission(wish, site, graph);
    return planned.ok ? 'planned' : planned.because;
  };
  assert.match(because({ kind: 'delivery' }), /needs a station to go to/);
  assert.match(because({ kind: 'delivery', to: 'S9' }), /no station S9/);
  assert.match(because({ kind: 'delivery', from: 'S1', to: 'S1' }), /moves nothing/);
  assert.match(because({ kind: 'delivery', ward: 'w1', bed: '99' }), /no bed 99/);
  assert.match(because({ kind: 'disinfection', zone: 'attic' }), /no zone attic/);
  assert.match(because({ kind: 'disinfection', zone: 'yard' }), /no node of the layout lies in yard/);
});

test('phases follow one another to the end', () => {
  let record = assign(delivery(), 'r1', nodes, now);
  assert.equal(record.mission.state, 'under_way');
  for (const kind of ['go', 'load', 'go', 'hand_over']) {
    assert.equal(phaseOf(record)!.kind, kind);
    record = phaseDone(record, now);
  }
  assert.equal(record.mission.state, 'done');
  assert.equal(record.mission.isClosed, true);
});

test('cancelled before loading it ends at once; after that the load goes back first', () => {
  const onTheWay = assign(delivery(), 'r1', nodes, now);
  assert.equal(wind(onTheWay, 'cancelled', 'cancelled by nurse', now).mission.isClosed, true);
  const loaded = phaseDone(phaseDone(onTheWay, now), now);
  assert.equal(isLoaded(loaded), true);
  const back = wind(loaded, 'cancelled', 'cancelled by nurse', now);
  assert.equal(back.mission.isClosed, false);
  assert.deepEqual(steps(back).slice(2), ['go S2 failed', 'hand_over S2 skipped', 'go S0 under_way', 'unload S0 planned']);
  assert.deepEqual(back.nodes.slice(4), ['s0', 's0']);
  const ended = phaseDone(phaseDone(back, now), now);
  assert.equal(ended.mission.state, 'cancelled');
  assert.equal(isLoaded(ended), false);
});

test('given back it begins anew, and a closed one keeps what it reached', () => {
  const record = giveBack(phaseDone(assign(delivery(), 'r1', nodes, now), now), 'taken from r1', now);
  assert.equal(record.mission.robot, undefined);
  assert.ok(steps(record).every((s) => s.endsWith('planned')));
  assert.deepEqual(steps(close(assign(delivery(), 'r1', nodes, now), 'failed', 'why', now))[0], 'go S0 failed');
});

const robot = (id: string, of: Partial<Candidate> = {}): Candidate => ({
  id,
  kind: 'delivery',
  connection: 'online',
  mode: 'automatic',
  batteryPercentMin: 20,
  isFaulty: false,
  node: 'c0',
  ...of,
});

test('a robot that cannot serve says why', () => {
  const because = (of: Partial<Candidate>) => {
    const verdict = canServe(robot('r1', of), { kind: 'delivery' });
    return verdict.ok ? 'can' : verdict.because;
  };
  assert.equal(because({}), 'can');
  assert.equal(because({ batteryPercent: 12 as never }), 'r1 has 12 % of the 20 % needed');
  assert.equal(because({ mode: 'manual' }), 'r1 is in manual mode');
  assert.equal(because({ connection: 'broken' }), 'r1 is not connected');
  assert.equal(because({ kind: 'disinfection' }), 'r1 is a disinfection robot');
  assert.equal(because({ isFaulty: true }), 'r1 has a fault');
});

test('the nearest able robot by path cost is chosen', () => {
  const costs = new Map([
    ['c0', 30],
    ['c1', 10],
  ]);
  const choice = chooseRobot(
    [robot('r1'), robot('r2', { node: 'c1' }), robot('r3', { node: 'c1', mode: 'manual' })],
    { kind: 'delivery' },
    costs,
    () => yes,
  );
  assert.ok(choice.ok && choice.robot.id === 'r2' && choice.costSeconds === 10);
  const none = chooseRobot([robot('r1', { mission: 'm7' })], { kind: 'delivery' }, costs, () => yes);
  assert.ok(!none.ok && none.because === 'no robot is free: r1 is on mission m7');
});
