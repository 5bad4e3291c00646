import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { Type } from 'typebox';
import { parser, sayProblems } from '#runtime/validate.ts';

export const pictureScenes = ['night', 'window'] as const;
export type PictureScene = (typeof pictureScenes)[number];
/** A JPEG of a bag with the given filling (volume over nominal volume), or of the empty hook. The same buffer for fillings that differ by less than a row. */
export type LevelPictures = (scene: PictureScene, fraction: number | undefined) => Buffer;

interface Frame {
  readonly fraction: number;
  readonly row: number;
  readonly pixels: Uint8Array;
}

const Shots = Type.Array(Type.Object({ file: Type.String(), fraction: Type.Number(), row: Type.Number() }), { minItems: 2 });
const Levels = Type.Object({ night: Shots, window: Shots });

const WIDTH = 240;
const HEIGHT = 320;
const QUALITY = 85;
/** Half the height of the strip around the liquid plane that moves with it, rows. */
const SURFACE = 9;
/** Rows over which the strip fades into its surroundings. */
const FADE = 3;

export function levelPictures(folder = join(import.meta.dirname, '../pictures')): LevelPictures {
  const parsed = parser(Levels).parse(JSON.parse(readFileSync(join(folder, 'levels.json'), 'utf8')));
  if (!parsed.ok) throw new TypeError(sayProblems(parsed.problems));
  const shots = parsed.value;
  const none = readFileSync(join(folder, 'none.jpg'));
  const frames = new Map<PictureScene, Frame[]>();
  const made = new Map<string, Buffer>();

  const framesOf = (scene: PictureScene): Frame[] => {
    let found = frames.get(scene);
    if (!found) {
      found = shots[scene].map(({ file, fraction, row }) => ({
        fraction,
        row,
        pixels: jpeg.decode(readFileSync(join(folder, file)), { useTArray: true, formatAsRGBA: true }).data,
      }));
      frames.set(scene, found);
    }
    return found;
  };

  return (scene, fraction) => {
    if (fraction === undefined) return none;
    const all = framesOf(scene);
    const below = all.findIndex((frame) => frame.fraction <= fraction);
    const lower = below < 0 ? all.length - 1 : Math.max(1, below);
    const [fuller, emptier] = [all[lower - 1]!, all[lower]!];
    const share = (fuller.fraction - fraction) / (fuller.fraction - emptier.fraction);
    // Beyond the fullest and the emptiest picture the plane stays where it was last seen.
    const row = Math.round(fuller.row + Math.min(1, Math.max(0, share)) * (emptier.row - fuller.row));
    const key = `${scene} ${row}`;
    let picture = made.get(key);
    if (!picture) {
      picture = Buffer.from(jpeg.encode({ width: WIDTH, height: HEIGHT, data: joinFrames(fuller, emptier, row) }, QUALITY).data);
      made.set(key, picture);
    }
    return picture;
  };
}

/** Above the plane the emptier picture (air), below it the fuller one (liquid), and around it the fuller one's plane, moved to `row`. */
function joinFrames(fuller: Frame, emptier: Frame, row: number): Buffer {
  const out = Buffer.alloc(WIDTH * HEIGHT * 4);
  const shift = row - Math.round(fuller.row);
  const lineOf = (frame: Frame, y: number) => {
    const clamped = Math.min(HEIGHT - 1, Math.max(0, y));
    return frame.pixels.subarray(clamped * WIDTH * 4, (clamped + 1) * WIDTH * 4);
  };
  for (let y = 0; y < HEIGHT; y++) {
    const around = lineOf(y < row ? emptier : fuller, y);
    const strip = lineOf(fuller, y - shift);
    const inside = Math.min(y - (row - SURFACE), row + SURFACE - y);
    const weight = Math.min(1, Math.max(0, inside / FADE));
    for (let i = 0; i < WIDTH * 4; i++) out[y * WIDTH * 4 + i] = Math.round(around[i]! * (1 - weight) + strip[i]! * weight);
  }
  return out;
}
