import { alarmKindNames, priorities, recipients } from '#contracts/alarm-kinds.ts';
import { missionKinds, missionStates } from '#contracts/fleet.ts';
import { tagKinds } from '#contracts/site.ts';
import { alarmEvents } from '../alarm-events/alarm-events.ts';
import type { NodeRed } from '../define-node.ts';
import { locationEvents } from '../location-events/location-events.ts';

/** Gives the editor's forms the words to choose from: those of the contracts and of this site. */
export default function serveWords(RED: NodeRed): void {
  RED.httpAdmin.get('/wardline/words', RED.auth.needsPermission('flows.read'), (_, response) => {
    const site = RED.settings.wardline?.site;
    response.json({
      kinds: alarmKindNames,
      priorities,
      recipients,
      missionKinds,
      missionStates,
      tagKinds,
      alarmEvents,
      locationEvents,
      wards: site?.wards.map(({ id }) => id) ?? [],
      zones: site?.zones?.map(({ id }) => id) ?? [],
    });
  });
}
