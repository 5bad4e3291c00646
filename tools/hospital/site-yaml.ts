import { Document, isMap, isPair, isSeq, type Node, visit } from 'yaml';
import type { Site } from '#contracts/site.ts';

const HEADINGS: Partial<Record<keyof Site, string>> = {
  thresholds: ' What holds for every ward that says nothing else.',
  wards: ' Wards and their beds. `station` is where a robot hands over.',
  zones: ' Rooms and corridors: rectangle is x0, y0, x1, y1 in metres on the map of the floor.',
  edges: ' One edge agent a ward gathers what its devices say.',
  devices: ' Devices. `placement` is where each starts out.',
  tags: ' Tags: the id is the EPC that the reader sees.',
  robots: ' Robots speak VDA 5050.',
  lifts: ' Lifts and doors, tied to the layout by its nodes and edges.',
  holdingPoints: ' Where robots wait in a fire, clear of escape ways.',
  people: ' Who may log in, with which role.',
  seed: ' What fills empty records at the first start.',
};

/** The site as YAML that an engineer likes to read: one bed, device or tag a line. */
export function siteYaml(site: Site, introduction: string): string {
  const doc = new Document(site, { aliasDuplicateObjects: false });
  doc.commentBefore = ` ${introduction}`;
  if (!isMap(doc.contents)) throw new TypeError('a site is a map');
  for (const pair of doc.contents.items) {
    const key = String(pair.key) as keyof Site;
    const heading = HEADINGS[key];
    const name = pair.key as Node;
    if (key !== 'schema' && (heading || !['site', 'name', 'timeZone', 'layout'].includes(key))) name.spaceBefore = true;
    if (heading) name.commentBefore = heading;
    const value = pair.value;
    if (isSeq(value) && !['wards', 'holdingPoints', 'chargers'].includes(key))
      for (const item of value.items) if (isMap(item)) item.flow = true;
    if (isMap(value) && ['name', 'thresholds', 'seed'].includes(key)) value.flow = true;
  }
  visit(doc, {
    Pair(_, pair) {
      if (!isPair(pair)) return;
      if (String(pair.key) === 'beds' && isSeq(pair.value)) for (const bed of pair.value.items) if (isMap(bed)) bed.flow = true;
      if (['name', 'stops'].includes(String(pair.key)) && (isMap(pair.value) || isSeq(pair.value))) pair.value.flow = true;
    },
  });
  return doc.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** A CSV file (RFC 4180) with a head line. */
export function csv<Row extends object>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  const cell = (value: unknown) => {
    const text = String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[columns.join(','), ...rows.map((row) => columns.map((column) => cell(row[column])).join(','))].join('\n')}\n`;
}
