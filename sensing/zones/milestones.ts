import type { Instant } from '#contracts/units.ts';

/** Stations of a patient's way through an operation, in order. */
export type Milestone = 'enter_preop' | 'enter_or' | 'leave_or' | 'enter_pacu' | 'leave_pacu' | 'back_on_ward';

/** What a zone means on a patient's way. */
export interface PatientFlowZones {
  readonly preop: ReadonlySet<string>;
  readonly theatre: ReadonlySet<string>;
  readonly recovery: ReadonlySet<string>;
}

/** One patient's way; every milestone is stated once. */
export interface PatientFlow {
  /** Takes a move into `zone` (undefined: out of sight); returns what has been reached. */
  step(zone: string | undefined, at: Instant): readonly { milestone: Milestone; at: Instant }[];
}

/** Follows one patient whose own room on the ward is `home`. */
export function createPatientFlow(zones: PatientFlowZones, home: string | undefined): PatientFlow {
  let last: string | undefined;
  const reached = new Set<Milestone>();
  return {
    step(zone, at) {
      const now: Milestone[] = [];
      const reach = (milestone: Milestone) => {
        if (reached.has(milestone)) return;
        reached.add(milestone);
        now.push(milestone);
      };
      if (zone === undefined) return [];
      const from = last;
      last = zone;
      if (from !== undefined && zones.theatre.has(from) && reached.has('enter_or') && !zones.theatre.has(zone)) reach('leave_or');
      if (from !== undefined && zones.recovery.has(from) && reached.has('enter_pacu') && !zones.recovery.has(zone)) reach('leave_pacu');
      if (zones.preop.has(zone)) reach('enter_preop');
      if (zones.theatre.has(zone)) reach('enter_or');
      if (zones.recovery.has(zone)) reach('enter_pacu');
      if (home !== undefined && zone === home && reached.has('enter_preop') && (reached.has('leave_pacu') || reached.has('leave_or'))) {
        reach('back_on_ward');
      }
      return now.map((milestone) => ({ milestone, at }));
    },
  };
}
