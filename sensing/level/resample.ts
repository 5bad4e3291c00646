import type { Picture } from './level-estimate.ts';

/** Weights of the source pixels that one target pixel covers, by area. */
function coverage(from: number, to: number): { first: Int32Array; weights: readonly Float32Array[] } {
  const first = new Int32Array(to);
  const weights: Float32Array[] = [];
  const step = from / to;
  for (let index = 0; index < to; index += 1) {
    const start = index * step;
    const end = Math.min(from, start + step);
    const begin = Math.floor(start);
    const share = new Float32Array(Math.max(1, Math.ceil(end - 1e-9) - begin));
    for (let pixel = 0; pixel < share.length; pixel += 1) {
      share[pixel] = Math.max(0, Math.min(end, begin + pixel + 1) - Math.max(start, begin + pixel)) / (end - start);
    }
    first[index] = begin;
    weights.push(share);
  }
  return { first, weights };
}

/** The picture at another size, averaged by area, as three planes (red, green, blue) of 0 to 1. A grey picture fills all three. */
export function resample(picture: Picture, width: number, height: number): Float32Array {
  const { channels, pixels } = picture;
  const columns = coverage(picture.width, width);
  const rows = coverage(picture.height, height);
  const planes = new Float32Array(3 * width * height);
  // Columns are averaged first, one source row at a time, and added to the target rows that the source row lies in.
  const line = new Float32Array(3 * width);
  for (let y = 0; y < height; y += 1) {
    const top = rows.first[y]!;
    const shares = rows.weights[y]!;
    for (let dy = 0; dy < shares.length; dy += 1) {
      const start = Math.min(picture.height - 1, top + dy) * picture.width * channels;
      line.fill(0);
      for (let x = 0; x < width; x += 1) {
        const left = columns.first[x]!;
        const across = columns.weights[x]!;
        for (let dx = 0; dx < across.length; dx += 1) {
          const at = start + Math.min(picture.width - 1, left + dx) * channels;
          const share = across[dx]! / 255;
          line[x]! += share * pixels[at]!;
          line[width + x]! += share * pixels[channels === 1 ? at : at + 1]!;
          line[2 * width + x]! += share * pixels[channels === 1 ? at : at + 2]!;
        }
      }
      for (let plane = 0; plane < 3; plane += 1) {
        const target = plane * width * height + y * width;
        for (let x = 0; x < width; x += 1) planes[target + x]! += shares[dy]! * line[plane * width + x]!;
      }
    }
  }
  return planes;
}
