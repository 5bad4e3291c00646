import type { Instant } from '#contracts/units.ts';
import type { Leg, LegProgress, RobotAdapter, RobotView } from '../adapters/adapter.ts';
import { type NavGraph, type NavNode, nodeOf } from '../map/nav-graph.ts';

/** A robot on paper: drives its released steps, each in a time drawn by chance, and shows orders late now and then. */
export class PaperRobot implements RobotAdapter {
  readonly robot: string;
  readonly #graph: NavGraph;
  readonly #random: () => number;
  node: string;
  leg: Leg | undefined;
  passed = 0;
  loads = 0;
  isPaused = false;
  isCharging = false;
  connection: RobotView['connection'] = 'online';
  fault: string | undefined;
  /** How often each action order has been carried out. */
  readonly acted = new Map<string, number>();
  #shown: { leg: Leg; at: number } | undefined;
  #arrivesAt: number | undefined;
  #actsUntil: number | undefined;
  #isCancelling = false;
  #hasEnded = false;
  #now: number;

  constructor(robot: string, graph: NavGraph, node: string, random: () => number, now: Instant) {
    this.robot = robot;
    this.#graph = graph;
    this.#random = random;
    this.node = node;
    this.#now = now;
  }

  /** The corridor that it is in just now, else the node. */
  get isDriving(): boolean {
    return this.#arrivesAt !== undefined;
  }

  get nextEdge(): string | undefined {
    return this.#arrivesAt === undefined ? undefined : this.leg?.steps[this.passed + 1]?.edge;
  }

  follow(leg: Leg): void {
    if (this.#shown && this.#shown.leg.order === leg.order && this.#shown.leg.update === leg.update) return;
    this.#shown = { leg, at: this.#now + 50 + this.#random() * 800 };
  }
  cancel(): void {
    this.#isCancelling = true;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  relocate(node: NavNode): void {
    this.node = node.id;
  }
  charge(): void {
    this.isCharging = true;
  }

  tick(now: Instant): void {
    this.#now = now;
    if (this.#shown && now >= this.#shown.at) this.#take(this.#shown.leg);
    if (this.isPaused || this.connection !== 'online' || this.fault !== undefined) {
      if (this.#arrivesAt !== undefined) this.#arrivesAt += 100;
      return;
    }
    const leg = this.leg;
    if (!leg || this.#hasEnded) return;
    if (this.#arrivesAt !== undefined && now >= this.#arrivesAt) this.#arrive(leg);
    if (this.#isCancelling && this.#arrivesAt === undefined) {
      this.#hasEnded = true;
      return;
    }
    if (this.#arrivesAt === undefined && this.passed + 1 < leg.released) this.#depart(leg, now);
    else if (this.passed === leg.steps.length - 1) this.#act(leg, now);
  }

  view(now: Instant): RobotView {
    const { x, y, floor } = nodeOf(this.#graph, this.node);
    return {
      connection: this.connection,
      mode: 'automatic',
      pose: { x, y, theta: 0, floor },
      lastNode: this.node,
      batteryPercent: 90,
      isCharging: this.isCharging,
      isDriving: this.isDriving,
      isPaused: this.isPaused,
      loads: this.loads,
      faults: this.fault === undefined ? [] : [{ type: 'fault', level: 'fatal', text: this.fault }],
      isStopped: false,
      seenAt: now,
      ...(this.leg ? { progress: this.#progress(this.leg) } : {}),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leg = undefined;
  }

  #progress(leg: Leg): LegProgress {
    const isDone = this.passed === leg.steps.length - 1 && this.#arrivesAt === undefined;
    const acted = leg.action ? this.acted.has(leg.action.id) : true;
    const status = this.#hasEnded || (isDone && acted) ? 'ended' : this.#isCancelling ? 'cancelling' : 'accepted';
    return {
      order: leg.order,
      update: leg.update,
      status,
      passed: this.passed,
      ...(leg.action ? { action: acted ? ('finished' as const) : ('running' as const) } : {}),
    };
  }

  #take(leg: Leg): void {
    if (this.leg?.order !== leg.order) {
      this.passed = 0;
      this.#arrivesAt = undefined;
      this.#actsUntil = undefined;
      this.#isCancelling = false;
      this.#hasEnded = false;
    }
    this.leg = leg;
    this.#shown = this.#shown?.leg === leg ? undefined : this.#shown;
  }

  #depart(leg: Leg, now: Instant): void {
    const edge = this.#graph.edges.get(leg.steps[this.passed + 1]!.edge!)!;
    const dawdle = this.#random() < 0.05 ? 8000 : 0;
    this.#arrivesAt = now + Math.max(200, edge.metres * 1000 * (0.7 + this.#random())) + dawdle;
  }

  #arrive(leg: Leg): void {
    this.#arrivesAt = undefined;
    this.passed++;
    this.node = leg.steps[this.passed]!.node;
  }

  #act(leg: Leg, now: Instant): void {
    const { action } = leg;
    if (!action || this.acted.has(action.id)) return;
    this.#actsUntil ??= now + 500 + this.#random() * 3000;
    if (now < this.#actsUntil) return;
    this.acted.set(action.id, (this.acted.get(action.id) ?? 0) + 1);
    if (action.kind === 'load') this.loads++;
    if (action.kind === 'unload') this.loads--;
  }
}
