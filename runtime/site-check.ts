import { HOUSE } from '#contracts/findings.ts';
import type { Site } from '#contracts/site.ts';
import type { LayoutFile } from './layout.ts';
import type { Problem } from './validate.ts';

/** What the schema cannot say: names are unique and every reference leads somewhere. */
export function checkSite(site: Site, layout: LayoutFile | undefined): Problem[] {
  const problems: Problem[] = [];
  const wrong = (path: string, value: unknown, allowed: string) => problems.push({ path, value, allowed });

  const unique = (path: string, ids: readonly string[]): Set<string> => {
    const seen = new Set<string>();
    ids.forEach((id, i) => {
      if (seen.has(id)) wrong(`${path}.${i}.id`, id, 'is used twice');
      seen.add(id);
    });
    return seen;
  };
  const refer = (path: string, value: string | undefined, known: ReadonlySet<string>, what: string) => {
    if (value !== undefined && !known.has(value))
      wrong(path, value, `must be ${what}${known.size > 0 && known.size <= 8 ? ` (${[...known].join(', ')})` : ''}`);
  };

  const wards = unique(
    'wards',
    site.wards.map((w) => w.id),
  );
  const zones = unique(
    'zones',
    (site.zones ?? []).map((z) => z.id),
  );
  const edges = unique(
    'edges',
    (site.edges ?? []).map((e) => e.id),
  );
  unique(
    'devices',
    (site.devices ?? []).map((d) => d.id),
  );
  unique(
    'tags',
    (site.tags ?? []).map((t) => t.id),
  );
  unique(
    'robots',
    (site.robots ?? []).map((r) => r.id),
  );
  unique(
    'lifts',
    (site.lifts ?? []).map((l) => l.id),
  );
  unique(
    'doors',
    (site.doors ?? []).map((d) => d.id),
  );
  const people = new Set<string>();
  for (const [i, person] of (site.people ?? []).entries()) {
    if (people.has(person.username)) wrong(`people.${i}.username`, person.username, 'is used twice');
    people.add(person.username);
    for (const [j, ward] of (person.wards ?? []).entries()) refer(`people.${i}.wards.${j}`, ward, wards, 'a ward of this site');
  }

  const nodes = new Set((layout?.layouts ?? []).flatMap((l) => l.nodes.map((n) => n.nodeId)));
  const layoutEdges = new Set((layout?.layouts ?? []).flatMap((l) => l.edges.map((e) => e.edgeId)));
  const stations = new Set((layout?.layouts ?? []).flatMap((l) => (l.stations ?? []).map((s) => s.stationId)));
  const floors = new Set((layout?.layouts ?? []).flatMap((l) => l.nodes.map((n) => n.mapId ?? l.layoutLevelId ?? l.layoutId)));

  const bedsOf = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  for (const [i, ward] of site.wards.entries()) {
    const at = `wards.${i}`;
    if (ward.id === HOUSE) wrong(`${at}.id`, ward.id, 'is reserved for what belongs to no ward');
    if (layout) refer(`${at}.floor`, ward.floor, floors, 'a floor (mapId) of the layout');
    unique(
      `${at}.beds`,
      ward.beds.map((b) => b.id),
    );
    bedsOf.set(ward.id, new Map(ward.beds.map((b) => [b.id, new Set(b.lines ?? ['1'])])));
    for (const [j, bed] of ward.beds.entries()) {
      refer(`${at}.beds.${j}.zone`, bed.zone, zones, 'a zone of this site');
      if (bed.station !== undefined) refer(`${at}.beds.${j}.station`, bed.station, stations, 'a station of the layout');
    }
  }
  for (const [i, zone] of (site.zones ?? []).entries()) refer(`zones.${i}.ward`, zone.ward, wards, 'a ward of this site');
  for (const [i, edge] of (site.edges ?? []).entries()) refer(`edges.${i}.ward`, edge.ward, wards, 'a ward of this site');

  const wardOfEdge = new Map((site.edges ?? []).map((e) => [e.id, e.ward]));
  for (const [i, device] of (site.devices ?? []).entries()) {
    const at = `devices.${i}`;
    refer(`${at}.edge`, device.edge, edges, 'an edge of this site');
    refer(`${at}.zone`, device.zone, zones, 'a zone of this site');
    for (const [j, zone] of (device.antennaZones ?? []).entries()) refer(`${at}.antennaZones.${j}`, zone, zones, 'a zone of this site');
    const beds = bedsOf.get(wardOfEdge.get(device.edge) ?? '');
    if (device.placement && beds) {
      const lines = beds.get(device.placement.bed);
      if (!lines) wrong(`${at}.placement.bed`, device.placement.bed, `must be a bed of ward ${wardOfEdge.get(device.edge)}`);
      else refer(`${at}.placement.line`, device.placement.line, lines, 'a line of that bed');
    }
  }
  for (const [i, tag] of (site.tags ?? []).entries()) refer(`tags.${i}.ward`, tag.ward, wards, 'a ward of this site');

  const needsLayout = (site.robots ?? []).length > 0;
  if (needsLayout && site.layout === undefined) wrong('layout', undefined, 'must be given where there are robots');
  if (layout) {
    const serials = new Set<string>();
    for (const [i, robot] of (site.robots ?? []).entries()) {
      refer(`robots.${i}.home`, robot.home, nodes, 'a node of the layout');
      const serial = `${robot.adapter.manufacturer}/${robot.adapter.serialNumber}`;
      if (serials.has(serial)) wrong(`robots.${i}.adapter.serialNumber`, robot.adapter.serialNumber, 'is used twice by this manufacturer');
      serials.add(serial);
    }
    for (const [i, lift] of (site.lifts ?? []).entries())
      for (const [j, stop] of lift.stops.entries()) {
        refer(`lifts.${i}.stops.${j}.node`, stop.node, nodes, 'a node of the layout');
        refer(`lifts.${i}.stops.${j}.floor`, stop.floor, floors, 'a floor (mapId) of the layout');
      }
    for (const [i, door] of (site.doors ?? []).entries()) {
      for (const [j, edge] of door.edges.entries()) refer(`doors.${i}.edges.${j}`, edge, layoutEdges, 'an edge of the layout');
      for (const [j, zone] of door.zones.entries()) refer(`doors.${i}.zones.${j}`, zone, zones, 'a zone of this site');
    }
    for (const [i, node] of (site.holdingPoints ?? []).entries()) refer(`holdingPoints.${i}`, node, nodes, 'a node of the layout');
    for (const [i, node] of (site.chargers ?? []).entries()) refer(`chargers.${i}`, node, nodes, 'a node of the layout');
    refer('pharmacyStation', site.pharmacyStation, stations, 'a station of the layout');
  }
  return problems;
}
