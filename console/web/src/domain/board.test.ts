import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alarm } from '#contracts/alarms.ts';
import { instant } from '#contracts/units.ts';
import type { Infusion } from '#contracts/ward-state.ts';
import { alarmOf, infusionOf } from '#tests/e2e/console-scene.ts';
import { bedView, freshnessOf, nextHour, worstFirst } from './board.ts';

const now = instant(1_800_000_000_000);
const bed = (id: string, given: { infusion?: Infusion; alarms?: Alarm[]; lines?: string[]; state?: 'free' | 'occupied' }) =>
  bedView('w1', { id, lines: given.lines ?? ['1'] }, now, {
    infusion: (line) => (given.infusion?.line === line ? given.infusion : undefined),
    occupancy: { schema: 'occupancy.v1', ward: 'w1', bed: id, state: given.state ?? 'occupied', at: now },
    alarms: given.alarms ?? [],
  });
const running = (id: string, remaining: number, flow = 60) => infusionOf(now, 'w1', id, '1', { remaining, flow });
const alarm = (id: string, kind: Alarm['kind'], rest: Partial<Alarm> = {}) =>
  alarmOf(now, kind, { ward: 'w1', subject: `${id}.1`, bed: id, line: '1' }, { sinceMs: 1000, ...rest });

describe('ward board', () => {
  it('puts the worst first: alarms by priority, answered ones after, then who is empty next, free beds last', () => {
    const beds = [
      bed('01', { state: 'free' }),
      bed('02', { infusion: running('02', 300) }),
      bed('03', { infusion: running('03', 50), alarms: [alarm('03', 'near_empty', { annunciation: 'acknowledged' })] }),
      bed('04', { infusion: running('04', 100) }),
      bed('05', { infusion: running('05', 400), alarms: [alarm('05', 'stalled')] }),
      bed('06', { infusion: running('06', 0, 0), alarms: [alarm('06', 'empty')] }),
      bed('07', { infusion: infusionOf(now, 'w1', '07', '1', { quality: 'unknown' }) }),
      bed('08', {}),
    ];
    assert.deepEqual(
      beds.sort(worstFirst).map((one) => one.bed),
      ['06', '05', '03', '04', '02', '07', '08', '01'],
    );
  });

  it('makes a tile grow with urgency', () => {
    assert.equal(bed('01', { infusion: running('01', 300) }).size, 'calm');
    assert.equal(bed('01', { infusion: running('01', 20) }).size, 'soon');
    assert.equal(bed('01', { infusion: running('01', 300), alarms: [alarm('01', 'sensor_silent')] }).size, 'soon');
    assert.equal(bed('01', { alarms: [alarm('01', 'stalled', { annunciation: 'acknowledged' })] }).size, 'soon');
    assert.equal(bed('01', { alarms: [alarm('01', 'stalled')] }).size, 'now');
  });

  it('looks first at the line that alarms', () => {
    const second = infusionOf(now, 'w1', '01', '2', { remaining: 400, flow: 10 });
    const view = bedView('w1', { id: '01', lines: ['1', '2'] }, now, {
      infusion: (line) => (line === '1' ? running('01', 20) : second),
      occupancy: undefined,
      alarms: [alarm('01', 'occlusion', { line: '2' })],
    });
    assert.equal(view.first?.line, '2');
    assert.equal(view.occupancy, 'unknown');
    assert.equal(view.emptyAt, now + 20 * 60_000);
  });

  it('lists what ends within the hour, next first', () => {
    const beds = [
      bed('01', { infusion: running('01', 50) }),
      bed('02', { infusion: running('02', 10) }),
      bed('03', { infusion: running('03', 61) }),
    ];
    assert.deepEqual(
      nextHour(beds, now).map((end) => end.bed.bed),
      ['02', '01'],
    );
  });
});

describe('freshness', () => {
  const infusion = running('01', 100);
  it('is lost when the source is silent, the screen cut off, the watch down, or the figure simply old', () => {
    assert.deepEqual(freshnessOf(infusion, now, undefined, undefined), { isFresh: true });
    assert.equal(freshnessOf({ ...infusion, quality: 'stale' }, now, undefined, undefined).isFresh, false);
    assert.equal(freshnessOf(infusion, now, now, undefined).isFresh, false);
    assert.equal(freshnessOf(infusion, now, undefined, now).isFresh, false);
    assert.equal(freshnessOf(infusion, now + 121_000, undefined, undefined).isFresh, false);
  });
  it('keeps a camera live between two pictures', () => {
    assert.ok(freshnessOf({ ...infusion, measuredAt: instant(now - 60_000) }, now, undefined, undefined).isFresh);
  });
});
