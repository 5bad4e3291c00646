import type { AlarmKindName } from '#contracts/alarm-kinds.ts';
import { alarmKinds } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';
import type { ServiceName } from '#contracts/commands.ts';
import type { Mission, Robot } from '#contracts/fleet.ts';
import { type Instant, instant, metres, millilitres, millilitresPerHour, percent, radians } from '#contracts/units.ts';
import type { Infusion } from '#contracts/ward-state.ts';
import type { ConsoleHouse } from './console-house.ts';

/** A moment in the demo hospital with something of everything, as the other services would say it on the bus. */

const MINUTE = 60_000;
type Line = Partial<Infusion> & { remaining?: number; flow?: number; volume?: number; bound?: number; agoMs?: number };

export function infusionOf(now: Instant, ward: string, bed: string, line: string, given: Line): Infusion {
  const { remaining, flow, volume = 500, bound, agoMs = 800, ...rest } = given;
  const emptyAt = remaining !== undefined && flow ? instant(now + (remaining / flow) * 60 * MINUTE) : undefined;
  return {
    schema: 'infusion.v1',
    ward,
    bed,
    line,
    state: 'running',
    volumeMl: millilitres(volume),
    nearEmptyMl: millilitres(30),
    ...(remaining === undefined ? {} : { remainingMl: millilitres(remaining) }),
    ...(bound === undefined ? {} : { remainingBoundMl: millilitres(bound) }),
    ...(flow === undefined ? {} : { flowMlPerHour: millilitresPerHour(flow), orderedRateMlPerHour: millilitresPerHour(flow) }),
    ...(emptyAt === undefined ? {} : { emptyAt }),
    sources: [
      { device: `${ward}-${bed}-scale`, kind: 'weight', measuredAt: instant(now - agoMs), isSilent: false },
      { device: `${ward}-${bed}-drip`, kind: 'drip', measuredAt: instant(now - agoMs), isSilent: false },
    ],
    quality: 'live',
    measuredAt: instant(now - agoMs),
    label: '0.9% NaCl 500 ml',
    at: now,
    ...rest,
  };
}

export function infusionsAt(now: Instant): Infusion[] {
  const one = (bed: string, given: Line, line = '1') => infusionOf(now, 'w1', bed, line, given);
  const camera = (bed: string) => [
    { device: `w1-${bed}-camera`, kind: 'level' as const, measuredAt: instant(now - 9000), isSilent: false },
  ];
  const pump = (bed: string) => [{ device: `w1-${bed}-pump`, kind: 'pump' as const, measuredAt: instant(now - 900), isSilent: false }];
  return [
    one('01', { remaining: 412, flow: 120 }),
    one('02', { remaining: 22, bound: 6, flow: 90 }),
    one('03', { remaining: 260, flow: 60, sources: camera('03'), bound: 18 }),
    one('03', { remaining: 31, flow: 5, volume: 50, sources: pump('03'), label: 'Heparin 50 ml' }, '2'),
    one('04', { remaining: 188, flow: 75, sources: pump('04') }),
    one('05', { remaining: 340, flow: 0, state: 'stalled' }),
    one('06', { remaining: 96, flow: 110, sources: camera('06'), bound: 20 }),
    one('07', { remaining: 142, flow: 100, quality: 'stale', agoMs: 3 * MINUTE, measuredAt: instant(now - 3 * MINUTE) }),
    one('08', { remaining: 0, flow: 0, state: 'empty' }),
    one('09', { remaining: 305, flow: 80, sources: camera('09') }),
    one('10', { state: 'unknown', quality: 'unknown', sources: [] }),
    one('11', { remaining: 71, flow: 60 }),
    ...['01', '03', '04', '05', '06', '08', '09', '10', '12'].map((bed, i) =>
      infusionOf(now, 'w2', bed, '1', { remaining: 60 + i * 47, flow: 60 + i * 6 }),
    ),
  ];
}

export function alarmOf(
  now: Instant,
  kind: AlarmKindName,
  at: { ward: string; subject: string; bed?: string; line?: string },
  given: Partial<Alarm> & { sinceMs: number },
): Alarm {
  const { sinceMs, ...rest } = given;
  const rule = alarmKinds[kind];
  const since = instant(now - sinceMs);
  return {
    schema: 'alarm.v1',
    alarm: `${kind}-${at.ward}-${at.subject}`,
    kind,
    ...at,
    priority: rule.priority,
    condition: 'present',
    annunciation: 'on',
    occurrence: 1,
    revision: 1,
    presentSince: since,
    raisedAt: since,
    at: since,
    decidedBy: 'flow',
    route: [...rule.route],
    escalation: 0,
    deliveries: [{ recipient: rule.route[0] ?? 'ward', state: 'delivered', at: since }],
    evidence: [],
    isClosed: false,
    ...rest,
  };
}

