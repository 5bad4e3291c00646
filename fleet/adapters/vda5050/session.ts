import type { Robot } from '#contracts/fleet.ts';
import type { Instant } from '#contracts/units.ts';
import type { NavNode } from '../../map/nav-graph.ts';
import type { Leg, LegProgress, RobotView } from '../adapter.ts';
import { ASK_AFTER_MS, ageOf, type Beliefs, doubt, hasLeftovers, LOST_AFTER_MS } from './beliefs.ts';
import { InstantActions } from './instant-actions.ts';
import { type Action, instantActionsMessage, orderMessage, type StateMessage, type VehicleIdentity } from './messages.ts';
import { readProgress } from './progress.ts';

export interface Outgoing {
  readonly topic: 'order' | 'instantActions';
  readonly message: Record<string, unknown>;
}

export interface SessionOptions {
  readonly identity: VehicleIdentity;
  readonly newId: () => string;
  readonly nextHeaderId: (topic: Outgoing['topic']) => number;
}

/** Orders travel at QoS 0: one that does not show in the state is sent again, identically. */
const RESEND_AFTER_MS = [1500, 3000, 6000, 12_000] as const;
/** Used where the vehicle's factsheet names no load set: the one that the standard's own examples and vehicles know. */
const LOAD_TYPE = 'EPAL';
/** A silent vehicle is asked again this often; one that says that it is away, more seldom. */
const ASK_AGAIN_MS = 5000;
const ASK_ABSENT_MS = 20_000;
/** `stopCharging` gets this long; then the order is sent anyway and the vehicle may say what it thinks of it. */
const STOP_CHARGING_MS = 10_000;

