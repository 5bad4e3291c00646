import { alarmKinds, type Recipient } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';
import type { Role } from '#contracts/site.ts';

const ASKED_AS: Record<Recipient, readonly Role[]> = {
  nurse: ['nurse', 'charge_nurse'],
  buddy: ['nurse', 'charge_nurse'],
  charge_nurse: ['charge_nurse', 'nurse'],
  ward: ['nurse', 'charge_nurse'],
  logistics: ['logistics'],
  engineer: ['engineer'],
  command_centre: ['command_centre'],
};

/** Does the alarm's route ask one of these roles? A patient's alarm asks nobody but nurses, whatever its route. Used by the API and by the screens. */
export function isAsked(roles: readonly Role[], { kind, route }: Pick<Alarm, 'kind' | 'route'>): boolean {
  const asked = route.flatMap((recipient) => ASKED_AS[recipient]);
  const isPatient = alarmKinds[kind].category === 'patient';
  return roles.some((role) => asked.includes(role) && (!isPatient || role === 'nurse' || role === 'charge_nurse'));
}
