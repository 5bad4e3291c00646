import type { FleetState } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import { sweep } from '#runtime/bus.ts';
import { asError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import { type FleetFinding, findingsOf, fleetFindingKinds } from './dispatch/findings.ts';
import { notReached } from './dispatch/modes.ts';
import type { World } from './dispatch/world.ts';
import type { MissionRecord } from './domain/mission.ts';
import { robotMessage } from './robot-message.ts';
import type { FleetStore, KeptFinding } from './store.ts';

/** A moving robot is shown at most this often. */
const ROBOT_EVERY_MS = 500;
/** An unchanged one is said again this often, so that its age can be told. */
const ROBOT_AGAIN_MS = 10_000;

/** Keeps the retained words of fleet true: missions, robots, the state of the fleet, findings. */
export class Teller {
  readonly #bus: Bus;
  readonly #log: Log;
  readonly #store: FleetStore;
  readonly #world: World;
  readonly #robots = new Map<string, { at: number; words: string }>();
  readonly #findings: Map<string, KeptFinding>;
  #fleetWords = '';

  constructor(bus: Bus, world: World, store: FleetStore, log: Log) {
    this.#bus = bus;
    this.#world = world;
    this.#store = store;
    this.#log = log;
    this.#findings = store.findings();
  }

  /** Withdraws what an earlier run said and no longer holds, and says again what does: called once, before the first step. */
  async begin(): Promise<void> {
    const { missions, units } = this.#world;
    await sweep(this.#bus, 'mission', (message) => missions.has(message.mission));
    await sweep(this.#bus, 'robot', (message) => units.has(message.robot));
    const present = () => new Set([...this.#findings].filter(([, f]) => f.present).map(([key]) => key));
    for (const kind of fleetFindingKinds)
      await this.#bus.subscribe('finding', { kind }, (message, { params, isRetained }) => {
        if (message && isRetained && !present().has(keyOf(message))) this.#try(this.#bus.retract('finding', params));
      });
    for (const record of missions.values()) this.mission(record);
    for (const record of this.#store.untoldMissions()) this.mission(record);
    for (const finding of this.#findings.values()) if (finding.present) this.#sayFinding(finding.present, finding, finding.since, true);
  }

  mission(record: MissionRecord): void {
    const { mission } = record;
    const params = { mission: mission.mission };
    if (!mission.isClosed) this.#try(this.#bus.publish('mission', params, mission));
    else
      this.#bus.retract('mission', params, mission).then(
        () => this.#store.markTold(mission.mission),
        (error: unknown) => this.#log.warn({ mission: mission.mission, reason: asError(error).message }, 'end of a mission not told yet'),
      );
  }

  /** Says what has changed since the last call. */
  tell(dispatcher: Dispatcher, now: Instant): void {
    for (const unit of this.#world.units.values()) {
      const said = this.#robots.get(unit.id);
      if (said && now - said.at < ROBOT_EVERY_MS) continue;
      const message = robotMessage(this.#world.graph, unit, now);
      // A newer state that says the same is no news.
      const words = JSON.stringify({ ...message, at: 0, seenAt: 0 });
      if (said?.words === words && now - said.at < ROBOT_AGAIN_MS) continue;
      this.#robots.set(unit.id, { at: now, words });
      this.#try(this.#bus.publish('robot', { robot: unit.id }, message));
    }
    this.#tellFleet(now);
    this.#tellFindings(findingsOf(this.#world, dispatcher.stopped, now), now);
  }

  #tellFleet(now: Instant): void {
    const { fleet, units } = this.#world;
    const missing = fleet.state === 'stopped' ? notReached(units.values()) : [];
    const message: FleetState = { schema: 'fleet-state.v1', ...fleet, notReached: missing, at: now };
    const words = JSON.stringify({ ...message, at: 0 });
    if (words === this.#fleetWords) return;
    this.#fleetWords = words;
    this.#try(this.#bus.publish('fleetState', {}, message));
  }

  #tellFindings(present: readonly FleetFinding[], now: Instant): void {
    const found = new Map(present.map((finding) => [keyOf(finding), finding]));
    for (const [key, finding] of found) {
      const kept = this.#findings.get(key);
      if (kept?.present) continue;
      const next = { occurrence: (kept?.occurrence ?? 0) + 1, since: now, present: finding };
      this.#keep(key, next);
      this.#sayFinding(finding, next, now, true);
    }
    for (const [key, kept] of this.#findings) {
      if (!kept.present || found.has(key)) continue;
      const { present: ended, ...past } = kept;
      this.#keep(key, past);
      this.#sayFinding(ended, past, now, false);
    }
  }

  #keep(key: string, finding: KeptFinding): void {
    this.#findings.set(key, finding);
    this.#store.saveFinding(key, finding);
  }

  #sayFinding(finding: FleetFinding, { occurrence, since }: KeptFinding, at: Instant, isPresent: boolean): void {
    const { ward, kind, subject } = finding;
    const message = { schema: 'finding.v1' as const, ...finding, isPresent, occurrence, since, at };
    const params = { ward, kind, subject };
    this.#try(isPresent ? this.#bus.publish('finding', params, message) : this.#bus.retract('finding', params, message));
  }

  #try(sending: Promise<void>): void {
    sending.catch((error: unknown) => this.#log.warn({ reason: asError(error).message }, 'not told'));
  }
}

const keyOf = ({ ward, kind, subject }: Pick<FleetFinding, 'ward' | 'kind' | 'subject'>): string => `${ward}/${kind}/${subject}`;
