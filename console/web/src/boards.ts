import { type ComputedRef, computed } from 'vue';
import type { Alarm } from '#contracts/alarms.ts';
import { isShown } from './domain/alarms.ts';
import { type BedView, bedView, worstFirst } from './domain/board.ts';
import { live, now } from './live.ts';
import { site } from './session.ts';

/** Open alarms by ward and bed. */
export const alarmsByBed = computed(() => {
  const found = new Map<string, Alarm[]>();
  for (const alarm of live.alarm.values()) {
    if (!isShown(alarm)) continue;
    const key = `${alarm.ward}/${alarm.bed ?? ''}`;
    const list = found.get(key);
    if (list) list.push(alarm);
    else found.set(key, [alarm]);
  }
  return found;
});
export const shownAlarms = computed(() => [...live.alarm.values()].filter(isShown));

/** Every bed of a ward, worst first. */
export function bedsOf(ward: string): BedView[] {
  const found = site.value?.wards.find(({ id }) => id === ward);
  return (found?.beds ?? [])
    .map((bed) =>
      bedView(ward, bed, now.value, {
        infusion: (line) => live.infusion.get(`${ward}/${bed.id}/${line}`),
        occupancy: live.occupancy.get(`${ward}/${bed.id}`),
        alarms: alarmsByBed.value.get(`${ward}/${bed.id}`) ?? [],
      }),
    )
    .sort(worstFirst);
}

/** Beds that a robot is on its way to, as `ward/bed`. */
export const bedsWithRobot: ComputedRef<Set<string>> = computed(
  () =>
    new Set(
      [...live.mission.values()]
        .filter((m) => !m.isClosed && m.robot !== undefined && m.bed !== undefined)
        .map((m) => `${m.ward}/${m.bed}`),
    ),
);
