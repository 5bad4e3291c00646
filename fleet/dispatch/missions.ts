import type { Instant } from '#contracts/units.ts';
import type { ActionKind, Leg } from '../adapters/adapter.ts';
import { bySequence, chooseRobot } from '../domain/allocation.ts';
import { assign, close, explain, giveBack, isLoaded, type MissionRecord, phaseDone, phaseIndex, phaseOf, wind } from '../domain/mission.ts';
import { nodesIn } from '../domain/plan-mission.ts';
import { isRoomSafe } from '../domain/room.ts';
import type { Traffic } from '../domain/traffic/traffic.ts';
import { no, type Verdict, yes } from '../domain/verdict.ts';
import { costsTo } from '../map/shortest-path.ts';
import { cancelLeg, type LegOutcome } from './observe.ts';
import { startOf } from './release.ts';
import { claimOf, type Routes } from './routing.ts';
import { baseEnd, type Changes, candidateOf, keep, readiness, setLeg, type Unit, type World, wait } from './world.ts';

/** A robot that is away this long loses a mission that it has not loaded for. */
const AWAY_MS = 120_000;
const REFUSALS_MAX = 3;
/** Reasons for waiting are written down at most this often. */
const EXPLAIN_EVERY_MS = 5000;
const WAIT_BEFORE_EXPLAINING_MS = 3000;

const recordOf = (world: World, unit: Unit): MissionRecord | undefined =>
  unit.mission === undefined ? undefined : world.missions.get(unit.mission);

/** What an action order's end means for the mission. A hand-over is never done twice: where nobody can say whether it took place, a person looks. */
export function settle(world: World, unit: Unit, outcome: LegOutcome, changes: Changes, now: Instant): void {
  const record = recordOf(world, unit);
  const { action } = outcome.leg;
  if (!record || !action) return;
  switch (outcome.kind) {
    case 'done':
      keep(world, changes, phaseDone(record, now));
      return;
    case 'failed':
      if (unit.refusals > 0 && unit.refusals < REFUSALS_MAX) return;
      fail(world, record, `${unit.id} could not ${sayAction(action.kind)}: ${outcome.because}`, changes, now);
      return;
    case 'cancelled':
      return;
    case 'uncertain': {
      const { loads } = unit.view;
      if (action.kind === 'disinfect') {
        fail(world, record, `${unit.id} lost its order during the disinfection`, changes, now);
        return;
      }
      if (loads === undefined) {
        keep(
          world,
          changes,
          close(
            record,
            'failed',
            `${unit.id} lost its order while it should ${sayAction(action.kind)}, and does not say what is on board: look at it`,
            now,
          ),
        );
        return;
      }
      const hasHappened = action.kind === 'load' ? loads > 0 : loads === 0;
      if (hasHappened) keep(world, changes, phaseDone(record, now));
    }
  }
}

const sayAction = (kind: ActionKind): string => (kind === 'load' ? 'load' : kind === 'unload' ? 'give away its load' : 'disinfect');

/** The load goes back; a robot that cannot give it back either keeps it until somebody takes it. */
function fail(world: World, record: MissionRecord, because: string, changes: Changes, now: Instant): void {
  keep(
    world,
    changes,
    record.ending ? close(record, 'failed', `${because}; the load is still on board`, now) : wind(record, 'failed', because, now),
  );
}

/** Takes the robot's mission on as far as it goes: arrived, act; acted, drive on. */
export function proceed(world: World, unit: Unit, changes: Changes, now: Instant): void {
  const record = recordOf(world, unit);
  delete unit.actionWaits;
  if (!record) {
    if (unit.mission !== undefined) delete unit.mission;
    return;
  }
  const isActing = unit.leg?.action !== undefined;
  const isDisinfecting = unit.leg?.action?.kind === 'disinfect';
  if (isDisinfecting) {
    watchRoom(world, unit, record, changes, now);
    return;
  }
  if (record.cancel !== undefined && !isActing) {
    release(world, unit, wind({ ...record, cancel: undefined }, 'cancelled', record.cancel, now), changes);
    return;
  }
  if (isActing) return;
  const gone = goneBecause(unit, record, now);
  if (gone !== undefined) {
    release(world, unit, giveBack(record, gone, now), changes);
    return;
  }
  if (unit.leg) return;
  const phase = phaseOf(record);
  const node = record.nodes[phaseIndex(record)];
  if (!phase || node === undefined || unit.place.kind !== 'node' || unit.place.node !== node || unit.detour !== undefined) return;
  if (phase.kind === 'go') {
    const next = phaseDone(record, now);
    keep(world, changes, next);
    proceed(world, unit, changes, now);
    return;
  }
  if (readiness(unit) !== undefined || world.fleet.state !== 'moving' || (unit.rest && unit.rest.until > now)) return;
  if (phase.kind === 'disinfect') {
    const verdict = isRoomSafe(phase.place, world.site, world, now);
    if (!verdict.ok) {
      unit.actionWaits = `waits to disinfect: ${verdict.because}`;
      return;
    }
  }
  act(world, unit, record, phase.kind === 'hand_over' ? 'unload' : phase.kind, changes, now);
}

function release(world: World, unit: Unit, record: MissionRecord, changes: Changes): void {
  keep(world, changes, record);
  if (record.mission.isClosed || record.mission.robot === undefined) delete unit.mission;
}

function goneBecause(unit: Unit, record: MissionRecord, now: Instant): string | undefined {
  if (isLoaded(record) || record.ending) return undefined;
  if (unit.awaySince !== undefined && now - unit.awaySince > AWAY_MS) return `taken from ${unit.id}, which is not connected`;
  if (unit.refusals >= REFUSALS_MAX) {
    unit.refusals = 0;
    return `taken from ${unit.id}, which ${unit.rest?.because ?? 'refuses its orders'}`;
  }
  return undefined;
}

