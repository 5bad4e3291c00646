import type { Reading, ReadingBatch } from '#contracts/readings.ts';
import { type Instant, instant } from '#contracts/units.ts';
import type { DeviceState } from './device-state.ts';
import type { EdgeState } from './edge-state.ts';
import type { Equipment } from './equipment.ts';
import { FIXED } from './limits.ts';
import type { Line } from './line.ts';
import type { Locations } from './locations.ts';
import type { Presences } from './presence.ts';
import { createSource, isNews, renew, type SourceValue } from './source.ts';

export interface ReadingsPorts {
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly edges: ReadonlyMap<string, EdgeState>;
  readonly equipment: Equipment;
  readonly locations: Locations;
  readonly presences: Presences;
  /** The line has new readings: work it out and judge it. */
  readonly evaluate: (line: Line, now: Instant) => void;
  /** Tells the sender what was refused, seldom enough for a person to read. */
  readonly refuse: (edge: string, about: string, because: string, now: Instant) => void;
}

export interface Readings {
  /** Takes one batch of an edge agent; touches its own lines only. */
  batch(ward: string, edge: string, batch: ReadingBatch, now: Instant): void;
  /** Takes one reading of a device that speaks for itself. */
  single(ward: string, device: string, reading: Omit<Reading, 'device'>, now: Instant): void;
}

export function createReadings(ports: ReadingsPorts): Readings {
  const { devices, edges, equipment, locations, presences, evaluate, refuse } = ports;
  const touched: Line[] = [];

  function take(device: DeviceState, reading: Reading, shiftMs: number, now: Instant): void {
    const { value } = reading;
    const measuredAt = instant(Math.min(reading.measuredAt + shiftMs, now));
    const stream = value.kind === 'tag' ? `tag ${value.tag}` : value.kind;
    const mark = device.marks.get(stream);
    if (!isNews(mark, reading, measuredAt)) return;
    if (mark) {
      mark.sequence = reading.sequence;
      mark.measuredAt = Math.max(mark.measuredAt, measuredAt);
    } else device.marks.set(stream, { sequence: reading.sequence, measuredAt });
    const isFresh = now - measuredAt <= device.silentAfterMs;
    if (value.kind === 'fault') {
      if (isFresh) equipment.fault(device, value.fault, measuredAt);
      if (isFresh) presences.faulty(device.id, now);
    } else {
      if (value.kind === 'tag') locations.seen(device.id, device.edge.id, value, measuredAt, now);
      else if (value.kind === 'presence') presences.seen(device.id, value.isPresent, measuredAt, now);
      else takeMeasurement(device, value, measuredAt);
      if (isFresh) equipment.spoke(device, value, measuredAt, now);
    }
    const { line } = device;
    if (line && !line.isTouched) {
      line.isTouched = true;
      touched.push(line);
    }
  }

  function takeMeasurement(device: DeviceState, value: SourceValue, measuredAt: Instant): void {
    const { kind } = value;
    for (const source of device.sources) {
      if (source.kind !== kind) continue;
      renew(source, value, measuredAt);
      return;
    }
    if (kind === 'level' && !device.isPeriodKnown) device.silentAfterMs = Math.max(device.silentAfterMs, FIXED.levelSilentMs);
    device.sources.push(createSource(device.id, value, measuredAt));
  }

  function evaluateTouched(now: Instant): void {
    for (const line of touched) {
      line.isTouched = false;
      evaluate(line, now);
    }
    touched.length = 0;
  }

  return {
    batch(ward, edgeId, batch, now) {
      const edge = edges.get(edgeId);
      if (!edge || edge.ward !== ward || batch.edge !== edgeId) {
        refuse(edgeId, '', `edge ${batch.edge} of ward ${ward} is not in the site file as such`, now);
        return;
      }
      equipment.heard(edge, now);
      if (batch.isBacklog) return;
      const aheadMs = batch.sentAt - now;
      const isAhead = aheadMs > FIXED.clockAheadMs;
      if (isAhead) refuse(edgeId, 'clock', `its clock is ${Math.round(aheadMs / 1000)} s ahead: times were set back`, now);
      const shiftMs = isAhead ? -aheadMs : 0;
      for (const reading of batch.readings) {
        const device = devices.get(reading.device);
        if (device?.edge === edge) take(device, reading, shiftMs, now);
        else {
          const because = device ? `belongs to edge ${device.edge.id}` : 'is not in the site file';
          refuse(edgeId, reading.device, `device ${reading.device} ${because}: its readings are refused`, now);
        }
      }
      evaluateTouched(now);
    },
    single(ward, id, reading, now) {
      const device = devices.get(id);
      if (device?.ward !== ward) {
        refuse(id, id, `device ${id} is not in the site file as one of ward ${ward}: its readings are refused`, now);
        return;
      }
      equipment.heard(device.edge, now);
      take(device, { device: id, ...reading }, 0, now);
      evaluateTouched(now);
    },
  };
}
