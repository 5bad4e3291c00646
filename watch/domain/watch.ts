import type { Finding } from '#contracts/findings.ts';
import type { Reading, ReadingBatch } from '#contracts/readings.ts';
import type { Instant } from '#contracts/units.ts';
import type { DeviceStatus, EdgeStatus, Infusion, Location, Occupancy, Order, Placement, Presence } from '#contracts/ward-state.ts';
import { createDeadlines } from './deadlines.ts';
import { createDeviceState, type DeviceState } from './device-state.ts';
import type { EdgeState } from './edge-state.ts';
import { createEpisodes } from './episodes.ts';
import { createEquipment, type Equipment } from './equipment.ts';
import { NO_FIGURES } from './figures.ts';
import type { HouseMap } from './house-map.ts';
import { createLine, estimate, figuresOf, judge, type Line } from './line.ts';
import { createLineVoice, type LineVoice } from './line-voice.ts';
import { createLocations } from './locations.ts';
import { createPresences } from './presence.ts';
import { createReadings } from './readings.ts';

export interface WatchOptions {
  readonly map: HouseMap;
  readonly now: Instant;
  /** The last finding of every key, present or absent, as it was kept on disk. */
  readonly findings: Iterable<Finding>;
  readonly sayFinding: (finding: Finding) => void;
  readonly sayInfusion: (infusion: Infusion) => void;
  readonly sayLocation: (location: Location) => void;
  readonly sayPresence: (presence: Presence) => void;
  /** Tells a sender (an edge agent, or a device that speaks for itself) what was refused. */
  readonly sayRefused: (sender: string, because: string) => void;
}

/** Keeps the state of every line, device, edge agent and tag of a house and says what changes. Its time is the `now` of each call. */
export interface Watch {
  batch(ward: string, edge: string, batch: ReadingBatch, now: Instant): void;
  single(ward: string, device: string, reading: Omit<Reading, 'device'>, now: Instant): void;
  order(ward: string, bed: string, line: string, order: Order | undefined, now: Instant): void;
  placement(ward: string, device: string, placement: Placement | undefined, now: Instant): void;
  occupancy(ward: string, bed: string, occupancy: Occupancy | undefined, now: Instant): void;
  edgeStatus(edge: string, status: EdgeStatus, now: Instant): void;
  deviceStatus(device: string, status: DeviceStatus, now: Instant): void;
  /** Last known figures out of our own retained messages; before `settle` only. */
  restoreInfusion(infusion: Infusion): void;
  restoreLocation(location: Location): void;
  /** Orders, placements and occupancies are known now: what was restored and no longer holds is ended, every line is said. */
  settle(now: Instant): void;
  /** Runs the deadlines that are due. */
  tick(now: Instant): void;
  /** The findings that are present. */
  present(): Iterable<Finding>;
  owns(ward: string, bed: string, line: string): boolean;
  /** Is the tag of the site file, or worn in a bed? A wristband is known only once occupancies are. */
  knows(tag: string): boolean;
}

/** The same refusal is told once a minute. */
const REFUSAL_MS = 60_000;
const REFUSALS_MAX = 10_000;
const lineKey = (ward: string, bed: string, line: string) => `${ward}/${bed}/${line}`;

