import { decibels } from '#contracts/units.ts';
import type { Zones } from '#sensing/zones/zone-change.ts';
import { NOTHING, type Said, type Session } from './session.ts';

/** Tags and antennas summed up in one second at most; a module reads some 200 a second. */
const SUMMARIES_MAX = 400;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** A tag reader: every read goes to the tracker that all readers of the edge share, one summary per tag and antenna leaves each second. */
export function createReaderSession(device: string, zones: Zones): Session<'reader'> {
  let summaries = new Map<string, { tag: string; antenna: number; strengths: number[] }>();
  return {
    take({ tag, antenna, rssiDbm }, at) {
      zones.step({ at, tag, reader: device, antenna, rssiDbm });
      const key = `${tag}/${antenna}`;
      const summary = summaries.get(key);
      if (summary) summary.strengths.push(rssiDbm);
      else if (summaries.size < SUMMARIES_MAX) summaries.set(key, { tag, antenna, strengths: [rssiDbm] });
      return NOTHING;
    },
    tick(at) {
      if (summaries.size === 0) return NOTHING;
      const said: Said[] = [];
      for (const { tag, antenna, strengths } of summaries.values()) {
        const zone = zones.tag(tag)?.zone;
        said.push({
          at,
          value: {
            kind: 'tag',
            tag,
            ...(zone === undefined ? {} : { zone }),
            antenna,
            rssiDbm: decibels(median(strengths)),
            reads: strengths.length,
          },
        });
      }
      summaries = new Map();
      return said;
    },
    assign: () => undefined,
  };
}
