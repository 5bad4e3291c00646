import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decibels, instant } from '#contracts/units.ts';
import { createBedWatch } from './bed-watch.ts';
import { createPatientFlow } from './milestones.ts';
import type { TagRead, ZoneOptions } from './zone-change.ts';
import { createZones } from './zones.ts';

const OPTIONS: ZoneOptions = {
  antennas: [
    { reader: 'corridor', antenna: 1, zone: 'corridor', kind: 'door' },
    { reader: 'room', antenna: 1, zone: 'room', kind: 'bed' },
    { reader: 'room', antenna: 2, zone: 'room', kind: 'bed' },
    { reader: 'room', antenna: 3, zone: 'room', kind: 'door' },
    { reader: 'store', antenna: 1, zone: 'store', kind: 'zone' },
  ],
  doors: [
    ['corridor', 'room'],
    ['corridor', 'store'],
  ],
};
const read = (second: number, reader: string, antenna: number, rssi: number, tag = 'T1'): TagRead => ({
  at: instant(Math.round(second * 1000)),
  tag,
  reader,
  antenna,
  rssiDbm: decibels(rssi),
});

const anyRead = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 4_000_000 }), fc.double()),
  tag: fc.constantFrom('T1', 'T2', 'T3'),
  reader: fc.constantFrom('corridor', 'room', 'store', 'elsewhere'),
  antenna: fc.integer({ min: 0, max: 4 }),
  rssiDbm: fc.oneof(fc.integer({ min: -90, max: -20 }), fc.double()),
}) as unknown as fc.Arbitrary<TagRead>;

test('whatever reads come, moves follow on each other, are decided after they happened, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(anyRead, { maxLength: 200 }), (reads) => {
      const zones = createZones(OPTIONS);
      const at = new Map<string, string | undefined>();
      for (const each of reads) {
        for (const change of [...zones.step(each), ...zones.tick(each.at)]) {
          assert.equal(change.from, at.get(change.tag));
          assert.notEqual(change.zone, change.from);
          assert.ok(change.decidedAt >= change.at && Number.isFinite(change.at));
          at.set(change.tag, change.zone);
        }
      }
      for (const tag of zones.tags()) {
        assert.equal(tag.zone, at.get(tag.tag));
        assert.ok(tag.reads > 0 && Number.isFinite(tag.rssiDbm));
      }
    }),
  );
});

test('a tag moves within seconds and a few stray reads do not move it', () => {
  const zones = createZones(OPTIONS);
  const moves: string[] = [];
  for (let second = 0; second < 300; second += 3) {
    const isStray = second % 30 === 0 && second > 0;
    const reads = second < 150 ? (isStray ? read(second, 'room', 3, -70) : read(second, 'corridor', 1, -58)) : read(second, 'room', 1, -55);
    for (const { zone, decidedAt } of zones.step(reads)) moves.push(`${zone}@${decidedAt / 1000}`);
  }
  assert.equal(moves.length, 2);
  assert.equal(moves[0], 'corridor@0');
  assert.match(moves[1]!, /^room@15[0-9]$/);
});

test('a tag parked in a doorway, read from both sides, stays where it is', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }), (sides) => {
      const zones = createZones(OPTIONS);
      for (let second = 0; second < 60; second += 3) zones.step(read(second, 'corridor', 1, -55));
      let moves = 0;
      sides.forEach((isOther, index) => {
        const at = 60 + index * 3;
        // The corridor's side is heard some 6 dB better.
        moves += zones.step(isOther && index % 2 === 0 ? read(at, 'room', 3, -66) : read(at, 'corridor', 1, -60)).length;
      });
      assert.ok(moves <= 1, `${moves} moves`);
    }),
    { numRuns: 30 },
  );
});

test('a silent tag is nowhere after its limit, and somewhere again with its next read', () => {
  const zones = createZones({ ...OPTIONS, silenceLimit: 45_000 as NonNullable<ZoneOptions['silenceLimit']> });
  zones.step(read(0, 'store', 1, -60));
  assert.deepEqual(zones.tick(instant(44_000)), []);
  const [lost] = zones.tick(instant(46_000));
  assert.equal(lost!.zone, undefined);
  assert.equal(lost!.from, 'store');
  assert.equal(zones.step(read(90, 'store', 1, -60))[0]!.zone, 'store');
});

test("a patient's way is stated once each, also when the theatre was left unseen", () => {
  const flow = createPatientFlow({ preop: new Set(['preop']), theatre: new Set(['or']), recovery: new Set(['pacu']) }, 'ward');
  const way = ['ward', 'preop', 'or', undefined, 'pacu', 'corridor', 'ward', 'preop'];
  const reached = way.flatMap((zone, index) => flow.step(zone, instant(index)).map(({ milestone }) => milestone));
  assert.deepEqual(reached, ['enter_preop', 'enter_or', 'leave_or', 'enter_pacu', 'leave_pacu', 'back_on_ward']);
});

test("a bag at the neighbour's bed is told once; one at its own bed or passing by is not", () => {
  const beds = createBedWatch([
    { bed: 'A', room: 'room', antennas: [{ reader: 'room', antenna: 1 }] },
    { bed: 'B', room: 'room', antennas: [{ reader: 'room', antenna: 2 }] },
  ]);
  beds.expect('wrong', 'A');
  beds.expect('right', 'B');
  const told: string[] = [];
  for (const tag of ['wrong', 'right']) beds.moved(tag, 'room', instant(0));
  for (let second = 1; second < 600; second += 4) {
    beds.read(read(second, 'room', 2, -55, 'wrong'));
    beds.read(read(second, 'room', second < 60 ? 1 : 2, -55, 'right'));
    told.push(...beds.tick(instant(second * 1000)).map(({ tag, bed }) => `${tag} at ${bed}`));
  }
  assert.deepEqual(told, ['wrong at B']);
});
