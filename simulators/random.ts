/** Randomness that comes out the same for the same seed, so that a simulated day can be had again. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
  chance(probability: number): boolean;
  /** Gaussian with mean 0 and the given standard deviation (Box and Muller). */
  normal(deviation: number): number;
  /** Waiting time to the next event of a Poisson process, in the unit of `mean`. */
  exponential(mean: number): number;
  /** One of a list that is not empty. */
  pick<T>(from: readonly T[]): T;
  /** An independent stream for a named part, so that adding a device leaves the others as they were. */
  branch(name: string): Random;
}

/** A generator for a seed (splitmix32, Steele et al. 2014). */
export function random(seed: number | string): Random {
  const root = typeof seed === 'number' ? seed >>> 0 : hash(seed);
  let state = root;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    below: (count) => Math.floor(next() * count),
    chance: (probability) => next() < probability,
    normal: (deviation) => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: (mean) => -mean * Math.log(1 - next()),
    pick<T>(from: readonly T[]): T {
      const found = from[Math.floor(next() * from.length)];
      if (found === undefined) throw new RangeError('nothing to pick from');
      return found;
    },
    branch: (name) => random(hash(`${root}/${name}`)),
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
