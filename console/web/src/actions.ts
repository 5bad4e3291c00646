import { ref } from 'vue';
import type { Alarm } from '#contracts/alarms.ts';
import { call } from './api.ts';

/** What a person does from any screen. Each rejects with ApiProblem. */
export const acknowledge = ({ alarm, occurrence }: Alarm) => call('POST', '/api/alarms/acknowledge', { alarm, occurrence });

export interface SendRobot {
  kind: 'delivery' | 'disinfection';
  from?: string;
  to?: string;
  zone?: string;
  load?: string;
  ward?: string;
  bed?: string;
  isUrgent?: boolean;
}
export const sendRobot = (mission: SendRobot) => call<{ mission: string }>('POST', '/api/missions', mission);
export const cancelMission = (mission: string) => call('POST', '/api/missions/cancel', { mission });
export const stopAll = () => call('POST', '/api/fleet/stop', {});
export const resumeAll = () => call('POST', '/api/fleet/resume', {});
export const sayFire = () => call('POST', '/api/fleet/fire', {});

/** The last words to the person: what was done, or why not. Gone after a while. */
export const notice = ref<{ text: string; isProblem: boolean }>();
let timer: ReturnType<typeof setTimeout> | undefined;
export function tell(text: string, isProblem = false): void {
  clearTimeout(timer);
  notice.value = { text, isProblem };
  timer = setTimeout(
    () => {
      notice.value = undefined;
    },
    isProblem ? 10_000 : 4000,
  );
}
