import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '#simulators/random.ts';
import { type Infusion, infusion, type LineOrder } from './infusion.ts';

const order: LineOrder = {
  kind: 'bag',
  nominalMl: 500,
  densityGramsPerMl: 1.0046,
  tareGrams: 26,
  setWeightGrams: 8,
  rateMlPerHour: 120,
  delivery: 'gravity',
  dropsPerMl: 20,
  nearEmptyMl: 30,
};

const minute = 60_000;
function runFor(line: Infusion, ms: number, onDrop?: () => void): void {
  for (let t = 0; t < ms; t += 100) line.advance(100, onDrop);
}

describe('infusion', () => {
  it('runs at the ordered rate within 10 % while the nurse makes her rounds, and drops agree with volume and weight', () => {
    const line = infusion(order, random(1), 0.9);
    const [startMl, startGrams] = [line.remainingMl, line.hookGrams];
    let dropped = 0;
    runFor(line, 60 * minute, () => dropped++);
    const moved = startMl - line.remainingMl;
    assert.ok(Math.abs(moved / 120 - 1) < 0.1, `${moved} mL`);
    assert.ok(Math.abs(dropped / 20 / moved - 1) < 0.015, `${dropped} drops for ${moved} mL`);
    assert.ok(Math.abs((startGrams - line.hookGrams) / 1.0046 / moved - 1) < 1e-9);
  });

  it('slows down as the level falls when nobody sets the clamp', () => {
    const line = infusion({ ...order, rateMlPerHour: 1000 }, random(2));
    runFor(line, minute);
    const early = line.flowMlPerHour;
    runFor(line, 2 * minute);
    assert.ok(line.flowMlPerHour < early, `${line.flowMlPerHour} ${early}`);
    assert.ok(line.flowMlPerHour > early * 0.8);
  });

  it('is overfilled by 3 to 8 % and keeps a residue', () => {
    for (let seed = 0; seed < 50; seed++) {
      const line = infusion(order, random(seed));
      const share = line.container!.liquidMl / 500;
      assert.ok(share >= 1.03 && share < 1.08, `${share}`);
      assert.ok(line.remainingMl < line.container!.liquidMl);
    }
  });

  it('empties, is taken away and changed by the nurse within some minutes', () => {
    const line = infusion(order, random(3));
    line.drainTo(1);
    const seen = new Set<string>();
    for (let t = 0; t < 10 * minute; t += 100) {
      line.advance(100);
      seen.add(line.phase);
      if (line.phase === 'no_bag') assert.equal(line.hookGrams, 0);
      if (line.phase === 'empty') assert.equal(line.remainingMl, 0);
    }
    assert.deepEqual([...seen], ['running', 'empty', 'no_bag', 'hung']);
    assert.ok(line.phase === 'running' && line.remainingMl > 440);
  });

  it('stalls and runs free for as long as it is told', () => {
    const line = infusion(order, random(4), 0.8);
    line.begin('stall', 2 * minute);
    const before = line.remainingMl;
    runFor(line, 119_000);
    assert.equal(line.remainingMl, before);
    runFor(line, 2000);
    assert.ok(line.flowMlPerHour > 100);
    line.begin('free_flow', minute);
    line.advance(100);
    assert.ok(line.flowMlPerHour > 2.5 * 120, `${line.flowMlPerHour}`);
  });

  it('a pump keeps its rate, alarms when the line is blocked and goes to keep-vein-open at its end', () => {
    const line = infusion({ ...order, delivery: 'pump', rateMlPerHour: 100 }, random(5));
    runFor(line, 6 * minute);
    assert.ok(Math.abs(line.pump!.infusedMl - 10) < 0.1, `${line.pump!.infusedMl}`);
    line.begin('occlusion', 5 * minute);
    runFor(line, minute);
    assert.equal(line.pump!.alarm, 'occlusion');
    assert.equal(line.flowMlPerHour, 0);
    runFor(line, 5 * minute);
    assert.equal(line.pump!.mode, 'infusing');
    line.drainTo(0.5);
    runFor(line, minute);
    assert.equal(line.pump!.mode, 'kvo');
  });

  it('is the same for the same seed', () => {
    const [a, b] = [infusion(order, random(6)), infusion(order, random(6))];
    runFor(a, 5 * minute);
    runFor(b, 5 * minute);
    assert.equal(a.hookGrams, b.hookGrams);
  });
});