export function alarmsAt(now: Instant): Alarm[] {
  const bed = (id: string) => ({ ward: 'w1', subject: `${id}.1`, bed: id, line: '1' });
  return [
    alarmOf(now, 'empty', bed('08'), { sinceMs: 2.2 * MINUTE, escalation: 1, value: 0, unit: 'mL' }),
    alarmOf(now, 'stalled', bed('05'), { sinceMs: 4 * MINUTE }),
    alarmOf(now, 'near_empty', bed('02'), {
      sinceMs: 6 * MINUTE,
      annunciation: 'acknowledged',
      acknowledgedBy: 'nurse',
      acknowledgedAt: instant(now - 5 * MINUTE),
      value: 22,
      limit: 30,
      unit: 'mL',
    }),
    alarmOf(now, 'occlusion', bed('04'), { sinceMs: 20_000 }),
    alarmOf(now, 'rate_high', bed('09'), { sinceMs: 50_000 }),
    alarmOf(now, 'bag_removed', bed('05'), { sinceMs: 30_000 }),
    alarmOf(now, 'sensor_silent', bed('07'), { sinceMs: 3 * MINUTE }),
    alarmOf(now, 'rate_low', { ward: 'w2', subject: '04.1', bed: '04', line: '1' }, { sinceMs: MINUTE }),
    alarmOf(now, 'mission_stuck', { ward: 'house', subject: 'm-3' }, { sinceMs: 2 * MINUTE }),
  ];
}

export function robotsAt(now: Instant): Robot[] {
  const robot = (
    id: string,
    kind: Robot['kind'],
    x: number,
    y: number,
    theta: number,
    floor: string,
    battery: number,
    rest: Partial<Robot>,
  ): Robot => ({
    schema: 'robot.v1',
    robot: id,
    kind,
    connection: 'online',
    mode: 'automatic',
    pose: { x: metres(x), y: metres(y), theta: radians(theta), floor },
    batteryPercent: percent(battery),
    isCharging: false,
    isDriving: false,
    isPaused: false,
    hasLoad: false,
    plan: [],
    holds: [],
    faults: [],
    seenAt: instant(now - 400),
    at: now,
    ...rest,
  });
  return [
    robot('d01', 'delivery', 29.4, 0.45, 0, 'F1', 78, { isDriving: true, hasLoad: true, mission: 'm-1' }),
    robot('d02', 'delivery', 7, 3, 1.6, 'F1', 41, { mission: 'm-2', waitsFor: 'lift L2' }),
    robot('d03', 'delivery', 5, -2.7, 0, 'F2', 96, { isCharging: true }),
    robot('x01', 'disinfection', 44, 4, 2.2, 'F2', 64, { mission: 'm-4', isDriving: false }),
    robot('s01', 'service', 20, 0.4, 3.1, 'F2', 18, { isDriving: true }),
    robot('p01', 'patrol', 12, 0.4, 0, 'F1', 55, {
      connection: 'broken',
      faults: [{ type: 'localizationLost', level: 'fatal', text: 'Position lost' }],
    }),
  ];
}

export function missionsAt(now: Instant): Mission[] {
  const mission = (id: string, rest: Partial<Mission>): Mission => ({
    schema: 'mission.v1',
    mission: id,
    kind: 'delivery',
    state: 'waiting',
    phases: [
      { kind: 'go', place: 'pharmacy', state: 'done' },
      { kind: 'load', place: 'pharmacy', state: 'done' },
      { kind: 'go', place: 'bed-w1-02', state: 'under_way' },
      { kind: 'hand_over', place: 'bed-w1-02', state: 'planned' },
    ],
    ward: 'w1',
    isUrgent: false,
    requestedBy: 'flows',
    createdAt: instant(now - 4 * MINUTE),
    revision: 1,
    at: now,
    isClosed: false,
    ...rest,
  });
  const fresh = (to: string): Mission['phases'] => [
    { kind: 'go', place: 'pharmacy', state: 'planned' },
    { kind: 'go', place: to, state: 'planned' },
  ];
  return [
    mission('m-1', { state: 'under_way', robot: 'd01', load: 'next bag for bed 02', bed: '02' }),
    mission('m-2', {
      state: 'under_way',
      robot: 'd02',
      load: 'blood sample',
      bed: '11',
      because: 'waits for lift L2',
      createdAt: instant(now - 9 * MINUTE),
      deadline: instant(now - MINUTE),
    }),
    mission('m-3', {
      load: 'next bag for bed 08',
      bed: '08',
      isUrgent: true,
      phases: fresh('bed-w1-08'),
      because: 'no delivery robot is free',
    }),
    mission('m-4', {
      kind: 'disinfection',
      state: 'under_way',
      robot: 'x01',
      zone: 'w2-r03',
      ward: 'w2',
      phases: [
        { kind: 'go', place: 'w2-r03', state: 'done' },
        { kind: 'disinfect', place: 'w2-r03', state: 'under_way' },
      ],
    }),
  ];
}

