import type { Robot } from '#contracts/fleet.ts';
import type { Robot as RobotOfSite } from '#contracts/site.ts';
import type { Instant } from '#contracts/units.ts';
import type { Bus } from '#runtime/bus.ts';
import type { Log } from '#runtime/log.ts';
import type { Pose } from '../map/locate.ts';
import type { NavNode } from '../map/nav-graph.ts';

/** One place on the way. The first is where the robot stands; each other one says by which edge it is reached. */
export interface LegStep {
  readonly node: string;
  readonly x: number;
  readonly y: number;
  readonly floor: string;
  readonly edge?: string;
  /** Speed limit on that edge in m/s. */
  readonly speedMax?: number;
}

export type ActionKind = 'load' | 'unload' | 'disinfect';

export interface LegAction {
  readonly id: string;
  readonly kind: ActionKind;
  /** Station or zone. */
  readonly place: string;
  readonly load?: string;
}

/**
 * One order to one robot: a stretch to drive on one floor, or an action where it stands. On disk before it is sent, so that after a crash the
 * same order is sent again, never a new one for the same thing.
 */
export interface Leg {
  readonly order: string;
  /** Counts up with each change of the steps. */
  readonly update: number;
  readonly steps: readonly LegStep[];
  /** The first so many steps are released: the robot may drive there, and nothing but a cancellation takes that back. */
  readonly released: number;
  /** Index of the last step that had been released before this update: where the update is stitched on. */
  readonly stitchedAt: number;
  readonly action?: LegAction;
  /** The robot has been seen with this order. */
  readonly isAccepted: boolean;
  readonly isCancelled: boolean;
  readonly startedAt: Instant;
}

/** How far the robot is with the leg that it was last told to follow. */
export interface LegProgress {
  readonly order: string;
  /** Last update that the robot showed. */
  readonly update: number;
  /** `forgotten`: it had accepted the order and now shows another or none. `ended`: everything released is done and no horizon is left, or the cancellation is complete. */
  readonly status: 'sent' | 'accepted' | 'refused' | 'forgotten' | 'cancelling' | 'ended';
  /** Index of the last step reached. */
  readonly passed: number;
  readonly action?: 'waiting' | 'running' | 'finished' | 'failed';
  /** The robot's words for a refusal or failure. */
  readonly because?: string;
}

/** What is believed about a robot now, and what is not. */
export interface RobotView {
  readonly connection: Robot['connection'];
  readonly mode: Robot['mode'];
  readonly pose?: Pose;
  /** For the eye only: newer than `pose` where the robot shows itself more often. Nothing is decided by it. */
  readonly shownPose?: Pose;
  readonly lastNode?: string;
  readonly batteryPercent?: number;
  readonly isCharging: boolean;
  readonly isDriving: boolean;
  readonly isPaused: boolean;
  /** Number of loads on board; absent where the robot does not say. */
  readonly loads?: number;
  readonly faults: Robot['faults'];
  /** Emergency stop or a person in the protective field: it stands until that is over. */
  readonly isStopped: boolean;
  readonly progress?: LegProgress;
  /** When the robot itself last spoke. */
  readonly seenAt?: Instant;
}

/** A robot of any make, as the dispatcher sees it. Calls return at once; what comes of them shows in the view. */
export interface RobotAdapter extends AsyncDisposable {
  readonly robot: string;
  view(now: Instant): RobotView;
  /** Makes the robot follow this leg, and keeps at it until the robot shows that it does. The same leg again changes nothing. */
  follow(leg: Leg): void;
  /** Cancels the present leg; complete when the progress says `ended`. */
  cancel(): void;
  pause(): void;
  resume(): void;
  /** Tells the robot that it now stands at this node: after a ride in a lift. */
  relocate(node: NavNode): void;
  charge(): void;
  /** Called a few times a second: resends what has not been shown, asks a silent robot for its state. */
  tick(now: Instant): void;
}

export interface AdapterOptions {
  readonly robot: RobotOfSite;
  readonly bus: Bus;
  readonly log: Log;
  /** Fresh id for orders' instant actions. */
  readonly newId: () => string;
  /** First header number of a topic: never used before, not even before a crash. */
  readonly takeHeaderBlock: (topic: string) => { readonly from: number; readonly until: number };
  /** Called when the view has changed. */
  readonly onChange: () => void;
}

/** Opens the adapter of one robot. */
export type OpenAdapter = (options: AdapterOptions) => Promise<RobotAdapter>;
