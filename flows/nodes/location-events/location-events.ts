import { type Static, Type } from 'typebox';
import { tagKinds } from '#contracts/site.ts';
import type { Location } from '#contracts/ward-state.ts';
import { defineNode, listening } from '../define-node.ts';
import { choice, isWanted, text } from '../forms.ts';

export const locationEvents = ['moved', 'entered', 'left', 'left_ward'] as const;

const Form = Type.Object({ kind: choice(tagKinds), ward: text, zone: text, event: choice(locationEvents) });
type Form = Static<typeof Form>;

/** Does a tag's step from one place to the next pass the form? `zone` is the zone entered or left; `ward` the ward that the tag belongs to. */
export function passes({ kind, ward, zone, event }: Form, location: Location, previous: Location | undefined): boolean {
  if (previous?.zone === location.zone && previous?.ward === location.ward) return false;
  if (!isWanted(kind, location.kind) || !isWanted(ward, location.homeWard)) return false;
  switch (event || 'moved') {
    case 'entered':
      return location.zone !== undefined && isWanted(zone, location.zone);
    case 'left':
      return previous?.zone !== undefined && previous.zone !== location.zone && isWanted(zone, previous.zone);
    case 'left_ward':
      return (
        location.homeWard !== undefined &&
        location.ward !== undefined &&
        location.ward !== location.homeWard &&
        previous?.ward !== location.ward
      );
    default:
      return isWanted(zone, location.zone);
  }
}

export default defineNode('location events', Form, (form, { house, send, say }) => {
  say({ fill: 'grey', text: 'listening' });
  return listening(() =>
    house.feed.listen('location', ({ message, previous, isReplay }) => {
      if (isReplay || !passes(form, message, previous)) return;
      say({ fill: 'blue', text: `${message.tag} ${message.zone ?? 'not known'}` });
      send({ topic: message.tag, payload: message, event: form.event || 'moved' });
    }),
  );
});
