import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { instant, milliseconds } from '#contracts/units.ts';
import { virtualClock } from '#runtime/clock.ts';
import { loadSite } from '#runtime/site.ts';
import { type Hospital, hospital, live } from './hospital.ts';
import { readRecords } from './records.ts';

const demo = loadSite(join(import.meta.dirname, '../sites/demo/site.yaml'));
const records = readRecords(demo);
const picture = Buffer.from('picture');

function open(seed: number, timeFactor = 1) {
  const clock = virtualClock(instant(Date.UTC(2026, 0, 1)));
  const of: Hospital = hospital(demo, records, {
    seed,
    clock,
    timeFactor,
    pictures: (_, filling) => (filling === undefined ? Buffer.alloc(0) : picture),
  });
  live(of, clock);
  return { clock, of };
}
const byState = ({ lines }: Hospital, isSo: (key: string) => boolean) => [...lines.keys()].filter(isSo);

describe('simulated hospital', () => {
  it('has a wire for every device of the site, and a picture for every camera', () => {
    const { of } = open(1);
    for (const { id, driver } of demo.site.devices ?? []) {
      if (driver === 'http-jpeg') assert.ok(of.picture(id), id);
      else assert.ok(of.devices.has(id), id);
    }
    assert.equal(of.picture('nothing'), undefined);
  });

  it('shows a bag near empty, a stall and a wandering patient within two minutes, and is calm elsewhere', () => {
    for (const seed of [1, 2, 4711]) {
      const { clock, of } = open(seed);
      const isLow = (key: string) => of.lines.get(key)!.remainingMl <= of.lines.get(key)!.order.nearEmptyMl;
      assert.deepEqual(byState(of, isLow), []);
      let hasWandered = false;
      for (let s = 0; s < 120; s++) {
        clock.advance(milliseconds(1000));
        hasWandered ||= records.occupancy.some(({ tag, ward }) => ward === 'w1' && of.crowd.walkers.get(tag)?.space.ward === undefined);
      }
      assert.equal(byState(of, isLow).length, 1);
      assert.ok(byState(of, (key) => of.lines.get(key)!.trouble === 'stall').length >= 1);
      assert.ok(byState(of, (key) => of.lines.get(key)!.trouble !== undefined).length <= 3);
      assert.ok(hasWandered);
    }
  });

  it('makes a scale and a drip counter of one line tell the same story', () => {
    const { clock, of } = open(3);
    const heard: Record<string, string> = {};
    const connect = (id: string) =>
      of.devices.get(id)!.connect((bytes) => {
        heard[id] = (heard[id] ?? '') + Buffer.from(bytes as Uint8Array).toString('latin1');
      });
    const scale = connect('w1-02-scale');
    connect('w1-02-drip');
    const weigh = () => {
      heard['w1-02-scale'] = '';
      scale.receive(Buffer.from('SI\r\n'));
      return Number(/(\d+\.\d) g/.exec(heard['w1-02-scale'])?.[1]);
    };
    const before = weigh();
    heard['w1-02-drip'] = '';
    clock.advance(milliseconds(600_000));
    const lost = before - weigh();
    const drops = heard['w1-02-drip'].split('\r\n').filter((line) => line.startsWith('D,')).length;
    const { densityGramsPerMl, dropsPerMl } = of.lines.get('w1/02/1')!.order;
    assert.ok(Math.abs(drops / dropsPerMl - lost / densityGramsPerMl) < 0.7, `${drops} drops, ${lost} g`);
  });

  it('runs infusions faster by the time factor', () => {
    const [slow, fast] = [open(8), open(8, 10)];
    const flowed = ({ of, clock }: ReturnType<typeof open>) => {
      const line = of.lines.get('w2/01/1')!;
      const before = line.remainingMl;
      clock.advance(milliseconds(30_000));
      return before - line.remainingMl;
    };
    const ratio = flowed(fast) / flowed(slow);
    assert.ok(Math.abs(ratio - 10) < 0.3, `${ratio}`);
  });
});
