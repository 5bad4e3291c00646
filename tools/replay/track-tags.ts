import { Type } from 'typebox';
import { audience } from '#simulators/devices/device.ts';
import { readerFrame, tagNotice } from '#simulators/devices/yrm100.ts';
import { openTrace, parseLine, TraceError } from '#tools/evaluate/trace-file.ts';
import { duePart, type Track } from './track.ts';

const Header = Type.Object({
  trace: Type.String(),
  dur_ms: Type.Number(),
  readers: Type.Array(Type.String(), { minItems: 1 }),
  tags: Type.Array(Type.Object({ epc: Type.String() })),
});
const N = Type.Number();
const I = Type.Integer({ minimum: 0 });
const Reads = Type.Object({ reads: Type.Array(Type.Tuple([N, I, I, I, N])) });

/** A reader says so often that it hears no tag, seconds of the recording. */
const NO_TAG_EVERY_S = 1;
const NO_TAG = readerFrame(0x01, 0xff, Uint8Array.of(0x15));
const RSSI_AND_PC = 3;
const CRC = 2;

/** The notice of a module with several antenna ports: the port, from 1, follows the tag's CRC. */
function portNotice(epc: string, rssiDbm: number, port: number): Buffer {
  const plain = tagNotice({ epc, rssiDbm });
  const data = plain.subarray(5, 5 + RSSI_AND_PC + epc.length / 2 + CRC);
  return readerFrame(0x02, 0x22, Uint8Array.from([...data, port]));
}

/** The recorded readers of a building, each a YRM100 of its own; all play from one recording. */
export function tagTracks(path: string): Track[] {
  const { header, lines } = openTrace(path, Header);
  function* reads() {
    for (const line of lines) yield* parseLine(Reads, line, path).reads;
  }
  // The readers' clocks differ by some 100 ms: what is due is due by the order of arrival, never before it.
  let latest = 0;
  const due = duePart(reads(), ([t]) => {
    latest = Math.max(latest, t);
    return latest / 1000;
  });
  let isOver = false;
  let played = 0;
  const readers = header.readers.map(() => ({ ...audience(), saidAt: 0 }));
  const play = (position: number): boolean => {
    if (position <= played) return !isOver;
    played = position;
    isOver = !due.take(position, ([t, readerIndex, antenna, tagIndex, rssi]) => {
      const reader = readers[readerIndex];
      const tag = header.tags[tagIndex];
      if (!reader || !tag) throw new TraceError(`${path}: no reader ${readerIndex} or tag ${tagIndex} at ${t} ms`);
      reader.saidAt = position;
      reader.say(portNotice(tag.epc, rssi, antenna));
    });
    for (const reader of readers) {
      if (position - reader.saidAt < NO_TAG_EVERY_S) continue;
      reader.saidAt = position;
      reader.say(NO_TAG);
    }
    return !isOver;
  };
  return header.readers.map((name, i) => ({
    name: name.replaceAll('_', '-'),
    driver: 'yrm100',
    facts: {},
    device: readers[i]!.device,
    advance: play,
  }));
}