const services: readonly ServiceName[] = ['broker', 'records', 'watch', 'flows', 'alarms', 'fleet', 'history', 'console'];

/** Says the whole scene on the bus. `plan` is the way ahead of the robot that moves. */
export async function sayScene(bus: ConsoleHouse['bus'], now: Instant, plan: Robot['plan']): Promise<void> {
  const said: Promise<void>[] = [];
  for (const infusion of infusionsAt(now)) {
    const { ward, bed, line } = infusion;
    said.push(bus.publish('infusion', { ward, bed, line }, infusion));
    said.push(
      bus.publish(
        'occupancy',
        { ward, bed },
        { schema: 'occupancy.v1', ward, bed, state: 'occupied', patient: `p-${ward}-${bed}`, at: now },
      ),
    );
  }
  said.push(
    bus.publish('occupancy', { ward: 'w1', bed: '12' }, { schema: 'occupancy.v1', ward: 'w1', bed: '12', state: 'cleaning', at: now }),
  );
  for (const alarm of alarmsAt(now)) said.push(bus.publish('alarm', { ward: alarm.ward, alarm: alarm.alarm }, alarm));
  for (const robot of robotsAt(now))
    said.push(bus.publish('robot', { robot: robot.robot }, robot.robot === 'd01' ? { ...robot, plan } : robot));
  for (const mission of missionsAt(now)) said.push(bus.publish('mission', { mission: mission.mission }, mission));
  said.push(
    bus.publish(
      'fleetState',
      {},
      { schema: 'fleet-state.v1', state: 'moving', since: instant(now - 60 * MINUTE), notReached: [], at: now },
    ),
  );
  const lift = (id: string, floor: string, doors: 'open' | 'closed', session?: string) =>
    bus.publish(
      'liftState',
      { lift: id },
      { schema: 'lift-state.v1', lift: id, floor, doors, mode: 'automatic', ...(session ? { session } : {}), at: now },
    );
  said.push(lift('L1', 'F1', 'closed'), lift('L2', 'F2', 'open', 'd02'));
  for (const [door, state] of [
    ['door-pharmacy', 'open'],
    ['door-w1-r01', 'closed'],
    ['door-w2-r03', 'closed'],
  ] as const)
    said.push(bus.publish('doorState', { door }, { schema: 'door-state.v1', door, state, at: now }));
  for (const service of services)
    said.push(
      bus.publish(
        'service',
        { service },
        { schema: 'service.v1', service, state: 'up', version: '0.1.0', startedAt: instant(now - 90 * MINUTE), at: now },
      ),
    );
  for (const ward of ['w1', 'w2']) {
    said.push(
      bus.publish(
        'edgeStatus',
        { ward, edge: `${ward}-edge` },
        {
          schema: 'edge-status.v1',
          edge: `${ward}-edge`,
          ward,
          state: 'online',
          outboxDepth: 0,
          outboxLostReadings: 0,
          startedAt: instant(now - 90 * MINUTE),
          at: now,
        },
      ),
    );
    said.push(
      bus.publish(
        'duty',
        { ward },
        {
          schema: 'duty.v1',
          ward,
          shift: 'day',
          from: instant(now - 120 * MINUTE),
          until: instant(now + 360 * MINUTE),
          assignments: [
            { person: 'nurse', role: 'nurse', beds: ['01', '02', '03', '04', '05', '06'] },
            { person: 'charge', role: 'charge_nurse', beds: [] },
          ],
          at: now,
        },
      ),
    );
    for (const [device, driver, ago, state] of [
      [`${ward}-01-scale`, 'mt-sics', 900, 'online'],
      [`${ward}-02-drip`, 'drip-counter', 1200, 'online'],
      [`${ward}-07-scale`, 'mt-sics', 3 * MINUTE, 'silent'],
      [`${ward}-09-camera`, 'http-jpeg', 9000, 'online'],
    ] as const)
      said.push(
        bus.publish(
          'deviceStatus',
          { ward, device },
          {
            schema: 'device-status.v1',
            device,
            ward,
            state,
            driver,
            lastWordAt: instant(now - ago),
            batteryPercent: percent(driver === 'drip-counter' ? 34 : 88),
            garbledFrames: 0,
            at: now,
          },
        ),
      );
  }
  await Promise.all(said);
}
