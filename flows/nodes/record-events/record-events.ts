import { type Static, Type } from 'typebox';
import type { Duty, Occupancy, Order } from '#contracts/ward-state.ts';
import { defineNode, listening } from '../define-node.ts';
import { choice, isWanted, text } from '../forms.ts';

const Form = Type.Object({ record: choice(['occupancy', 'order', 'duty'] as const), ward: text, state: text });
type Form = Static<typeof Form>;
type Entry = Occupancy | Order | Duty;

const stateOf = (entry: Entry | undefined) => (entry && 'state' in entry ? entry.state : undefined);

/** Does an entry that has come into another state (of a duty: that has changed at all) pass the form? */
export function passes({ ward, state }: Form, entry: Entry, previous: Entry | undefined): boolean {
  if (!isWanted(ward, entry.ward) || !isWanted(state, stateOf(entry))) return false;
  return previous === undefined || !('state' in entry) || stateOf(previous) !== entry.state || idOf(previous) !== idOf(entry);
}
const idOf = (entry: Entry) => ('order' in entry ? entry.order : 'patient' in entry ? entry.patient : undefined);

export default defineNode('record events', Form, (form, { house, send, say }) => {
  say({ fill: 'grey', text: 'listening' });
  return listening(() =>
    house.feed.listen(form.record || 'occupancy', ({ message, previous, isReplay }) => {
      if (!passes(form, message, previous)) return;
      const place = 'bed' in message ? `${message.ward}/${message.bed}` : message.ward;
      const event = stateOf(message) ?? 'changed';
      say({ fill: 'blue', text: `${place} ${event}` });
      send({ topic: place, payload: message, event, isReplay });
    }),
  );
});
