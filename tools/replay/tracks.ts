import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { openTrace, TraceError, traceFiles } from '#tools/evaluate/trace-file.ts';
import type { Track } from './track.ts';
import { dripTrack } from './track-drip.ts';
import { pictureTracks } from './track-pictures.ts';
import { pumpTrack } from './track-pump.ts';
import { tagTracks } from './track-tags.ts';
import { weighingTrack } from './track-weighing.ts';

const Kind = Type.Object({ kind: Type.String(), trace: Type.String() });

/** The recorded devices of a folder, by what its files say they are. `names`: only these traces. Throws TraceError for what cannot be read. Truth files are never opened. */
export function openTracks(dir: string, speed: number, names: readonly string[] = []): Track[] {
  const isWanted = (name: string) => names.length === 0 || names.includes(name);
  const known: string[] = [];
  const keep = (tracks: readonly Track[]) => {
    known.push(...tracks.map(({ name }) => name));
    return tracks.filter(({ name }) => isWanted(name));
  };
  if (existsSync(join(dir, 'input.jsonl'))) {
    const cameras = keep(pictureTracks(dir));
    return found(cameras, known, dir);
  }
  const tracks = traceFiles(dir).flatMap((path): readonly Track[] => {
    const { kind, trace } = openTrace(path, Kind).header;
    switch (kind) {
      case 'A':
        return isWanted(trace) ? keep([weighingTrack(path)]) : keep([]);
      case 'B':
        return isWanted(trace) ? keep([dripTrack(path, speed)]) : [];
      case 'C':
        return isWanted(trace) ? keep([pumpTrack(path)]) : [];
      case 'D':
        return isWanted(trace) ? tagTracks(path) : [];
      default:
        throw new TraceError(`${path}: kind ${JSON.stringify(kind)}: must be one of A, B, C, D`);
    }
  });
  return found(tracks, known, dir);
}

function found(tracks: readonly Track[], known: readonly string[], dir: string): Track[] {
  if (tracks.length === 0) throw new TraceError(`${dir} has nothing of that name${known.length > 0 ? `: ${known.join(', ')}` : ''}`);
  return [...tracks];
}
