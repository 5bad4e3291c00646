import { type Static, Type } from 'typebox';
import { alarmKindNames, priorities } from '#contracts/alarm-kinds.ts';
import type { Alarm } from '#contracts/alarms.ts';
import { defineNode, listening } from '../define-node.ts';
import { choice, choices, isAmong, isWanted, text } from '../forms.ts';

export const alarmEvents = ['raised', 'recurred', 'acknowledged', 'escalated', 'latched', 'changed', 'closed'] as const;
export type AlarmEvent = (typeof alarmEvents)[number];

const Form = Type.Object({ ward: text, kinds: choices(alarmKindNames), priority: choice(priorities), events: choices(alarmEvents) });
type Form = Static<typeof Form>;

/** What has happened to an alarm between two of its messages. */
export function eventOf(alarm: Alarm, previous: Alarm | undefined): AlarmEvent {
  if (alarm.isClosed) return 'closed';
  if (!previous) return 'raised';
  if (alarm.occurrence > previous.occurrence) return 'recurred';
  if (alarm.annunciation !== previous.annunciation && (alarm.annunciation === 'acknowledged' || alarm.annunciation === 'latched'))
    return alarm.annunciation;
  return alarm.escalation > previous.escalation ? 'escalated' : 'changed';
}

export const passes = ({ ward, kinds, priority, events }: Form, alarm: Alarm, event: AlarmEvent): boolean =>
  isWanted(ward, alarm.ward) && isAmong(kinds, alarm.kind) && isWanted(priority, alarm.priority) && isAmong(events, event);

export default defineNode('alarm events', Form, (form, { house, send, say }) => {
  say({ fill: 'grey', text: 'listening' });
  return listening(() =>
    house.feed.listen('alarm', ({ message, previous, isReplay }) => {
      const event = eventOf(message, previous);
      if (!passes(form, message, event)) return;
      say({ fill: 'yellow', text: `${event} ${message.kind} ${message.subject}` });
      send({ topic: `${message.ward}/${message.kind}/${message.subject}`, payload: message, event, isReplay });
    }),
  );
});
