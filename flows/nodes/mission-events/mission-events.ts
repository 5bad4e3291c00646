import { type Static, Type } from 'typebox';
import { type Mission, missionKinds, missionStates } from '#contracts/fleet.ts';
import { defineNode, listening } from '../define-node.ts';
import { choice, choices, isAmong, isWanted, text } from '../forms.ts';

const Form = Type.Object({ kind: choice(missionKinds), states: choices(missionStates), ward: text });
type Form = Static<typeof Form>;

/** Does a mission that has come into another state pass the form? */
export function passes({ kind, states, ward }: Form, mission: Mission, previous: Mission | undefined): boolean {
  if (previous?.state === mission.state) return false;
  return isWanted(kind, mission.kind) && isAmong(states, mission.state) && isWanted(ward, mission.ward);
}

export default defineNode('mission events', Form, (form, { house, send, say }) => {
  say({ fill: 'grey', text: 'listening' });
  return listening(() =>
    house.feed.listen('mission', ({ message, previous, isReplay }) => {
      if (!passes(form, message, previous)) return;
      say({ fill: 'blue', text: `${message.mission} ${message.state}` });
      send({ topic: message.mission, payload: message, event: message.state, isReplay });
    }),
  );
});
