import { requireCount } from './argument.ts';

/** A stream of random numbers that is an argument, so that whoever resamples can be repeated. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  readonly next: () => number;
  /** Uniform whole number in [0, below), without bias, for 1 ≤ below ≤ 2³². */
  readonly integer: (below: number) => number;
  /** Standard normal (Marsaglia's polar method). */
  readonly normal: () => number;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** SplitMix32: spreads one 32-bit seed over the four words of the state, so that near seeds give unrelated streams. */
function spread(seed: number): () => number {
  let at = seed | 0;
  return () => {
    at = (at + 0x9e3779b9) | 0;
    let mixed = at ^ (at >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

/**
 * xoshiro128** 1.1 (Blackman & Vigna): the same seed (a whole number of 0 or more; its low 32 bits count) gives the same
 * stream on every machine. For simulation and resampling, never for secrets.
 */
export function createRandom(seed: number): Random {
  requireCount(seed, 'seed');
  const fill = spread(seed);
  let a = fill();
  let b = fill();
  let c = fill();
  let d = fill();
  const bits = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  const next = (): number => ((bits() >>> 5) * 67_108_864 + (bits() >>> 6)) / 9_007_199_254_740_992;
  const integer = (below: number): number => {
    if (!Number.isInteger(below) || below < 1 || below > 4_294_967_296) {
      throw new RangeError(`below must be a whole number from 1 to 2^32, got ${below}.`);
    }
    const limit = 4_294_967_296 - (4_294_967_296 % below);
    let drawn = bits();
    while (drawn >= limit) drawn = bits();
    return drawn % below;
  };
  const normal = (): number => {
    for (;;) {
      const u = 2 * next() - 1;
      const v = 2 * next() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * Math.sqrt((-2 * Math.log(square)) / square);
    }
  };
  return { next, integer, normal };
}
