import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant, millilitres, millilitresPerHour, millimetresOfMercury } from '#contracts/units.ts';
import { createPumpState } from './pump.ts';
import { type PumpEstimate, type PumpEventKind, type PumpRow, pumpStatuses } from './pump-estimate.ts';

const row = (
  second: number,
  changes: { infused?: number; pressure?: number; clock?: number; status?: PumpRow['status']; rate?: number } = {},
): PumpRow => ({
  receivedAt: instant(second * 1000),
  deviceAt: instant((changes.clock ?? second + 37) * 1000),
  status: changes.status ?? 'infusing',
  rateMlPerHour: millilitresPerHour(changes.rate ?? 36),
  toInfuseMl: millilitres(Math.max(0, 100 - second * 0.01)),
  infusedMl: millilitres(changes.infused ?? second * 0.01),
  pressureMmHg: millimetresOfMercury(changes.pressure ?? 20 + (second % 3)),
});

const anyRow = fc.record(
  {
    receivedAt: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.double()),
    deviceAt: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.double()),
    status: fc.constantFrom(...pumpStatuses),
    isBatteryLow: fc.boolean(),
    rateMlPerHour: fc.double(),
    toInfuseMl: fc.double(),
    infusedMl: fc.double(),
    pressureMmHg: fc.double(),
  },
  { requiredKeys: ['receivedAt', 'status'] },
) as unknown as fc.Arbitrary<PumpRow>;

function assertSound(estimate: PumpEstimate): void {
  for (const value of [estimate.rateMlPerHour, estimate.infusedMl, estimate.remainingMl, estimate.flowMlPerHour]) {
    assert.ok(value === undefined || (Number.isFinite(value) && value >= 0), `${value} is no amount`);
  }
}

test('whatever rows come, nothing is negative, nothing is no number and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
      const pump = createPumpState();
      let delivered = 0;
      for (const each of rows) {
        const estimate = pump.step(each);
        assertSound(estimate);
        assert.ok((estimate.infusedMl ?? 0) >= delivered - 1e-9, 'delivered volume fell');
        delivered = estimate.infusedMl ?? delivered;
        assertSound(pump.tick(each.receivedAt));
      }
    }),
  );
});

test('repeated and late rows change no figure', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 30 }), (again) => {
      const plain = createPumpState();
      const noisy = createPumpState();
      for (let second = 0; second < 100; second += 1) {
        const expected = plain.step(row(second));
        noisy.step(row(second));
        for (const late of again.filter((each) => each < second && each % 7 === second % 7)) {
          noisy.step({ ...row(late), receivedAt: instant(second * 1000 + 10) });
        }
        const { infusedMl, remainingMl } = noisy.tick(instant(second * 1000 + 20));
        assert.deepEqual({ infusedMl, remainingMl }, { infusedMl: expected.infusedMl, remainingMl: expected.remainingMl });
      }
    }),
  );
});

test('delivered volume goes on across a cleared counter, and the clearing is told once', () => {
  const pump = createPumpState();
  const told: PumpEventKind[] = [];
  let last: PumpEstimate | undefined;
  for (let second = 0; second < 200; second += 1) {
    last = pump.step(row(second, { infused: second < 100 ? 500 + second * 0.1 : (second - 100) * 0.1 }));
    told.push(...last.events.map(({ kind }) => kind));
  }
  assert.deepEqual(told, ['counter_reset']);
  assert.ok(Math.abs(last!.infusedMl! - 19.8) < 0.2);
});

test('a pump clock that is set back does not stop the account', () => {
  const pump = createPumpState();
  for (let second = 0; second < 60; second += 1) pump.step(row(second));
  let last: PumpEstimate | undefined;
  for (let second = 60; second < 80; second += 1) last = pump.step(row(second, { clock: second + 7 }));
  assert.ok(Math.abs(last!.infusedMl! - 0.79) < 0.02);
  assert.ok(Math.abs(last!.clockOffset! - 7000) < 100);
});

test('an even rise of the pressure is an occlusion long before the limit, a cough is none', () => {
  const pump = createPumpState();
  const closedAt = 200;
  let detectedAt: number | undefined;
  for (let second = 0; second < 320 && detectedAt === undefined; second += 1) {
    const isCough = second >= 100 && second < 112;
    const pressure = second < closedAt ? (isCough ? 90 : 20) : 20 + (second - closedAt) * 6;
    const { state, events } = pump.step(row(second, { pressure: pressure + (second % 2) }));
    if (events.some(({ kind }) => kind === 'occlusion')) detectedAt = second;
    assert.ok(second >= closedAt || state === 'infusing', `occluded at ${second} s without reason`);
  }
  assert.ok(detectedAt !== undefined && detectedAt - closedAt < 40, `detected at ${detectedAt}`);
});

test('a minute of silence is told once and the state is unknown; with the battery low before, the pump is off', () => {
  for (const isBatteryLow of [false, true]) {
    const pump = createPumpState();
    pump.step({ ...row(0), isBatteryLow });
    const told: string[] = [];
    let state = '';
    for (let second = 1; second < 200; second += 1) {
      const estimate = pump.tick(instant(second * 1000));
      told.push(...estimate.events.map(({ kind, at }) => `${kind} ${at / 1000}`));
      state = estimate.state;
    }
    assert.deepEqual(told, ['comm_lost 60']);
    assert.equal(state, isBatteryLow ? 'off' : 'unknown');
  }
});
