import type { AlarmKindName } from '#contracts/alarm-kinds.ts';
import type { Finding } from '#contracts/findings.ts';
import type { Instant } from '#contracts/units.ts';

/** Whom a finding is about. */
export interface Subject {
  readonly ward: string;
  readonly subject: string;
  readonly bed?: string;
  readonly line?: string;
}

/** What settles a finding: when, by which figure and whose word. */
export interface Grounds {
  readonly at: Instant;
  readonly value?: number;
  readonly limit?: number;
  readonly unit?: string;
  readonly evidence: Finding['evidence'];
}

/** The kinds of finding that watch states; the others belong to other services. */
export const watchedKinds = [
  'near_empty',
  'empty',
  'stalled',
  'free_flow',
  'rate_high',
  'rate_low',
  'bag_removed',
  'occlusion',
  'pump_alarm',
  'tag_left_ward',
  'bag_wrong_patient',
  'sensor_silent',
  'edge_lost',
  'device_fault',
  'readings_lost',
  'battery_low',
] as const satisfies readonly AlarmKindName[];

export const keyOf = (ward: string, kind: string, subject: string): string => `${ward}/${kind}/${subject}`;

/** Counts the occurrences of every finding and keeps what is present. */
export interface Episodes {
  isPresent(kind: AlarmKindName, subject: Subject): boolean;
  /** A new occurrence, unless the finding is present already. */
  open(kind: AlarmKindName, subject: Subject, grounds: Grounds): void;
  /** Ends the present occurrence, if there is one. */
  close(kind: AlarmKindName, subject: Subject, grounds: Grounds): void;
  present(): IterableIterator<Finding>;
}

/** `restored`: the last finding of each key, present or absent; an occurrence that was open goes on under its number. `say` gets each change once. */
export function createEpisodes(restored: Iterable<Finding>, say: (finding: Finding) => void): Episodes {
  const counts = new Map<string, number>();
  const open = new Map<string, Finding>();
  for (const finding of restored) {
    const key = keyOf(finding.ward, finding.kind, finding.subject);
    counts.set(key, Math.max(counts.get(key) ?? 0, finding.occurrence));
    if (finding.isPresent) open.set(key, finding);
  }
  return {
    isPresent: (kind, { ward, subject }) => open.has(keyOf(ward, kind, subject)),
    open(kind, subject, grounds) {
      const key = keyOf(subject.ward, kind, subject.subject);
      if (open.has(key)) return;
      const occurrence = (counts.get(key) ?? 0) + 1;
      counts.set(key, occurrence);
      const finding: Finding = { schema: 'finding.v1', ...subject, kind, isPresent: true, occurrence, since: grounds.at, ...grounds };
      open.set(key, finding);
      say(finding);
    },
    close(kind, subject, grounds) {
      const key = keyOf(subject.ward, kind, subject.subject);
      const last = open.get(key);
      if (!last) return;
      open.delete(key);
      say({ schema: 'finding.v1', ...subject, kind, isPresent: false, occurrence: last.occurrence, since: last.since, ...grounds });
    },
    present: () => open.values(),
  };
}
