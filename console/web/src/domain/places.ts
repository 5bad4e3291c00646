import type { SiteForScreens } from '../../../drawing.ts';

/** A place that a robot can be sent to. */
export interface Place {
  readonly station: string;
  readonly ward?: string;
  readonly bed?: string;
  readonly name: string;
}

/** Beds with a station, and the layout's other stations, as a person would name them. */
export function placesOf(
  site: Pick<SiteForScreens, 'wards'>,
  stations: readonly { id: string; name: string }[],
  locale: 'zh-CN' | 'en',
  bedName: (ward: string, bed: string) => string,
): Place[] {
  const beds = site.wards.flatMap((ward) =>
    ward.beds.flatMap((bed) =>
      bed.station === undefined ? [] : [{ station: bed.station, ward: ward.id, bed: bed.id, name: bedName(ward.name[locale], bed.id) }],
    ),
  );
  const known = new Set(beds.map((place) => place.station));
  // A bed of a ward that the person does not work with has no name here: it is left out by its own name's form.
  const rest = stations.filter(({ id }) => !known.has(id) && !id.startsWith('bed-')).map(({ id, name }) => ({ station: id, name }));
  return [...rest, ...beds];
}

/** Places whose name holds every word of the search, best first: the start of the name, then the start of a bed's number. */
export function search(places: readonly Place[], text: string): Place[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const score = ({ name, bed }: Place) => (name.toLowerCase().startsWith(words[0] as string) || bed === words[0] ? 0 : 1);
  return places
    .filter(({ name, station }) => words.every((word) => `${name} ${station}`.toLowerCase().includes(word)))
    .sort((a, b) => score(a) - score(b));
}