function act(world: World, unit: Unit, record: MissionRecord, kind: ActionKind, changes: Changes, now: Instant): void {
  const start = startOf(world, unit);
  const phase = phaseOf(record);
  if (!start || !phase) return;
  const { load } = record.mission;
  const leg: Leg = {
    order: world.newId(),
    update: 0,
    steps: [start],
    released: 1,
    stitchedAt: 0,
    action: { id: world.newId(), kind, place: phase.place, ...(load === undefined || kind === 'disinfect' ? {} : { load }) },
    isAccepted: false,
    isCancelled: false,
    startedAt: now,
  };
  unit.passed = 0;
  setLeg(unit, changes, leg);
  wait(unit, undefined, now);
  changes.effects.push(() => unit.adapter.follow(leg));
}

/** Somebody may be inside: the robot stops at once, and the mission ends with the reason. */
function watchRoom(world: World, unit: Unit, record: MissionRecord, changes: Changes, now: Instant): void {
  const verdict = isRoomSafe(record.mission.zone ?? '', world.site, world, now);
  const stop = record.cancel ?? (verdict.ok ? (world.fleet.state === 'fire' ? 'fire' : undefined) : verdict.because);
  if (stop === undefined || unit.leg?.isCancelled) return;
  cancelLeg(unit, changes, now);
  const state = record.cancel === undefined ? 'failed' : 'cancelled';
  keep(world, changes, close(record, state, record.cancel ?? `${STOPPED}: ${stop}`, now));
}

/** How the reason of a disinfection that was broken off begins. */
export const STOPPED = 'disinfection stopped';

/** Gives waiting missions to the nearest robots that can serve. */
export function allocate(
  world: World,
  routes: Routes,
  traffic: Traffic,
  closed: ReadonlySet<string>,
  changes: Changes,
  now: Instant,
): void {
  if (world.fleet.state !== 'moving') return;
  const waiting = [...world.missions.values()].filter((r) => r.mission.state === 'waiting').sort(bySequence);
  for (const record of waiting) {
    const nodes = chooseNodes(world, record);
    const candidates = [...world.units.values()].map((unit) => candidateOf(unit, now));
    const isAnyFree = candidates.some((c) => c.mission === undefined && c.connection === 'online');
    const costs = isAnyFree ? costsTo(world.graph, nodes[0]!, { isBlocked: (edge) => closed.has(edge.id) }) : new Map<string, number>();
    const choice = chooseRobot(candidates, record.mission, costs, ({ id }) => canBegin(world, routes, traffic, id, nodes, now));
    if (!choice.ok) {
      if (now - record.mission.at >= EXPLAIN_EVERY_MS || record.mission.because === undefined)
        note(world, record, choice.because, changes, now);
      continue;
    }
    const unit = world.units.get(choice.robot.id)!;
    const taken = assign(record, unit.id, nodes, now);
    keep(world, changes, taken);
    unit.mission = taken.mission.mission;
    delete unit.detour;
    const plan = planTo(routes, unit, nodes[0]!);
    Object.assign(unit, { goal: nodes[0], plan, reserved: 0 });
  }
}

function note(world: World, record: MissionRecord, because: string | undefined, changes: Changes, now: Instant): void {
  const next = explain(record, because, now);
  if (next !== record) keep(world, changes, next);
}

const planTo = (routes: Routes, unit: Unit, goal: string) => {
  const from = baseEnd(unit);
  return from === undefined || from === goal ? [] : (routes.between(from, goal) ?? []);
};

/** A mission may not take from others their way to an end. Where it does not, its claim is entered at once. */
function canBegin(world: World, routes: Routes, traffic: Traffic, id: string, nodes: readonly string[], now: Instant): Verdict {
  const unit = world.units.get(id)!;
  const plan = planTo(routes, unit, nodes[0]!);
  const claim = claimOf(world, routes, { ...unit, reserved: 0 }, now, plan, [...nodes.slice(1), unit.home]);
  return traffic.enter(claim) ? yes : no(`${id} must first let others pass`);
}

/** The node of each phase: of several at a station the one that no other mission goes to. */
function chooseNodes(world: World, record: MissionRecord): string[] {
  const taken = new Set<string>();
  for (const other of world.missions.values()) if (other !== record) for (const node of other.nodes) taken.add(node);
  const chosen = new Map<string, string>();
  return record.mission.phases.map(({ place }) => {
    const known = chosen.get(place);
    if (known !== undefined) return known;
    const zone = world.site.zones?.find((z) => z.id === place);
    const nodes = world.graph.stations.get(place)?.nodes ?? (zone ? nodesIn(zone, world.graph) : []);
    const node = nodes.find((n) => !taken.has(n)) ?? nodes[0]!;
    chosen.set(place, node);
    return node;
  });
}

/** Lets the mission say why its robot waits, once it has waited a little. */
export function explainWait(world: World, unit: Unit, changes: Changes, now: Instant): void {
  const record = recordOf(world, unit);
  if (!record || record.ending) return;
  const hasWaited = unit.waitingSince !== undefined && now - unit.waitingSince >= WAIT_BEFORE_EXPLAINING_MS;
  if (!hasWaited) {
    record.mission.because === undefined ? undefined : note(world, record, undefined, changes, now);
    return;
  }
  if (record.mission.because !== undefined && now - record.mission.at < EXPLAIN_EVERY_MS) return;
  note(world, record, `${unit.id} ${unit.waitsFor}`, changes, now);
}
