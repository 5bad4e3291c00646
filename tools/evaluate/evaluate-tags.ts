import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { decibels, instant } from '#contracts/units.ts';
import { createBedWatch, type WatchedBed } from '#sensing/zones/bed-watch.ts';
import { createPatientFlow, type PatientFlow } from '#sensing/zones/milestones.ts';
import type { ZoneChange } from '#sensing/zones/zone-change.ts';
import { createZones } from '#sensing/zones/zones.ts';
import type { ResultFile } from './result-file.ts';
import { openTrace, parseLine, TraceError } from './trace-file.ts';

const N = Type.Number();
const S = Type.String();
const Site = Type.Object({
  doors: Type.Array(Type.Object({ a: S, b: S })),
  beds: Type.Record(S, Type.Object({ zone: S, x: N, y: N })),
  readers: Type.Array(
    Type.Object({
      name: S,
      antennas: Type.Array(
        Type.Object({
          antenna: Type.Integer(),
          zone: S,
          x: N,
          y: N,
          type: Type.Union([Type.Literal('door'), Type.Literal('zone'), Type.Literal('bed')]),
        }),
      ),
    }),
  ),
});
const Header = Type.Object({
  trace: S,
  dur_ms: N,
  readers: Type.Array(S),
  tags: Type.Array(Type.Object({ epc: S, kind: S, label: S, bed: Type.Optional(S), for_patient: Type.Optional(S) })),
});
const Reads = Type.Object({ reads: Type.Array(Type.Tuple([N, Type.Integer(), Type.Integer(), Type.Integer(), N])) });

/** Zones of the recorded building by their names. */
const FLOW_ZONES = { preop: new Set(['PREOP']), theatre: new Set(['OR1', 'OR2']), recovery: new Set(['PACU']) };

function readSite(dir: string): Static<typeof Site> {
  const path = join(dir, 'site.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TraceError(`${path} cannot be read: tags need the site's zones and antennas`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TraceError(`${path}: not JSON`, { cause });
  }
  return parseLine(Site, { number: 1, value }, path);
}

/** Each bed with the antennas that hang nearest to it of all beds in its room. */
function watchedBeds(site: Static<typeof Site>): WatchedBed[] {
  const entries = Object.entries(site.beds);
  const antennas = site.readers.flatMap(({ name, antennas: own }) =>
    own.filter(({ type }) => type === 'bed').map((antenna) => ({ reader: name, ...antenna })),
  );
  const nearest = (antenna: (typeof antennas)[number]) =>
    entries
      .filter(([, { zone }]) => zone === antenna.zone)
      .sort(([, a], [, b]) => Math.hypot(a.x - antenna.x, a.y - antenna.y) - Math.hypot(b.x - antenna.x, b.y - antenna.y))[0]?.[0];
  return entries.map(([bed, { zone }]) => ({ bed, room: zone, antennas: antennas.filter((antenna) => nearest(antenna) === bed) }));
}

/** Runs the zone core over one trace; returns the reads it took. Zones and milestones are stated at the moment they were decided. */
export function evaluateTags(path: string, results: ResultFile, dir: string): number {
  const site = readSite(dir);
  const { header, lines } = openTrace(path, Header);
  const { trace } = header;
  const zones = createZones({
    antennas: site.readers.flatMap((reader) =>
      reader.antennas.map((a) => ({ reader: reader.name, antenna: a.antenna, zone: a.zone, kind: a.type })),
    ),
    doors: site.doors.map(({ a, b }) => [a, b] as const),
  });
  const flows = new Map<string, PatientFlow>();
  for (const tag of header.tags) {
    if (tag.kind === 'patient')
      flows.set(tag.epc, createPatientFlow(FLOW_ZONES, tag.bed === undefined ? undefined : site.beds[tag.bed]?.zone));
  }
  const beds = createBedWatch(watchedBeds(site));
  const bedOfPatient = new Map(header.tags.filter(({ kind }) => kind === 'patient').map(({ label, bed }) => [label, bed]));
  for (const { epc, for_patient } of header.tags) {
    const bed = for_patient === undefined ? undefined : bedOfPatient.get(for_patient);
    if (bed !== undefined) beds.expect(epc, bed);
  }
  const stays = new Map<string, { zone: string; from: number }>();
  const publish = (changes: readonly ZoneChange[]) => {
    for (const { tag, zone, decidedAt } of changes) {
      beds.moved(tag, zone, decidedAt);
      const stay = stays.get(tag);
      if (stay) results.write({ trace, tag, zone: stay.zone, from_ms: stay.from, to_ms: decidedAt });
      if (zone === undefined) stays.delete(tag);
      else stays.set(tag, { zone, from: decidedAt });
      for (const { milestone, at } of flows.get(tag)?.step(zone, decidedAt) ?? []) results.write({ trace, tag, milestone, t_ms: at });
    }
  };
  let taken = 0;
  let clock = 0;
  for (const line of lines) {
    for (const [at, readerIndex, antenna, tagIndex, rssi] of parseLine(Reads, line, path).reads) {
      const reader = header.readers[readerIndex];
      const tag = header.tags[tagIndex];
      if (reader === undefined || tag === undefined)
        throw new TraceError(`${path} line ${line.number}: no reader ${readerIndex} or tag ${tagIndex}`);
      for (; clock + 1000 <= at; clock += 1000) {
        publish(zones.tick(instant(clock + 1000)));
        for (const mismatch of beds.tick(instant(clock + 1000))) results.write({ trace, mismatch: mismatch.tag, t_ms: mismatch.at });
      }
      const read = { at: instant(at), tag: tag.epc, reader, antenna, rssiDbm: decibels(rssi) };
      publish(zones.step(read));
      beds.read(read);
      taken += 1;
    }
  }
  for (const [tag, { zone, from }] of stays) results.write({ trace, tag, zone, from_ms: from, to_ms: null });
  return taken;
}
