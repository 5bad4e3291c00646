import type { Decibels, Instant, Milliseconds } from '#contracts/units.ts';

export interface ZoneAntenna {
  readonly reader: string;
  readonly antenna: number;
  /** The zone this antenna is meant for. */
  readonly zone: string;
  /** A door antenna sees both sides of its door. */
  readonly kind?: 'door' | 'zone' | 'bed';
}

export interface ZoneOptions {
  readonly antennas: readonly ZoneAntenna[];
  /** Pairs of zones joined by a door; absent where the building's graph is not known. */
  readonly doors?: readonly (readonly [string, string])[];
  /** A tag unheard for this long is nowhere; unless told, some 25 of its usual intervals, 5 to 15 minutes. */
  readonly silenceLimit?: Milliseconds;
}

export interface TagRead {
  readonly at: Instant;
  readonly tag: string;
  readonly reader: string;
  readonly antenna: number;
  readonly rssiDbm: Decibels;
}

/** A tag's move: into `zone` at `at`, or out of all zones where `zone` is undefined. */
export interface ZoneChange {
  readonly tag: string;
  readonly zone?: string;
  readonly from?: string;
  /** When the tag is believed to have crossed. */
  readonly at: Instant;
  /** When that was decided, never before `at`. */
  readonly decidedAt: Instant;
}

export interface TagZone {
  readonly tag: string;
  readonly zone?: string;
  readonly since?: Instant;
  readonly lastSeenAt: Instant;
  /** Antenna heard strongest, smoothed. */
  readonly antenna?: ZoneAntenna;
  readonly rssiDbm?: Decibels;
  /** Reads since the tag was first heard. */
  readonly reads: number;
}

export interface Zones {
  /** Takes a read in order of arrival; reads of an antenna that is not configured are ignored. Returns the moves it decided. */
  step(read: TagRead): readonly ZoneChange[];
  /** Lets silence and dwell run out; called about once a second. */
  tick(at: Instant): readonly ZoneChange[];
  tag(tag: string): TagZone | undefined;
  tags(): Iterable<TagZone>;
}
