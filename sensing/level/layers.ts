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

/** Convolution with zero padding that keeps the size at stride 1, then a ramp where `isRamped`. */
export function convolve(into: Planes, { shape, weight, bias }: Weights, { stride, dilation }: Stepping, isRamped: boolean): Planes {
  const [out, deep, tall, wide] = shape as readonly [number, number, number, number];
  const padY = ((tall - 1) / 2) * dilation[0];
  const padX = ((wide - 1) / 2) * dilation[1];
  const height = Math.floor((into.height - 1) / stride[0]) + 1;
  const width = Math.floor((into.width - 1) / stride[1]) + 1;
  const values = new Float32Array(out * height * width);
  const source = into.values;
  for (let channel = 0; channel < out; channel += 1) {
    const base = channel * height * width;
    values.fill(bias[channel]!, base, base + height * width);
    for (let from = 0; from < deep; from += 1) {
      const sourceBase = from * into.height * into.width;
      for (let ky = 0; ky < tall; ky += 1) {
        const shiftY = ky * dilation[0] - padY;
        for (let kx = 0; kx < wide; kx += 1) {
          const factor = weight[((channel * deep + from) * tall + ky) * wide + kx]!;
          const shiftX = kx * dilation[1] - padX;
          const firstX = Math.max(0, Math.ceil(-shiftX / stride[1]));
          const lastX = Math.min(width - 1, Math.floor((into.width - 1 - shiftX) / stride[1]));
          for (let y = 0; y < height; y += 1) {
            const sourceY = y * stride[0] + shiftY;
            if (sourceY < 0 || sourceY >= into.height) continue;
            const row = base + y * width;
            let at = sourceBase + sourceY * into.width + firstX * stride[1] + shiftX;
            for (let x = firstX; x <= lastX; x += 1, at += stride[1]) values[row + x]! += factor * source[at]!;
          }
        }
      }
    }
  }
  if (isRamped) for (let index = 0; index < values.length; index += 1) if (values[index]! < 0) values[index] = 0;
  return { channels: out, height, width, values };
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

/** Mean and largest value of every row, as planes of one column: means of all channels, then maxima. */
export function poolRows({ channels, height, width, values }: Planes): Planes {
  const pooled = new Float32Array(2 * channels * height);
  for (let line = 0; line < channels * height; line += 1) {
    let sum = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let x = 0; x < width; x += 1) {
      const value = values[line * width + x]!;
      sum += value;
      if (value > most) most = value;
    }
    pooled[line] = sum / width;
    pooled[channels * height + line] = most;
  }
  return { channels: 2 * channels, height, width: 1, values: pooled };
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
