import type { ContainerState } from '#contracts/readings.ts';
import type { Grams, GramsPerMillilitre, Instant, Millilitres, MillilitresPerHour } from '#contracts/units.ts';

/** What is known of a container on the hook from its order. Absent means not known. */
export interface WeighingOrder {
  readonly id: string;
  /** A piggyback container hangs on the same hook and runs before the primary one. */
  readonly role: 'primary' | 'piggyback';
  /** Volume on the label; the true filling is some percent more. */
  readonly labelMl: Millilitres;
  readonly rateMlPerHour?: MillilitresPerHour;
  readonly density?: GramsPerMillilitre;
  readonly delivery?: 'gravity' | 'pump';
  /** `glass` and the like; only used to guess an unknown tare. */
  readonly containerKind?: string;
  /** Catalogue mass of the empty container. */
  readonly tareGrams?: Grams;
  /** Mass of the infusion set that the scale carries, typically. */
  readonly setGrams?: Grams;
  readonly nearEmptyMl?: Millilitres;
  /** What was believed to be left when the container was already running at the first sample. */
  readonly priorRemainingMl?: Millilitres;
}

export interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** One sample of a hanging scale. Acceleration in m/s², rotation in rad/s; both absent where the scale has no such sensor. */
export interface WeighingSample {
  readonly at: Instant;
  readonly massGrams: Grams;
  readonly isStable?: boolean;
  readonly acceleration?: Vector;
  readonly rotation?: Vector;
  /** True while the infrared sensor sees a hand or a person near. */
  readonly isNear?: boolean;
}

export type WeighingEventKind =
  | 'bag_hung'
  | 'bag_changed'
  | 'bag_removed'
  | 'stalled'
  | 'free_flow'
  | 'near_empty'
  | 'empty'
  | 'medication_added';

/** Something that became so at a sample. The house's findings are made by `watch`; this list serves evaluation and the trace of a device. */
export interface WeighingEvent {
  readonly kind: WeighingEventKind;
  readonly at: Instant;
}

export interface WeighingEstimate {
  readonly remainingMl?: Millilitres;
  /** Half-width of the 95 % bound. */
  readonly remainingBoundMl?: Millilitres;
  readonly flowMlPerHour?: MillilitresPerHour;
  readonly flowBoundMlPerHour?: MillilitresPerHour;
  readonly state: ContainerState;
  /** True where neither a hand nor a swing disturbs the mass. */
  readonly isCalm: boolean;
  /** Events of this step only. */
  readonly events: readonly WeighingEvent[];
}

export interface Weighing {
  /** Makes an order known, or replaces the one with the same id (a changed rate). */
  order(order: WeighingOrder, at: Instant): void;
  /** Forgets an order that has ended. */
  endOrder(id: string): void;
  /** Takes the next sample in order of arrival; a repeated or older one changes nothing and gives the last estimate again. */
  step(sample: WeighingSample): WeighingEstimate;
}
