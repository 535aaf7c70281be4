import { requireOpenUnit, requireProbability } from './argument.ts';

const GRID = 1000;

/**
 * A confidence sequence for the mean of values in [0, 1], exact at every n (hedged betting, Waudby-Smith & Ramdas,
 * arXiv 2010.09686). Plain JSON: the log capital of the bets for and against each of the 1001 means m = k/1000.
 */
export interface BettingSequence {
  readonly alpha: number;
  readonly n: number;
  readonly sum: number;
  /** Σ (x_i − μ̂_i)², what the next bets' size follows from. */
  readonly squares: number;
  readonly up: readonly number[];
  readonly down: readonly number[];
}

export function createBettingSequence(alpha = 0.05): BettingSequence {
  requireOpenUnit(alpha, 'alpha');
  const zeros = Array.from({ length: GRID + 1 }, () => 0);
  return { alpha, n: 0, sum: 0, squares: 0, up: zeros, down: zeros };
}

/** Takes values in [0, 1] in the order they came. For a difference of two such values, pass (difference + 1)/2. */
export function addToBettingSequence(state: BettingSequence, values: readonly number[]): BettingSequence {
  const up = [...state.up];
  const down = [...state.down];
  let { n, sum, squares } = state;
  for (const [index, x] of values.entries()) {
    requireProbability(x, `values[${index}]`);
    const t = n + 1;
    const variance = (0.25 + squares) / (n + 1);
    const size = Math.sqrt((2 * Math.log(2 / state.alpha)) / (variance * t * Math.log1p(t)));
    for (let k = 0; k <= GRID; k += 1) {
      const m = k / GRID;
      const gap = x - m;
      up[k] = (up[k] as number) + Math.log1p(Math.min(size, m === 0 ? Infinity : 0.5 / m) * gap);
      down[k] = (down[k] as number) + Math.log1p(-Math.min(size, m === 1 ? Infinity : 0.5 / (1 - m)) * gap);
    }
    n = t;
    sum += x;
    squares += (x - (0.5 + sum) / (n + 1)) ** 2;
  }
  return { alpha: state.alpha, n, sum, squares, up, down };
}

/** Capital won on separate streams multiplies: states of several processes merge. Both must have the same alpha. */
export function mergeBettingSequences(a: BettingSequence, b: BettingSequence): BettingSequence {
  if (a.alpha !== b.alpha) throw new RangeError(`Only sequences of one alpha merge: ${a.alpha} and ${b.alpha}.`);
  return {
    alpha: a.alpha,
    n: a.n + b.n,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares,
    up: a.up.map((value, k) => value + (b.up[k] as number)),
    down: a.down.map((value, k) => value + (b.down[k] as number)),
  };
}

/**
 * The means not yet ruled out: max(K⁺, K⁻)/2 < 1/alpha, widened by one grid step on either side so that the grid itself never cuts.
 * Bounds may be intersected over time by the caller.
 */
export function bettingBounds(state: BettingSequence): { readonly mean: number | null; readonly lower: number; readonly upper: number } {
  const limit = Math.log(2 / state.alpha);
  const open = (k: number): boolean => Math.max(state.up[k] as number, state.down[k] as number) < limit;
  const mean = state.n === 0 ? null : state.sum / state.n;
  let first = 0;
  while (first <= GRID && !open(first)) first += 1;
  let last = GRID;
  while (last >= 0 && !open(last)) last -= 1;
  if (first > last) {
    // The set fell between two points of the grid: the mean's own cell is what is left.
    const at = mean ?? 0.5;
    return { mean, lower: Math.max(0, Math.floor(at * GRID) / GRID), upper: Math.min(1, Math.ceil(at * GRID) / GRID) };
  }
  return { mean, lower: Math.max(0, (first - 1) / GRID), upper: Math.min(1, (last + 1) / GRID) };
}
