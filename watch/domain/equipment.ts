import type { FaultCode } from '#contracts/faults.ts';
import type { Finding } from '#contracts/findings.ts';
import type { ReadingValue } from '#contracts/readings.ts';
import { type Instant, instant } from '#contracts/units.ts';
import type { DeviceStatus, EdgeStatus } from '#contracts/ward-state.ts';
import type { Deadlines } from './deadlines.ts';
import type { DeviceState } from './device-state.ts';
import type { EdgeState } from './edge-state.ts';
import type { Episodes, Subject } from './episodes.ts';
import { FIXED, type Limits } from './limits.ts';
import type { Line } from './line.ts';

type Evidence = Finding['evidence'];

export interface EquipmentPorts {
  readonly episodes: Episodes;
  readonly deadlines: Deadlines;
  readonly limits: ReadonlyMap<string, Limits>;
  readonly evaluate: (line: Line, now: Instant) => void;
}

/** Findings about devices and edge agents: silent, faulty, low on battery, lost. */
export interface Equipment {
  /** A measurement came. */
  spoke(device: DeviceState, value: ReadingValue, measuredAt: Instant, now: Instant): void;
  fault(device: DeviceState, fault: FaultCode, at: Instant): void;
  heard(edge: EdgeState, now: Instant): void;
  edgeStatus(edge: EdgeState, status: EdgeStatus, now: Instant): void;
  deviceStatus(device: DeviceState, status: DeviceStatus, now: Instant): void;
  /** A device has waited long enough: the next time to look, if any. */
  wakeDevice(device: DeviceState, now: Instant): number | undefined;
  wakeEdge(edge: EdgeState, now: Instant): number | undefined;
  /** The device was placed elsewhere or its order has ended. */
  moved(device: DeviceState, now: Instant): void;
}

const edgeSubject = ({ ward, id }: EdgeState): Subject => ({ ward, subject: id });

