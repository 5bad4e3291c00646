import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mission } from '#contracts/fleet.ts';
import { instant } from '#contracts/units.ts';
import { missionsAt } from '#tests/e2e/console-scene.ts';
import { endsOf, grouped } from './missions.ts';
import { placesOf, search } from './places.ts';
import { project } from './projection.ts';
import { bursts, FUNDAMENTAL_HZ, HARMONICS } from './pulses.ts';

describe('auditory signals (IEC 60601-1-8)', () => {
  it('have 10 pulses for high, 3 for medium, 1 or 2 for low', () => {
    assert.equal(bursts.high.starts.length, 10);
    assert.equal(bursts.medium.starts.length, 3);
    assert.ok(bursts.low.starts.length <= 2);
  });
  it('do not overlap, and high comes again sooner than medium', () => {
    for (const { starts, pulseS, repeatS } of Object.values(bursts)) {
      for (const [i, start] of starts.entries()) if (i > 0) assert.ok(start >= (starts[i - 1] as number) + pulseS);
      if (repeatS !== undefined) assert.ok(repeatS > (starts.at(-1) as number) + pulseS);
    }
    assert.ok((bursts.high.repeatS as number) < (bursts.medium.repeatS as number));
  });
  it('group the high burst as three and two, twice', () => {
    const gaps = bursts.high.starts.slice(1).map((start, i) => start - (bursts.high.starts[i] as number));
    assert.ok((gaps[2] as number) > (gaps[0] as number));
    assert.ok((gaps[4] as number) > (gaps[2] as number));
    assert.ok(Math.abs((gaps[7] as number) - (gaps[2] as number)) < 1e-9);
  });
  it('sound with a fundamental of 150 to 1000 Hz and four harmonics below 4000 Hz', () => {
    assert.ok(FUNDAMENTAL_HZ >= 150 && FUNDAMENTAL_HZ <= 1000);
    assert.ok(HARMONICS.filter((strength, n) => n > 1 && strength > 0 && n * FUNDAMENTAL_HZ <= 4000).length >= 4);
  });
});

describe('missions on the board', () => {
  const now = instant(1_800_000_000_000);
  const missions = missionsAt(now);
  it('stand under late, waiting, under way', () => {
    assert.deepEqual(
      grouped(missions, now).map(([group, list]) => [group, list.map((mission) => mission.mission)]),
      [
        ['late', ['m-2']],
        ['waiting', ['m-3']],
        ['under_way', ['m-1', 'm-4']],
      ],
    );
  });
  it('leave the board when they are over', () => {
    const over = missions.map((mission): Mission => ({ ...mission, state: 'done' }));
    assert.ok(grouped(over, now).every(([, list]) => list.length === 0));
  });
  it('go from their first place to their last', () => {
    assert.deepEqual(endsOf(missions[0] as Mission), { from: 'pharmacy', to: 'bed-w1-02' });
    assert.deepEqual(endsOf(missions[3] as Mission), { from: undefined, to: 'w2-r03' });
  });
});

describe('places to send a robot to', () => {
  const site = {
    wards: [
      {
        id: 'w1',
        name: { en: 'Surgery', 'zh-CN': '外科' },
        nearEmptyMl: 30,
        beds: [
          { id: '07', lines: ['1'], station: 'bed-w1-07' },
          { id: '17', lines: ['1'], station: 'bed-w1-17' },
        ],
      },
    ],
  };
  const stations = [
    { id: 'pharmacy', name: 'Pharmacy' },
    { id: 'bed-w1-07', name: 'x' },
    { id: 'bed-w2-01', name: 'bed of another ward' },
  ];
  const places = placesOf(site, stations, 'en', (ward, bed) => `${ward} bed ${bed}`);
  it('are the own beds and the public stations', () => {
    assert.deepEqual(
      places.map((place) => place.station),
      ['pharmacy', 'bed-w1-07', 'bed-w1-17'],
    );
  });
  it('are found by number, ward and name, the exact number first', () => {
    assert.deepEqual(
      search(places, '07').map((place) => place.bed),
      ['07'],
    );
    assert.equal(search(places, 'pharm')[0]?.station, 'pharmacy');
    assert.equal(search(places, 'surg 17')[0]?.bed, '17');
    assert.equal(search(places, '  ').length, 0);
  });
});

describe('projection of a floor', () => {
  it('fills the width, turns y upside down, and never shrinks below what can be read', () => {
    const map = project({ x0: -5, y0: -10, x1: 45, y1: 10 }, 1000, 8);
    assert.equal(map.scale, 20);
    assert.deepEqual([map.x(-5), map.y(10), map.x(45), map.y(-10)], [0, 0, 1000, 400]);
    assert.equal(project({ x0: 0, y0: 0, x1: 100, y1: 10 }, 390, 8).scale, 8);
  });
});
