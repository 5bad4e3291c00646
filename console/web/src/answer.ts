import type { Alarm } from '#contracts/alarms.ts';
import { isAsked } from '../../asked.ts';
import { may, me } from './session.ts';

/** Does this alarm ask the person at this screen? The console checks it again. */
export const mayAnswer = (alarm: Alarm): boolean => may('answer_alarms') && isAsked(me.value?.roles ?? [], alarm);
