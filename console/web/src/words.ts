import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { alarmKinds } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';
import { ApiProblem } from './api.ts';
import { ago, clockSeconds, clockTime, duration, type Locale } from './domain/format.ts';
import { now } from './live.ts';
import { floors, site } from './session.ts';

/** The words of the screen's language, and figures in the hospital's time. */
export function useWords() {
  const { t, te, locale } = useI18n();
  const language = computed(() => locale.value as Locale);
  const zone = computed(() => site.value?.timeZone ?? 'UTC');

  const wardName = (id: string): string =>
    id === 'house' ? t('alarms.house') : (site.value?.wards.find((ward) => ward.id === id)?.name[language.value] ?? id);
  /** A name in both languages (`药房 Pharmacy`) is shown in the screen's own. */
  const oneTongue = (name: string): string => {
    const parts = /^([^A-Za-z]*\p{Script=Han}[^A-Za-z·]*)[\s·]+([A-Z].*)$/u.exec(name);
    return parts ? ((language.value === 'en' ? parts[2] : parts[1]) as string).trim() : name;
  };
  const personName = (username: string | undefined): string =>
    username === undefined ? '' : oneTongue(site.value?.people.find((person) => person.username === username)?.displayName ?? username);
  const placeName = (place: string | undefined): string => {
    if (place === undefined) return '';
    for (const ward of site.value?.wards ?? [])
      for (const bed of ward.beds) if (bed.station === place) return t('board.bed', { bed: bed.id });
    for (const floor of floors.value) {
      const zoneFound = floor.zones.find((z) => z.id === place);
      if (zoneFound) return zoneFound.name[language.value];
      const station = floor.stations.find((s) => s.id === place);
      if (station) return oneTongue(station.name);
    }
    return place;
  };
  const problem = (error: unknown): string => {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.code === 'offline' || error.code === 'command_deadline') return t(`problem.${error.code}`);
    if (error.code === 'forbidden') return t('problem.forbidden');
    return t('problem.other', { detail: error.message });
  };

  return {
    t,
    te,
    language,
    wardName,
    personName,
    placeName,
    oneTongue,
    problem,
    alarmText: (alarm: Pick<Alarm, 'kind'>): string => alarmKinds[alarm.kind].text[language.value],
    alarmAction: (alarm: Pick<Alarm, 'kind'>): string => alarmKinds[alarm.kind].action[language.value],
    clock: (at: number): string => clockTime(at, language.value, zone.value),
    clockSeconds: (at: number): string => clockSeconds(at, language.value, zone.value),
    /** How long still. */
    until: (at: number): string => duration(at - now.value, language.value),
    /** How long already. */
    since: (at: number): string => duration(now.value - at, language.value),
    ago: (at: number): string => ago(now.value - at, language.value),
  };
}