/** The talk with one vehicle of VDA 5050 2.0, without socket or clock: messages in, messages out. */
export class Vda5050Session {
  readonly #options: SessionOptions;
  readonly #actions: InstantActions;
  #state: StateMessage | undefined;
  #before: StateMessage | undefined;
  #beliefs: Beliefs | undefined;
  #seenAt: Instant | undefined;
  #connection: string | undefined;
  #connectionAt = 0;
  #batteryEverShown = false;
  #loadType = LOAD_TYPE;
  #leg: Leg | undefined;
  #progress: LegProgress | undefined;
  #sent: { order: string; update: number; at: number; times: number } | undefined;
  #askedAt = 0;
  #chargingSince: number | undefined;
  #unreadable: string | undefined;
  #shown: StateMessage['agvPosition'];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#actions = new InstantActions(options.newId);
  }

  onState(state: StateMessage, now: Instant): void {
    this.#before = this.#state;
    this.#state = state;
    this.#seenAt = now;
    this.#unreadable = undefined;
    this.#shown = state.agvPosition;
    if ((state.batteryState?.batteryCharge ?? 0) > 0) this.#batteryEverShown = true;
    this.#actions.onState(state);
    this.#readProgress();
    this.#beliefs = doubt(
      state,
      this.#before,
      this.#batteryEverShown,
      hasLeftovers(state),
      this.#connectionAt < now ? this.#connection : undefined,
    );
  }

  onVisualization(position: StateMessage['agvPosition']): void {
    if (position && position.mapId === this.#state?.agvPosition?.mapId) this.#shown = position;
  }

  /** A message that does not fit what is needed is not acted on; the vehicle is shown with the reason. */
  onUnreadable(because: string): void {
    this.#unreadable = because;
  }

  /** A will's header is stale by design, so connection messages count in the order of their arrival. */
  onConnection(connectionState: string, now: Instant): void {
    this.#connection = connectionState;
    this.#connectionAt = now;
    // A vehicle that comes back says where it is only when something changes or after 30 s.
    if (connectionState === 'ONLINE') this.#askedAt = 0;
  }

  onFactsheet(loadType: string | undefined): void {
    this.#loadType = loadType ?? LOAD_TYPE;
  }

  follow(leg: Leg): void {
    if (this.#leg?.order !== leg.order) {
      this.#progress = undefined;
      this.#actions.drop('cancelOrder');
    }
    this.#leg = leg;
    if (this.#state) this.#readProgress();
  }

  cancel(): void {
    if (this.#actions.statusOf('cancelOrder') !== undefined) return;
    this.#actions.want('cancelOrder', {}, (state) => state.orderId !== this.#leg?.order);
  }

  pause(): void {
    this.#actions.drop('stopPause');
    this.#actions.want('startPause', {}, (state) => state.paused === true);
  }

  resume(): void {
    this.#actions.drop('startPause');
    this.#actions.want('stopPause', {}, (state) => state.paused === false);
  }

  relocate(node: NavNode): void {
    const theta = this.#state?.agvPosition?.theta ?? 0;
    this.#actions.want('initPosition', { x: node.x, y: node.y, theta, mapId: node.floor, lastNodeId: node.id }, (state) =>
      state.agvPosition === undefined ? state.lastNodeId === node.id : state.agvPosition.mapId === node.floor,
    );
  }

  charge(): void {
    this.#actions.want('startCharging', {}, (state) => state.batteryState?.charging === true);
  }

  /** What must be sent now. */
  tick(now: Instant): Outgoing[] {
    const out: Outgoing[] = [];
    const age = ageOf(this.#seenAt, now);
    const isSpeaking = age < LOST_AFTER_MS;
    if (age > ASK_AFTER_MS && now - this.#askedAt > (isSpeaking || this.#connection === 'ONLINE' ? ASK_AGAIN_MS : ASK_ABSENT_MS)) {
      this.#askedAt = now;
      out.push(this.#instant([{ actionType: 'stateRequest', actionId: this.#options.newId(), blockingType: 'NONE' }], now));
    }
    if (!isSpeaking) return out;
    const order = this.#orderToSend(now);
    if (order) out.push(order);
    const actions = this.#actions.due(now);
    if (actions.length > 0) out.push(this.#instant(actions, now));
    return out;
  }

  view(now: Instant): RobotView {
    const state = this.#state;
    const position = state?.agvPosition?.positionInitialized === false ? undefined : state?.agvPosition;
    const battery = state?.batteryState?.batteryCharge;
    const isBelieved = this.#beliefs?.isBatteryBelieved === true && battery !== undefined;
    const stop = state?.safetyState;
    return {
      connection: this.#connectionState(now),
      mode: modeOf(state?.operatingMode),
      ...(position ? { pose: poseOf(position), shownPose: poseOf(this.#shown ?? position) } : {}),
      ...(state?.lastNodeId ? { lastNode: state.lastNodeId } : {}),
      ...(isBelieved ? { batteryPercent: Math.max(0, Math.min(100, battery)) } : {}),
      isCharging: state?.batteryState?.charging === true,
      isDriving: this.#beliefs?.isMoving === true,
      // A vehicle without the field has said it by finishing the action.
      isPaused: state?.paused ?? this.#actions.statusOf('startPause') === 'finished',
      ...(state?.loads ? { loads: state.loads.length } : {}),
      faults: this.#faults(now),
      isStopped: (stop?.eStop !== undefined && stop.eStop !== 'NONE') || stop?.fieldViolation === true,
      ...(this.#progress ? { progress: this.#progress } : {}),
      ...(this.#seenAt === undefined ? {} : { seenAt: this.#seenAt }),
    };
  }

  #readProgress(): void {
    if (this.#leg && this.#state) this.#progress = readProgress(this.#leg, this.#state, this.#progress, this.#hasCancelled());
  }

  #hasCancelled(): boolean {
    const status = this.#actions.statusOf('cancelOrder');
    return status !== undefined && status !== 'open';
  }

  #orderToSend(now: Instant): Outgoing | undefined {
    const leg = this.#leg;
    if (!leg || leg.isCancelled || this.#state === undefined) return undefined;
    const shown = this.#progress;
    if (shown && shown.update >= leg.update) return undefined;
    if (shown?.status === 'refused' || shown?.status === 'forgotten') return undefined;
    if (!this.#isOffCharger(now)) return undefined;
    const isSame = this.#sent?.order === leg.order && this.#sent.update === leg.update;
    const times = isSame ? this.#sent!.times : 0;
    const waitMs = RESEND_AFTER_MS[Math.min(times, RESEND_AFTER_MS.length) - 1] ?? 0;
    if (isSame && now - this.#sent!.at < waitMs) return undefined;
    this.#sent = { order: leg.order, update: leg.update, at: now, times: times + 1 };
    return { topic: 'order', message: orderMessage(leg, this.#header('order', now), this.#loadType) };
  }

  /** Vehicles refuse orders while they charge: the plug goes first. */
  #isOffCharger(now: Instant): boolean {
    if (this.#state?.batteryState?.charging !== true) {
      this.#chargingSince = undefined;
      return true;
    }
    this.#chargingSince ??= now;
    this.#actions.drop('startCharging');
    this.#actions.want('stopCharging', {}, (state) => state.batteryState?.charging !== true);
    return now - this.#chargingSince > STOP_CHARGING_MS;
  }

  #connectionState(now: Instant): Robot['connection'] {
    const age = ageOf(this.#seenAt, now);
    // A word after the will: the vehicle forgot to say that it is back.
    const spokeSince = this.#seenAt !== undefined && this.#seenAt > this.#connectionAt;
    if (this.#connection === 'CONNECTIONBROKEN' && !spokeSince) return 'broken';
    if (this.#connection === 'OFFLINE' && !spokeSince) return 'offline';
    return age < LOST_AFTER_MS ? 'online' : 'unknown';
  }

  #faults(now: Instant): Robot['faults'] {
    const faults: Robot['faults'] = (this.#state?.errors ?? []).slice(-40).map(({ errorType, errorLevel, errorDescription }) => ({
      type: errorType.slice(0, 120) || 'error',
      level: errorLevel === 'FATAL' ? ('fatal' as const) : ('warning' as const),
      ...(errorDescription === undefined ? {} : { text: errorDescription.slice(0, 300) }),
    }));
    const say = (type: string, text: string) => faults.push({ type, level: 'warning', text: text.slice(0, 300) });
    for (const text of this.#beliefs?.doubts ?? []) say('notBelieved', text);
    for (const text of this.#actions.unanswered(now)) say('unanswered', text);
    if (this.#unreadable !== undefined) say('unreadable', this.#unreadable);
    return faults;
  }

  #header(topic: Outgoing['topic'], now: Instant) {
    return { headerId: this.#options.nextHeaderId(topic), timestamp: new Date(now).toISOString(), ...this.#options.identity };
  }

  #instant(actions: readonly Action[], now: Instant): Outgoing {
    return { topic: 'instantActions', message: instantActionsMessage(actions, this.#header('instantActions', now)) };
  }
}

const poseOf = ({ x, y, theta, mapId }: NonNullable<StateMessage['agvPosition']>) => ({ x, y, theta, floor: mapId });

const MODES = new Map<string, Robot['mode']>([
  ['AUTOMATIC', 'automatic'],
  ['SEMIAUTOMATIC', 'semiautomatic'],
  ['MANUAL', 'manual'],
  ['SERVICE', 'service'],
  ['TEACHIN', 'teachin'],
]);
const modeOf = (mode: string | undefined): Robot['mode'] => MODES.get(mode ?? '') ?? 'unknown';