export function createEquipment({ episodes, deadlines, limits, evaluate }: EquipmentPorts): Equipment {
  const subjectOf = ({ ward, id, bed, line }: DeviceState): Subject => ({
    ward,
    subject: id,
    ...(bed === undefined ? {} : { bed }),
    ...(line ? { line: line.subject.line } : {}),
  });
  const says = (device: DeviceState, what: string, value: number | string, measuredAt: Instant): Evidence => [
    { source: device.id, what, value, measuredAt },
  ];
  const edgeLostMs = (ward: string) => limits.get(ward)?.edgeLostMs ?? 10_000;
  const isGone = (edge: EdgeState) => edge.isLost || edge.offlineSince !== undefined;

  function silent(device: DeviceState, evidence: Evidence, at: Instant, value: number): void {
    device.isSilent = true;
    episodes.open('sensor_silent', subjectOf(device), { at, value, limit: device.silentAfterMs, unit: 'ms', evidence });
  }
  function speaksAgain(device: DeviceState, evidence: Evidence, at: Instant): void {
    if (!device.isSilent) return;
    device.isSilent = false;
    episodes.close('sensor_silent', subjectOf(device), { at, evidence });
  }
  function endFault(device: DeviceState, at: Instant): void {
    device.fault = undefined;
    if (!device.isFaulty) return;
    device.isFaulty = false;
    episodes.close('device_fault', subjectOf(device), { at, evidence: says(device, 'readings', 'good', at) });
  }
  function battery(device: DeviceState, isLow: boolean, at: Instant, value?: number): void {
    if (device.isBatteryLow === isLow) return;
    device.isBatteryLow = isLow;
    const grounds = {
      at,
      evidence: says(device, value === undefined ? 'isBatteryLow' : 'batteryPercent', value ?? String(isLow), at),
      ...(value === undefined ? {} : { value, limit: FIXED.batteryLowPercent, unit: '%' }),
    };
    if (isLow) episodes.open('battery_low', subjectOf(device), grounds);
    else episodes.close('battery_low', subjectOf(device), grounds);
  }
  function lose(edge: EdgeState, at: Instant, what: string, value: number): void {
    if (edge.isLost) return;
    edge.isLost = true;
    const limit = edgeLostMs(edge.ward);
    episodes.open('edge_lost', edgeSubject(edge), { at, value, limit, unit: 'ms', evidence: [{ source: edge.id, what, value }] });
  }
  /** Devices of an edge that speak: silence of all of them at once is the edge's, silence of the only one may be its own. */
  function speaking(edge: EdgeState): { count: number; allowanceMs: number } {
    let count = 0;
    let shortest = Number.POSITIVE_INFINITY;
    for (const device of edge.devices) {
      if (device.sources.length === 0 || device.isSilent) continue;
      count++;
      shortest = Math.min(shortest, device.silentAfterMs);
    }
    return { count, allowanceMs: Math.max(edgeLostMs(edge.ward), FIXED.edgeWordMs, (shortest * 2) / 3) };
  }
  function back(edge: EdgeState, now: Instant): void {
    if (edge.isLost) {
      edge.isLost = false;
      episodes.close('edge_lost', edgeSubject(edge), { at: now, evidence: [{ source: edge.id, what: 'state', value: 'online' }] });
    }
    // Nobody could hear them while the edge was away: their time starts anew.
    for (const device of edge.devices) {
      device.waitsSince = now;
      if (device.line) deadlines.ensure(device, now + device.silentAfterMs);
    }
  }
  const hear = (edge: EdgeState, now: Instant) => {
    edge.heardAt = now;
    deadlines.ensure(edge, now + edgeLostMs(edge.ward));
  };

  return {
    spoke(device, value, measuredAt, now) {
      if (measuredAt > device.waitsSince) device.waitsSince = measuredAt;
      if (device.isSilent) speaksAgain(device, says(device, 'stream', value.kind, measuredAt), measuredAt);
      if (device.line && device.scheduledAt === Number.POSITIVE_INFINITY) deadlines.ensure(device, now + device.silentAfterMs);
      if (value.kind === 'pump') battery(device, value.isBatteryLow, measuredAt);
      if ((device.isFaulty || device.fault !== undefined) && ++device.goodInARow >= FIXED.goodReadingsToClear) endFault(device, measuredAt);
    },
    fault(device, fault, at) {
      device.goodInARow = 0;
      if (fault === 'DEVICE_UNREACHABLE') return; // Its silence tells it; one cause, one finding.
      device.fault = fault;
      if (fault === 'PUMP_ALARM' && device.line) return; // Told as the line's `pump_alarm`.
      if (device.isFaulty) return;
      device.isFaulty = true;
      episodes.open('device_fault', subjectOf(device), { at, evidence: says(device, 'fault', fault, at) });
    },
    heard(edge, now) {
      if (isGone(edge)) {
        edge.offlineSince = undefined;
        back(edge, now);
      }
      hear(edge, now);
    },
    edgeStatus(edge, status, now) {
      const lost = status.outboxLostReadings;
      if (lost !== undefined) {
        const before = edge.lostReadings;
        edge.lostReadings = lost;
        if (before !== undefined && lost > before) {
          edge.lossSaidAt = now;
          const evidence = [{ source: edge.id, what: 'outboxLostReadings', value: lost, measuredAt: status.at }];
          episodes.open('readings_lost', edgeSubject(edge), { at: now, value: lost - before, unit: '1', evidence });
          deadlines.ensure(edge, now + FIXED.readingsLostHoldMs);
        }
      }
      if (status.state === 'online') {
        const wasGone = isGone(edge);
        edge.offlineSince = undefined;
        if (wasGone) back(edge, now);
        hear(edge, now);
      } else if (edge.offlineSince === undefined) {
        edge.offlineSince = now;
        deadlines.ensure(edge, now + edgeLostMs(edge.ward));
      }
    },
    deviceStatus(device, status, now) {
      const { batteryPercent } = status;
      if (batteryPercent !== undefined) {
        if (batteryPercent < FIXED.batteryLowPercent) battery(device, true, status.at, batteryPercent);
        else if (batteryPercent >= FIXED.batteryGoodPercent) battery(device, false, status.at, batteryPercent);
      }
      if (status.state === 'faulty' && !device.isFaulty) {
        device.isFaulty = true;
        episodes.open('device_fault', subjectOf(device), { at: status.at, evidence: says(device, 'state', 'faulty', status.at) });
      }
      if (status.state === 'online' && device.fault === undefined) endFault(device, status.at);
      // What measures a line is judged by its readings; a tag reader without tags in sight says nothing else than this.
      if (device.line) return;
      if (status.state === 'silent' || status.state === 'offline') {
        if (!isGone(device.edge))
          silent(device, says(device, 'state', status.state, status.at), status.at, now - (status.lastWordAt ?? status.at));
      } else speaksAgain(device, says(device, 'state', status.state, status.at), status.at);
    },
    wakeDevice(device, now) {
      const { line } = device;
      if (!line || isGone(device.edge)) {
        if (line) evaluate(line, now);
        return undefined;
      }
      const due = device.waitsSince + device.silentAfterMs;
      // Silence begins beyond the limit: at the limit itself a reading is still live.
      if (due >= now) return due + 1;
      if (line.order?.state === 'running' && !device.isSilent)
        silent(device, says(device, 'silentSince', device.waitsSince, instant(device.waitsSince)), now, now - device.waitsSince);
      evaluate(line, now);
      return undefined;
    },
    wakeEdge(edge, now) {
      const dues: number[] = [];
      if (edge.offlineSince !== undefined) {
        const due = edge.offlineSince + edgeLostMs(edge.ward);
        if (due <= now) lose(edge, now, 'offlineMs', now - edge.offlineSince);
        else dues.push(due);
      } else if (!edge.isLost) {
        const { count, allowanceMs } = speaking(edge);
        const due = edge.heardAt + allowanceMs;
        if (count >= 2 && due <= now) lose(edge, now, 'silentMs', now - edge.heardAt);
        else if (count >= 2) dues.push(due);
      }
      if (edge.lossSaidAt > 0) {
        const due = edge.lossSaidAt + FIXED.readingsLostHoldMs;
        if (due <= now) {
          edge.lossSaidAt = 0;
          const evidence = [{ source: edge.id, what: 'outboxLostReadings', value: edge.lostReadings ?? 0 }];
          episodes.close('readings_lost', edgeSubject(edge), { at: now, evidence });
        } else dues.push(due);
      }
      return dues.length > 0 ? Math.min(...dues) : undefined;
    },
    moved(device, now) {
      if (device.line?.order?.state === 'running') {
        device.waitsSince = Math.max(device.waitsSince, now);
        if (!device.isSilent) deadlines.ensure(device, now + device.silentAfterMs);
      } else speaksAgain(device, says(device, 'placement', device.bed ?? 'none', now), now);
    },
  };
}
