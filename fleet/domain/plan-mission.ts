import type { Mission } from '#contracts/fleet.ts';
import type { Site, Zone } from '#contracts/site.ts';
import type { NavGraph } from '../map/nav-graph.ts';
import type { Phase } from './mission.ts';

export interface MissionWish {
  readonly kind: Mission['kind'];
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly ward?: string;
  readonly bed?: string;
}

export type PlannedMission =
  | { readonly ok: true; readonly phases: Phase[]; readonly zone?: string }
  | { readonly ok: false; readonly because: string };

type SiteParts = Pick<Site, 'wards' | 'zones' | 'doors' | 'pharmacyStation'>;

/** Turns a wish into phases, or says what is missing or cannot be reached. */
export function planMission(wish: MissionWish, site: SiteParts, graph: NavGraph): PlannedMission {
  const bed = bedOf(wish, site);
  if (wish.bed !== undefined && !bed) return { ok: false, because: `ward ${wish.ward ?? '(none given)'} has no bed ${wish.bed}` };
  return wish.kind === 'delivery' ? planDelivery(wish, bed?.station, site, graph) : planDisinfection(wish, bed?.zone, site, graph);
}

const bedOf = ({ ward, bed }: MissionWish, site: SiteParts) =>
  bed === undefined ? undefined : site.wards.find((w) => w.id === ward)?.beds.find((b) => b.id === bed);

const planned = (kind: Phase['kind'], place: string): Phase => ({ kind, place, state: 'planned' });

function planDelivery(wish: MissionWish, bedStation: string | undefined, site: SiteParts, graph: NavGraph): PlannedMission {
  const from = wish.from ?? site.pharmacyStation;
  const to = wish.to ?? bedStation;
  if (from === undefined)
    return { ok: false, because: 'a delivery needs a station to load at: give `from`, or a pharmacyStation in the site' };
  if (to === undefined) return { ok: false, because: 'a delivery needs a station to go to: give `to`, or a bed that has a station' };
  for (const station of [from, to])
    if (!graph.stations.has(station)) return { ok: false, because: `the layout has no station ${station} that a robot can reach` };
  if (from === to) return { ok: false, because: `a delivery from ${from} to itself moves nothing` };
  // At a bed somebody takes the load out of the robot's hands; elsewhere it is set down.
  const isAtBed = wish.bed !== undefined || site.wards.some((ward) => ward.beds.some((bed) => bed.station === to));
  return {
    ok: true,
    phases: [planned('go', from), planned('load', from), planned('go', to), planned(isAtBed ? 'hand_over' : 'unload', to)],
  };
}

function planDisinfection(wish: MissionWish, bedZone: string | undefined, site: SiteParts, graph: NavGraph): PlannedMission {
  const id = wish.zone ?? bedZone;
  if (id === undefined) return { ok: false, because: 'a disinfection needs a zone, or a bed that has one' };
  const zone = site.zones?.find((z) => z.id === id);
  if (!zone) return { ok: false, because: `the site has no zone ${id}` };
  if (!(site.doors ?? []).some((door) => door.zones.includes(id)))
    return { ok: false, because: `no door of ${id} is in the site file, so nothing can say that the room is closed` };
  if (nodesIn(zone, graph).length === 0) return { ok: false, because: `no node of the layout lies in ${id}` };
  return { ok: true, zone: id, phases: [planned('go', id), planned('disinfect', id)] };
}

/** Nodes of the graph inside a zone, the one nearest to its middle first. Lift cabins are none. */
export function nodesIn(zone: Zone, graph: NavGraph): string[] {
  const [x0, y0, x1, y1] = zone.rectangle as unknown as [number, number, number, number];
  const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
  const [low, high] = [Math.min(y0, y1), Math.max(y0, y1)];
  const toMiddle = (node: { x: number; y: number }) => Math.hypot(node.x - (left + right) / 2, node.y - (low + high) / 2);
  return [...graph.nodes.values()]
    .filter((n) => n.floor === zone.floor && n.lift === undefined && n.x >= left && n.x <= right && n.y >= low && n.y <= high)
    .sort((a, b) => toMiddle(a) - toMiddle(b))
    .map((n) => n.id);
}