export function createWatch(options: WatchOptions): Watch {
  const { map, now: startedAt, sayFinding, sayInfusion, sayLocation, sayPresence, sayRefused } = options;
  const deadlines = createDeadlines();
  const episodes = createEpisodes(options.findings, sayFinding);
  const lines = new Map<string, Line>();
  const voices = new Map<Line, LineVoice>();
  const edges = new Map<string, EdgeState>();
  const devices = new Map<string, DeviceState>();
  const lineOfOrder = new Map<string, Line>();
  /** Order that restored figures belong to. */
  const restoredFor = new Map<Line, string | undefined>();
  const refusedAt = new Map<string, number>();
  let isSettled = false;
  let equipment: Equipment;

  for (const [ward, beds] of map.lines)
    for (const [bed, names] of beds)
      for (const name of names) {
        const line = createLine(ward, bed, name, map.limits.get(ward)!);
        lines.set(lineKey(ward, bed, name), line);
        voices.set(line, createLineVoice(line, deadlines, sayInfusion));
      }
  for (const [id, { ward }] of map.edges) {
    const edge: EdgeState = {
      id,
      ward,
      devices: [],
      heardAt: startedAt,
      offlineSince: undefined,
      isLost: false,
      lostReadings: undefined,
      lossSaidAt: 0,
      scheduledAt: Number.POSITIVE_INFINITY,
      wake: (now) => equipment.wakeEdge(edge, now),
    };
    edges.set(id, edge);
  }
  for (const plan of map.devices.values()) {
    const edge = edges.get(plan.edge);
    if (!edge) continue;
    const device = createDeviceState(plan, edge, startedAt, (one, now) => equipment.wakeDevice(one, now));
    devices.set(plan.id, device);
    edge.devices.push(device);
  }

  const evaluate = (line: Line, now: Instant, at?: Instant) => {
    estimate(line, now);
    if (isSettled || line.order) judge(line, at ?? line.figures.measuredAt ?? now, episodes);
    if (isSettled) voices.get(line)!.consider(now);
  };
  const refuse = (sender: string, about: string, because: string, now: Instant) => {
    const key = `${sender}/${about}`;
    if (now - (refusedAt.get(key) ?? Number.NEGATIVE_INFINITY) < REFUSAL_MS) return;
    if (refusedAt.size >= REFUSALS_MAX) refusedAt.clear();
    refusedAt.set(key, now);
    sayRefused(sender, because);
  };
  equipment = createEquipment({ episodes, deadlines, limits: map.limits, evaluate });
  const locations = createLocations({ map, episodes, say: sayLocation });
  const presences = createPresences({ sensors: map.roomSensors, say: sayPresence });
  const readings = createReadings({ devices, edges, equipment, locations, presences, evaluate, refuse });

  // What was present before a restart is present now: each part knows it as if it had said it itself.
  for (const { kind, ward, subject, bed, line } of episodes.present()) {
    const place = bed === undefined || line === undefined ? undefined : lines.get(lineKey(ward, bed, line));
    const device = devices.get(subject);
    const edge = edges.get(subject);
    if (kind === 'sensor_silent' && device) device.isSilent = true;
    else if (kind === 'device_fault' && device) device.isFaulty = true;
    else if (kind === 'battery_low' && device) device.isBatteryLow = true;
    else if (kind === 'edge_lost' && edge) edge.isLost = true;
    else if (kind === 'readings_lost' && edge) edge.lossSaidAt = startedAt;
    else if (place?.subject.subject === subject) place.present.add(kind);
  }
  for (const edge of edges.values()) deadlines.ensure(edge, startedAt + map.limits.get(edge.ward)!.edgeLostMs);

  return {
    batch: readings.batch,
    single: readings.single,
    order(ward, bed, name, order, now) {
      const line = lines.get(lineKey(ward, bed, name));
      if (!line) return;
      const before = line.order;
      line.order = order;
      if (before && lineOfOrder.get(before.order) === line && before.order !== order?.order) lineOfOrder.delete(before.order);
      if (order && before?.order !== order.order) {
        // An infusion that moved with its patient goes on with what is known of it; another order starts anew.
        const from = lineOfOrder.get(order.order);
        if (from && from !== line) [line.figures, line.anchor] = [{ ...from.figures, quality: staleOf(from.figures.quality) }, undefined];
        else if (before || isSettled || restoredFor.get(line) !== order.order) [line.figures, line.anchor] = [NO_FIGURES, undefined];
      }
      if (order) lineOfOrder.set(order.order, line);
      if (before?.state !== order?.state) for (const device of line.devices) equipment.moved(device, now);
      evaluate(line, now, now);
    },
    placement(ward, id, placement, now) {
      const device = devices.get(id);
      if (device?.ward !== ward) return;
      const bed = placement?.bed;
      const names = bed === undefined ? undefined : map.lines.get(ward)?.get(bed);
      // Where a bed has one line, that is the one meant.
      const name = placement?.line ?? (names?.length === 1 ? names[0] : undefined);
      const next = bed === undefined || name === undefined ? undefined : lines.get(lineKey(ward, bed, name));
      const from = device.line;
      device.bed = bed;
      if (from === next) return;
      from?.devices.delete(device);
      next?.devices.add(device);
      device.line = next;
      // What it measured at the old line says nothing of the new one.
      device.sources.length = 0;
      equipment.moved(device, now);
      if (from) evaluate(from, now, now);
      if (next) evaluate(next, now, now);
    },
    occupancy: locations.occupancy,
    edgeStatus(id, status, now) {
      const edge = edges.get(id);
      if (edge && edge.ward === status.ward) equipment.edgeStatus(edge, status, now);
    },
    deviceStatus(id, status, now) {
      const device = devices.get(id);
      if (device && device.ward === status.ward) equipment.deviceStatus(device, status, now);
    },
    restoreInfusion(infusion) {
      const line = lines.get(lineKey(infusion.ward, infusion.bed, infusion.line));
      if (line?.figures !== NO_FIGURES || (line.order && line.order.order !== infusion.order)) return;
      line.figures = figuresOf(infusion);
      restoredFor.set(line, infusion.order);
    },
    restoreLocation: locations.restore,
    settle(now) {
      isSettled = true;
      restoredFor.clear();
      locations.settle(now);
      for (const finding of [...episodes.present()])
        if (isHomeless(finding)) episodes.close(finding.kind, subjectOf(finding), { at: now, evidence: [] });
      for (const device of devices.values()) if (device.line?.order?.state !== 'running' && device.line) equipment.moved(device, now);
      for (const line of lines.values()) evaluate(line, now, now);
    },
    tick(now) {
      deadlines.run(now);
      presences.tick(now);
    },
    present: () => episodes.present(),
    owns: (ward, bed, line) => lines.has(lineKey(ward, bed, line)),
    knows: locations.knows,
  };

  /** Of a bed, device or edge that the site file no longer has. */
  function isHomeless({ kind, ward, subject, bed, line }: Finding): boolean {
    if (kind === 'tag_left_ward' || kind === 'bag_wrong_patient') return false;
    if (kind === 'edge_lost' || kind === 'readings_lost') return edges.get(subject)?.ward !== ward;
    if (kind === 'sensor_silent' || kind === 'device_fault' || kind === 'battery_low') return devices.get(subject)?.ward !== ward;
    return bed === undefined || line === undefined || !lines.has(lineKey(ward, bed, line));
  }
}

const staleOf = (quality: Infusion['quality']): Infusion['quality'] => (quality === 'unknown' ? 'unknown' : 'stale');
const subjectOf = ({ ward, subject, bed, line }: Finding) => ({
  ward,
  subject,
  ...(bed === undefined ? {} : { bed }),
  ...(line === undefined ? {} : { line }),
});
