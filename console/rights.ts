import type { Alarm } from '#contracts/alarms.ts';
import { HOUSE } from '#contracts/findings.ts';
import type { Role } from '#contracts/site.ts';
import { isAsked } from './asked.ts';

/** Who may do what. A right that is not granted here is refused. */
const grants = {
  see: ['nurse', 'charge_nurse', 'logistics', 'command_centre', 'engineer', 'admin'],
  answer_alarms: ['nurse', 'charge_nurse', 'logistics', 'command_centre', 'engineer'],
  keep_records: ['nurse', 'charge_nurse'],
  keep_duty: ['charge_nurse'],
  send_robot: ['nurse', 'charge_nurse', 'logistics', 'command_centre'],
  cancel_mission: ['nurse', 'charge_nurse', 'logistics', 'command_centre'],
  /** Stopping is safe: whoever sees the need may do it. */
  stop_robots: ['nurse', 'charge_nurse', 'logistics', 'command_centre', 'engineer', 'admin'],
  resume_robots: ['logistics', 'command_centre'],
  say_fire: ['charge_nurse', 'logistics', 'command_centre', 'engineer'],
  see_equipment: ['command_centre', 'engineer', 'admin'],
  read_audit: ['engineer', 'admin'],
  edit_flows: ['engineer', 'admin'],
  keep_people: ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Right = keyof typeof grants;
export const rightNames = Object.keys(grants) as Right[];

/** Somebody logged in. `wards` undefined: every ward. */
export interface Person {
  readonly username: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly wards?: readonly string[];
}

export const may = (person: Person, right: Right): boolean =>
  person.roles.some((role) => (grants[right] as readonly Role[]).includes(role));
export const rightsOf = (person: Person): Right[] => rightNames.filter((right) => may(person, right));

/** Does the person work with this ward? The pseudo-ward `house` belongs to those who look after equipment and robots. */
export function seesWard(person: Person, ward: string): boolean {
  if (ward === HOUSE) return person.roles.some((role) => role !== 'nurse' && role !== 'charge_nurse');
  return person.wards === undefined || person.wards.includes(ward);
}

/** An alarm is answered by somebody who works with its ward and whom its route asks. */
export const mayAnswer = (person: Person, alarm: Pick<Alarm, 'ward' | 'kind' | 'route'>): boolean =>
  may(person, 'answer_alarms') && seesWard(person, alarm.ward) && isAsked(person.roles, alarm);

/** What of the live state somebody sees; people with the same view share one encoding of every change. */
export interface View {
  readonly wards?: ReadonlySet<string>;
  readonly seesHouse: boolean;
  readonly seesEquipment: boolean;
}

export const viewOf = (person: Person): View => ({
  ...(person.wards ? { wards: new Set(person.wards) } : {}),
  seesHouse: seesWard(person, HOUSE),
  seesEquipment: may(person, 'see_equipment'),
});

export const viewKey = ({ wards, seesHouse, seesEquipment }: View): string =>
  `${wards ? [...wards].sort().join(',') : '*'}|${Number(seesHouse)}|${Number(seesEquipment)}`;
