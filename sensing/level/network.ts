/**
 * The level network: where in a picture the liquid ends and what that means for the volume.
 * Shape and operations are those of tools/train-level/train.py, which learned the weights; its origin note says from what.
 */
import weights from './generated/level-weights.json' with { type: 'json' };
import { add, connect, convolve, type Planes, poolRows, poolWhole, ramp, shift, type Weights } from './layers.ts';
import type { Picture } from './level-estimate.ts';
import { resample } from './resample.ts';

const WIDTH = 64;
const HEIGHT = 160;
const ROWS = 80;

const unpack = (text: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return Float32Array.from(new Float16Array(bytes.buffer, 0, bytes.length / 2));
};
const layers = new Map(
  weights.layers.map(({ name, shape, weight, bias }): [string, Weights] => [name, { shape, weight: unpack(weight), bias: unpack(bias) }]),
);
function layer(name: string): Weights {
  const found = layers.get(name);
  if (!found) throw new Error(`the level weights have no layer ${name}`);
  return found;
}
/** A layer over rows, as a convolution of one column. */
function rowLayer(name: string): Weights {
  const { shape, weight, bias } = layer(name);
  return { shape: [...shape, 1], weight, bias };
}

const FIRST = layer('first');
const BLOCKS = [
  { weights: layer('block0'), stepping: { stride: [1, 2], dilation: [1, 1] } },
  { weights: layer('block1'), stepping: { stride: [1, 2], dilation: [1, 1] } },
  { weights: layer('block2'), stepping: { stride: [1, 1], dilation: [2, 1] } },
  { weights: layer('block3'), stepping: { stride: [1, 1], dilation: [4, 2] } },
] as const;
const ROW1 = rowLayer('row1');
const ROW2 = rowLayer('row2');
const ROW3 = rowLayer('row3');
const GAZE = layer('gaze');
const SCENE = layer('scene');
const HEAT = rowLayer('heat');
const WHOLE1 = layer('whole1');
const WHOLE2 = layer('whole2');
const LAST1 = layer('last1');
const LAST2 = layer('last2');

export interface Reading {
  /** Probability that a container hangs there. */
  readonly presence: number;
  /** Volume over nominal volume. */
  readonly fraction: number;
  /** Expected absolute error of `fraction`, by the network's own judgement. */
  readonly error: number;
  /** Rows as shares of the picture's height from the top: level, top and bottom of the interior. */
  readonly levelRow: number;
  readonly topRow: number;
  readonly bottomRow: number;
}

const logistic = (value: number) => 1 / (1 + Math.exp(-value));

/** Mean and spread of a distribution over rows given by its logits. */
function placeOf(heat: Planes, channel: number): { mean: number; spread: number } {
  const logits = heat.values.subarray(channel * ROWS, (channel + 1) * ROWS);
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  let first = 0;
  let second = 0;
  for (let row = 0; row < ROWS; row += 1) {
    const share = Math.exp(logits[row]! - most);
    const at = (row + 0.5) / ROWS;
    sum += share;
    first += share * at;
    second += share * at * at;
  }
  const mean = first / sum;
  return { mean, spread: Math.sqrt(Math.max(0, second / sum - mean * mean) + 1e-6) };
}

/** Reads one picture; some 17 million multiplications. */
export function readPicture(picture: Picture): Reading {
  const input = resample(picture, WIDTH, HEIGHT);
  for (let index = 0; index < input.length; index += 1) input[index] = (input[index]! - 0.5) / 0.25;
  let planes = convolve({ channels: 3, height: HEIGHT, width: WIDTH, values: input }, FIRST, { stride: [2, 2], dilation: [1, 1] }, true);
  for (const { weights: block, stepping } of BLOCKS) {
    const next = convolve(planes, block, stepping, true);
    planes = next.channels === planes.channels ? add(next, planes) : next;
  }
  const still = { stride: [1, 1], dilation: [1, 1] } as const;
  const { mean, most } = poolWhole(planes);
  const scene = Float32Array.from([...mean, ...most]);
  const rows1 = ramp(
    shift(convolve(poolRows(planes, convolve(planes, GAZE, still, false)), ROW1, still, false), connect(scene, SCENE, false)),
  );
  const rows2 = add(convolve(rows1, ROW2, { stride: [1, 1], dilation: [3, 1] }, true), rows1);
  const rows = add(convolve(rows2, ROW3, { stride: [1, 1], dilation: [8, 1] }, true), rows2);
  const heat = convolve(rows, HEAT, still, false);
  const [level, top, bottom] = [placeOf(heat, 0), placeOf(heat, 1), placeOf(heat, 2)];
  const whole = connect(Float32Array.from([...scene, ...poolWhole(rows).most]), WHOLE1, true);
  const kind = connect(whole, WHOLE2, false);
  const height = Math.min(1.5, Math.max(-0.3, (bottom.mean - level.mean) / Math.max(0.05, bottom.mean - top.mean)));
  const facts = [level.mean, top.mean, bottom.mean, level.spread, top.spread, bottom.spread, height, height ** 2, height ** 3];
  const last = connect(connect(Float32Array.from([...facts, ...whole]), LAST1, true), LAST2, false);
  return {
    presence: logistic(kind[3]!),
    fraction: height + last[0]!,
    error: Math.exp(Math.min(1, Math.max(-5, last[1]!))),
    levelRow: level.mean,
    topRow: top.mean,
    bottomRow: bottom.mean,
  };
}
