/** The few operations of the level network, on planes of numbers (channel, row, column). */

export interface Weights {
  readonly shape: readonly number[];
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

export interface Stepping {
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** Source values under one tap of the kernel, for every place of the target; zero beyond the border. */
function gather(
  into: Planes,
  channel: number,
  height: number,
  width: number,
  { stride }: Stepping,
  shiftY: number,
  shiftX: number,
  tap: Float32Array,
): void {
  const firstX = Math.max(0, Math.ceil(-shiftX / stride[1]));
  const lastX = Math.min(width - 1, Math.floor((into.width - 1 - shiftX) / stride[1]));
  const base = channel * into.height * into.width;
  tap.fill(0);
  for (let y = 0; y < height; y += 1) {
    const sourceY = y * stride[0] + shiftY;
    if (sourceY < 0 || sourceY >= into.height) continue;
    let at = base + sourceY * into.width + firstX * stride[1] + shiftX;
    for (let x = firstX; x <= lastX; x += 1, at += stride[1]) tap[y * width + x] = into.values[at]!;
  }
}

/** Convolution with zero padding that keeps the size at stride 1, then a ramp where `isRamped`. */
export function convolve(into: Planes, { shape, weight, bias }: Weights, stepping: Stepping, isRamped: boolean): Planes {
  const [out, deep, tall, wide] = shape as readonly [number, number, number, number];
  const { stride, dilation } = stepping;
  const height = Math.floor((into.height - 1) / stride[0]) + 1;
  const width = Math.floor((into.width - 1) / stride[1]) + 1;
  const size = height * width;
  const values = new Float32Array(out * size);
  for (let channel = 0; channel < out; channel += 1) values.fill(bias[channel]!, channel * size, (channel + 1) * size);
  // Taps are gathered once for all target channels and worked off four at a time, so that a sum is loaded and stored once for four products.
  const count = tall * wide;
  const taps = Array.from({ length: Math.ceil(count / 4) * 4 }, () => new Float32Array(size));
  for (let from = 0; from < deep; from += 1) {
    for (let tap = 0; tap < count; tap += 1) {
      const shiftY = (Math.floor(tap / wide) - (tall - 1) / 2) * dilation[0];
      const shiftX = ((tap % wide) - (wide - 1) / 2) * dilation[1];
      gather(into, from, height, width, stepping, shiftY, shiftX, taps[tap]!);
    }
    for (let channel = 0; channel < out; channel += 1) {
      const first = (channel * deep + from) * count;
      const target = values.subarray(channel * size, (channel + 1) * size);
      for (let tap = 0; tap < count; tap += 4) {
        const factor0 = weight[first + tap]!;
        const factor1 = tap + 1 < count ? weight[first + tap + 1]! : 0;
        const factor2 = tap + 2 < count ? weight[first + tap + 2]! : 0;
        const factor3 = tap + 3 < count ? weight[first + tap + 3]! : 0;
        const tap0 = taps[tap]!;
        const tap1 = taps[tap + 1]!;
        const tap2 = taps[tap + 2]!;
        const tap3 = taps[tap + 3]!;
        for (let at = 0; at < size; at += 1) {
          target[at]! += factor0 * tap0[at]! + factor1 * tap1[at]! + factor2 * tap2[at]! + factor3 * tap3[at]!;
        }
      }
    }
  }
  const planes = { channels: out, height, width, values };
  return isRamped ? ramp(planes) : planes;
}

/** Full connection. */
export function connect(into: Float32Array, { shape, weight, bias }: Weights, isRamped: boolean): Float32Array {
  const [out, deep] = shape as readonly [number, number];
  const values = Float32Array.from(bias);
  for (let to = 0; to < out; to += 1) {
    let sum = values[to]!;
    for (let from = 0; from < deep; from += 1) sum += weight[to * deep + from]! * into[from]!;
    values[to] = isRamped && sum < 0 ? 0 : sum;
  }
  return values;
}

/** `a + b`, in place of `a`. */
export function add(a: Planes, b: Planes): Planes {
  for (let index = 0; index < a.values.length; index += 1) a.values[index]! += b.values[index]!;
  return a;
}

/** Adds one number to each channel, in place. */
export function shift(planes: Planes, by: Float32Array): Planes {
  const size = planes.height * planes.width;
  for (let index = 0; index < planes.values.length; index += 1) planes.values[index]! += by[Math.floor(index / size)]!;
  return planes;
}

/** Cuts what is negative, in place. */
export function ramp(planes: Planes): Planes {
  for (let index = 0; index < planes.values.length; index += 1) if (planes.values[index]! < 0) planes.values[index] = 0;
  return planes;
}

/** Every row in one number a channel, as planes of one column: the means of all channels, their maxima, then for each gaze the mean by where it dwells (its logits over the columns). */
export function poolRows({ channels, height, width, values }: Planes, gaze: Planes): Planes {
  const block = channels * height;
  const pooled = new Float32Array((2 + gaze.channels) * block);
  for (let line = 0; line < block; line += 1) {
    let sum = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let x = 0; x < width; x += 1) {
      const value = values[line * width + x]!;
      sum += value;
      if (value > most) most = value;
    }
    pooled[line] = sum / width;
    pooled[block + line] = most;
  }
  const dwell = new Float64Array(width);
  for (let look = 0; look < gaze.channels; look += 1) {
    for (let y = 0; y < height; y += 1) {
      const start = (look * height + y) * width;
      let most = Number.NEGATIVE_INFINITY;
      for (let x = 0; x < width; x += 1) most = Math.max(most, gaze.values[start + x]!);
      let sum = 0;
      for (let x = 0; x < width; x += 1) {
        dwell[x] = Math.exp(gaze.values[start + x]! - most);
        sum += dwell[x]!;
      }
      for (let channel = 0; channel < channels; channel += 1) {
        let seen = 0;
        for (let x = 0; x < width; x += 1) seen += dwell[x]! * values[(channel * height + y) * width + x]!;
        pooled[(2 + look) * block + channel * height + y] = seen / sum;
      }
    }
  }
  return { channels: (2 + gaze.channels) * channels, height, width: 1, values: pooled };
}

/** Mean and maximum of each channel over the whole plane. */
export function poolWhole({ channels, height, width, values }: Planes): { mean: Float32Array; most: Float32Array } {
  const mean = new Float32Array(channels);
  const most = new Float32Array(channels).fill(Number.NEGATIVE_INFINITY);
  const size = height * width;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let index = channel * size; index < (channel + 1) * size; index += 1) {
      const value = values[index]!;
      mean[channel]! += value / size;
      if (value > most[channel]!) most[channel] = value;
    }
  }
  return { mean, most };
}
