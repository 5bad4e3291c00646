import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '#contracts/units.ts';
import type { Occupancy } from '#contracts/ward-state.ts';
import { T0, tag, watchWard } from '#tests/watch-ward.ts';

const occupied = (ward: string, bed: string, patient?: string, wears?: string): Occupancy => ({
  schema: 'occupancy.v1',
  ward,
  bed,
  state: patient === undefined ? 'free' : 'occupied',
  ...(patient === undefined ? {} : { patient }),
  ...(wears === undefined ? {} : { tag: wears }),
  at: T0,
});

test('a location is said when the zone changes and every 10 s, with ward, floor and home', () => {
  const ward = watchWard();
  for (let i = 0; i < 25; i++) {
    ward.read({ reader: tag('band', 'room1') });
    ward.pass(1);
  }
  assert.equal(ward.said.locations.length, 3);
  const [first] = ward.said.locations;
  assert.deepEqual(
    [first?.zone, first?.ward, first?.floor, first?.homeWard, first?.bed, first?.since],
    ['room1', 'w1', 'f1', 'w1', 'b1', T0],
  );
  ward.read({ reader: tag('band', 'room2') });
  assert.equal(ward.said.locations.at(-1)?.zone, 'room2');
});

test('a patient who leaves the ward is told by the home ward, and back again', () => {
  const ward = watchWard();
  ward.watch.occupancy('w1', 'b2', occupied('w1', 'b2', 'p7', 'wrist-7'), ward.now);
  ward.read({ reader: tag('wrist-7', 'room2') });
  ward.pass(5);
  ward.read({ reader2: tag('wrist-7', 'room9') }, { edge: 'e2' });
  const [finding] = ward.said.findings;
  assert.deepEqual([finding?.ward, finding?.bed, finding?.subject, finding?.evidence[0]?.value], ['w1', 'b2', 'wrist-7', 'room9']);
  assert.equal(ward.told(), 'tag_left_ward+1');
  ward.pass(5);
  ward.read({ reader: tag('wrist-7', 'room2') });
  assert.equal(ward.told(), 'tag_left_ward-1');
});

test('a transfer to where the patient is ends the finding in the ward where it began', () => {
  const ward = watchWard();
  ward.watch.occupancy('w1', 'b2', occupied('w1', 'b2', 'p7', 'wrist-7'), ward.now);
  ward.read({ reader2: tag('wrist-7', 'room9') }, { edge: 'e2' });
  ward.watch.occupancy('w1', 'b2', occupied('w1', 'b2'), ward.now);
  ward.watch.occupancy('w2', 'b1', occupied('w2', 'b1', 'p7', 'wrist-7'), ward.now);
  assert.deepEqual(
    ward.said.findings.map(({ ward: w, isPresent }) => [w, isPresent]),
    [
      ['w1', true],
      ['w1', false],
    ],
  );
});

test('another edge takes a tag over when it is stronger there or the first has lost it', () => {
  const ward = watchWard();
  ward.read({ reader: tag('band', 'room1', -50) });
  ward.pass(1);
  ward.read({ reader2: tag('band', 'room9', -48) }, { edge: 'e2' });
  assert.equal(ward.said.locations.at(-1)?.zone, 'room1');
  ward.read({ reader2: tag('band', 'room9', -40) }, { edge: 'e2' });
  assert.equal(ward.said.locations.at(-1)?.zone, 'room9');
  ward.pass(4);
  ward.read({ reader: tag('band', 'room1', -70) });
  assert.equal(ward.said.locations.at(-1)?.zone, 'room1');
});

test('a bag in the room of another patient is at the wrong one, until it is not or the patient is there', () => {
  const ward = watchWard();
  ward.watch.occupancy('w1', 'b1', occupied('w1', 'b1', 'p2'), ward.now);
  ward.read({ reader: tag('bag', 'room1') });
  assert.equal(ward.told(), 'bag_wrong_patient+1');
  ward.pass(1);
  ward.read({ reader: tag('bag', 'room2') });
  assert.equal(ward.told(), 'bag_wrong_patient-1');
  ward.pass(1);
  ward.read({ reader: tag('bag', 'room1') });
  assert.equal(ward.told(), 'bag_wrong_patient+2');
  ward.watch.occupancy('w1', 'b1', occupied('w1', 'b1', 'p1'), ward.now);
  assert.equal(ward.told(), 'bag_wrong_patient-2');
});

test('foreign tags, unknown zones, late and repeated sightings change nothing', () => {
  const ward = watchWard();
  ward.pass(5);
  ward.read({ reader: tag('foreign', 'room1') });
  ward.read({ reader: tag('band', 'room1') });
  ward.read({ reader: tag('band', 'room2') }, { measuredAt: instant(ward.now - 3000) });
  ward.read({ reader: tag('band', 'nowhere') });
  assert.deepEqual(
    ward.said.locations.map(({ zone }) => zone),
    ['room1'],
  );
});
