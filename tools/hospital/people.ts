import type { Person, Tag } from '#contracts/site.ts';
import type { Random } from '#simulators/random.ts';

/** Patients, tags and duty. */

export interface OccupancyRow {
  readonly ward: string;
  readonly bed: string;
  readonly patient: string;
  readonly tag: string;
}
export interface DutyRow {
  readonly ward: string;
  readonly shift: string;
  readonly from: string;
  readonly until: string;
  readonly person: string;
  readonly role: 'nurse' | 'charge_nurse';
  readonly beds: string;
}

const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A patient's random reference: it says nothing about the person. */
export const patientReference = (r: Random): string => `P-${Array.from({ length: 6 }, () => LETTERS[r.below(LETTERS.length)]).join('')}`;

/** A 96-bit EPC as UHF tags carry it, in hexadecimal. */
export const epc = (r: Random): string =>
  `E280${Array.from({ length: 5 }, () => r.below(65_536).toString(16).padStart(4, '0')).join('')}`.toUpperCase();

/** The people of the demo: one of each role. */
export const demoPeople: Person[] = [
  { username: 'nurse', displayName: '林晓 Lin Xiao', roles: ['nurse'] },
  { username: 'charge', displayName: '王敏 Wang Min', roles: ['charge_nurse'] },
  { username: 'logistics', displayName: '赵刚 Zhao Gang', roles: ['logistics'] },
  { username: 'command', displayName: '陈静 Chen Jing', roles: ['command_centre'] },
  { username: 'engineer', displayName: '周伟 Zhou Wei', roles: ['engineer'] },
  { username: 'admin', displayName: '管理员 Administrator', roles: ['admin'] },
];

export function wardPeople(ward: string, nurses: number): Person[] {
  return [
    ...Array.from(
      { length: nurses },
      (_, i): Person => ({
        username: `${ward}-nurse${i + 1}`,
        displayName: `${ward} 护士 ${i + 1} Nurse ${i + 1}`,
        roles: ['nurse'],
        wards: [ward],
      }),
    ),
    { username: `${ward}-charge`, displayName: `${ward} 护士长 Charge nurse`, roles: ['charge_nurse'], wards: [ward] },
  ];
}

const SHIFTS = [
  { shift: 'day', from: '07:00', until: '19:00' },
  { shift: 'night', from: '19:00', until: '07:00' },
] as const;

/** Nurses share the beds evenly in both shifts; the charge nurse has the whole ward. */
export function dutyRows(ward: string, beds: readonly string[], nurses: readonly string[], charge: string): DutyRow[] {
  return SHIFTS.flatMap((shift) => [
    ...nurses.map((person, i): DutyRow => {
      const size = Math.ceil(beds.length / nurses.length);
      return { ward, ...shift, person, role: 'nurse', beds: beds.slice(i * size, (i + 1) * size).join(' ') };
    }),
    { ward, ...shift, person: charge, role: 'charge_nurse' as const, beds: '' },
  ]);
}

export interface TagCounts {
  readonly patients: number;
  readonly staff: number;
  readonly pumps: number;
  readonly bags: number;
  readonly equipment: number;
}

/** Tags of one ward. Patients in the order of `occupied`, as many as `counts` says. */
export function wardTags(
  ward: string,
  occupied: readonly { readonly bed: string; readonly patient: string }[],
  counts: TagCounts,
  r: Random,
): Tag[] {
  const many = (count: number, of: (i: number) => Omit<Tag, 'id'>): Tag[] =>
    Array.from({ length: count }, (_, i) => ({ id: epc(r), ...of(i) }));
  const at = (i: number) => occupied[i % occupied.length]!;
  const number = (i: number) => String(i + 1).padStart(2, '0');
  return [
    ...many(Math.min(counts.patients, occupied.length), (i) => ({
      kind: 'patient',
      label: `${ward} ${at(i).bed}`,
      ward,
      bed: at(i).bed,
    })),
    ...many(counts.staff, (i) => ({ kind: 'staff', label: `${ward} staff ${number(i)}`, ward })),
    ...many(counts.pumps, (i) => ({ kind: 'pump', label: `${ward} pump ${number(i)}`, ward, bed: at(i).bed })),
    ...many(counts.bags, (i) => ({ kind: 'bag', label: `${ward} bag ${number(i)}`, ward, bed: at(i).bed, forPatient: at(i).patient })),
    ...many(counts.equipment, (i) => ({ kind: 'equipment', label: `${ward} trolley ${number(i)}`, ward })),
  ];
}
