import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadSite } from '#runtime/site.ts';
import { random } from '#simulators/random.ts';
import { readRecords } from '#simulators/records.ts';
import { type Crowd, crowd } from './crowd.ts';
import { houseMap } from './house-map.ts';
import { antennaPoint, inventory } from './radio.ts';

const loaded = loadSite(join(import.meta.dirname, '../../sites/demo/site.yaml'));
const { site } = loaded;
const { occupancy } = readRecords(loaded);
const people = (seed: number) => crowd(site, occupancy, () => undefined, random(seed));
function run(of: Crowd, seconds: number): void {
  for (let t = 0; t < seconds * 4; t++) of.advance(250);
}

describe('house map', () => {
  const map = houseMap(site.zones ?? []);
  it('leads from a bed through corridors and lift to the other floor, never through another room', () => {
    const way = map.route('w1-r01', 'w2-r04').map(({ space }) => space);
    assert.equal(way.at(-1)?.id, 'w2-r04');
    assert.ok(way.some(({ kind }) => kind === 'lift'));
    for (const { id, kind } of way.slice(0, -1)) assert.ok(kind === 'corridor' || kind === 'lift', id);
  });
  it('has a way from everywhere to everywhere', () => {
    for (const from of map.spaces.keys())
      for (const to of map.spaces.keys()) if (from !== to) assert.ok(map.route(from, to).length > 0, `${from} ${to}`);
  });
});

describe('crowd', () => {
  it('keeps patients mostly in their rooms, while staff move', () => {
    const all = people(1);
    const own = new Map(
      occupancy.map(({ ward, bed, tag }) => [tag, site.wards.find((w) => w.id === ward)?.beds.find((b) => b.id === bed)?.zone]),
    );
    const staff = (site.tags ?? []).filter(({ kind }) => kind === 'staff').map(({ id }) => id);
    const seenByStaff = new Set<string>();
    let inRoom = 0;
    let looks = 0;
    for (let minute = 0; minute < 120; minute++) {
      run(all, 60);
      for (const [tag, zone] of own) {
        looks++;
        if (all.walkers.get(tag)?.space.id === zone) inRoom++;
      }
      for (const id of staff) seenByStaff.add(all.walkers.get(id)!.space.id);
    }
    assert.ok(inRoom / looks > 0.85 && inRoom < looks, `${inRoom} of ${looks}`);
    assert.ok(seenByStaff.size > 8);
  });

  it('lets a patient wander out of the ward and come back', () => {
    const all = people(2);
    const tag = all.wander('w1', 60_000)!;
    const home = all.walkers.get(tag)!.space.id;
    const seen = new Set<string | undefined>();
    for (let s = 0; s < 300; s++) {
      run(all, 1);
      seen.add(all.walkers.get(tag)!.space.ward);
    }
    assert.ok(seen.has(undefined), [...seen].join());
    assert.equal(all.walkers.get(tag)!.space.id, home);
  });

  it('leaves the free room of the demo empty, until somebody is sent there', () => {
    const all = people(3);
    for (let minute = 0; minute < 60; minute++) {
      run(all, 60);
      assert.equal(all.isOccupied('w1-r06'), false);
    }
    assert.equal(all.send(occupancy[0]!.tag, 'w1-r06'), true);
    run(all, 120);
    assert.equal(all.isOccupied('w1-r06'), true);
    assert.equal(all.send('nobody', 'w1-r06'), false);
  });
});

describe('radio', () => {
  it('hears a tag in its own room far better than through the wall', () => {
    const all = people(4);
    const map = houseMap(site.zones ?? []);
    const r = random(5);
    const count = (zone: string) => {
      const antenna = antennaPoint(map.spaces.get(zone)!, 0, 1);
      let own = 0;
      let foreign = 0;
      for (let round = 0; round < 400; round++)
        for (const { epc } of inventory(antenna, all.tagsOn('F1'), r)) {
          if (all.walkers.get(epc)!.space.id === zone) own++;
          else foreign++;
        }
      return { own, foreign };
    };
    const { own, foreign } = count('w1-r01');
    const inside = all.tagsOn('F1').filter(({ space }) => space.id === 'w1-r01').length;
    assert.ok(inside > 0 && own > 0.7 * 400 * inside, `${own} reads of ${inside} tags`);
    assert.ok(foreign > 0 && foreign < own / 2, `${foreign} of ${own}`);
  });
});
