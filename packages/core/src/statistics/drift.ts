import { requireFinite, requireOpenUnit } from './argument.ts';
import { distances } from './distance.ts';
import { homogeneity, totalOf } from './homogeneity.ts';
import { noncentralChiSquareLogSf, noncentralChiSquareSf, noncentralityInterval } from './noncentral-chi-square.ts';

/** Below this expected count a cell goes to `Other`: chi-square is a poor law for rarer cells. */
const LEAST_EXPECTED = 5;

export interface DriftInput {
  /** Counts over the same cells in the same order. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
  /** The change that is still nothing to act on, in units of PSI; 0.02 by default. */
  readonly delta?: number;
  /** Error rate of the flag, 0.01 by default. */
  readonly alpha?: number;
}

/** Cells after pooling: the indexes kept, the indexes put together as `Other` (last in the lists when there are any). */
export interface PooledCells {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly kept: readonly number[];
  readonly pooled: readonly number[];
}

export interface DriftDecision {
  readonly verdict: 'drifted' | 'stable';
  /** X² between the pooled counts, its degrees of freedom, and the p of H0 "the change is at most delta". */
  readonly statistic: number;
  readonly df: number;
  readonly p: number;
  readonly logP: number;
  /** The estimated change in units of PSI, bias removed, and its 95 % interval. */
  readonly effect: number;
  readonly low: number;
  readonly high: number;
  /** Smoothed PSI over all cells as given, for the report. */
  readonly psi: number;
  readonly delta: number;
  readonly alpha: number;
  readonly n1: number;
  readonly n2: number;
  /** Cells compared, `Other` included, and how many of the given ones it holds. */
  readonly cells: number;
  readonly pooled: number;
}

export interface DriftUndecided {
  readonly verdict: 'not_enough_data';
  readonly n1: number;
  readonly n2: number;
  readonly reason: string;
}

export type DriftResult = DriftDecision | DriftUndecided;

/**
 * Keeps the cells whose expected count (x + y)/(n + m) · min(n, m) reaches 5 and puts all the others into one `Other` cell.
 * Without this, 1000 rare levels alarm falsely in up to a third of small windows.
 */
export function poolCells(reference: readonly number[], current: readonly number[]): PooledCells {
  if (reference.length !== current.length) {
    throw new RangeError(`Both sides must have the same cells: ${reference.length} counts against ${current.length}.`);
  }
  const n = totalOf(reference, 'reference');
  const m = totalOf(current, 'current');
  const kept: number[] = [];
  const pooled: number[] = [];
  let otherReference = 0;
  let otherCurrent = 0;
  for (const [cell, x] of reference.entries()) {
    const y = current[cell] as number;
    if (x + y === 0) continue;
    if ((x + y) * Math.min(n, m) >= LEAST_EXPECTED * (n + m)) {
      kept.push(cell);
    } else {
      pooled.push(cell);
      otherReference += x;
      otherCurrent += y;
    }
  }
  const tail = pooled.length > 0;
  return {
    reference: [...kept.map((cell) => reference[cell] as number), ...(tail ? [otherReference] : [])],
    current: [...kept.map((cell) => current[cell] as number), ...(tail ? [otherCurrent] : [])],
    kept,
    pooled,
  };
}

/**
 * The minimum-effect drift rule: is the change proven to be more than `delta`? A huge window does not flag trifles and
 * a small one does not flag noise (basis: arXiv 2307.11878). X² of homogeneity on pooled cells is compared with a
 * non-central chi-square of λ₀ = n_eff · delta, since Σ(p−q)²/p̄ ≈ PSI.
 */
export function minimumEffectDrift(input: DriftInput): DriftResult {
  const { reference, current, delta = 0.02, alpha = 0.01 } = input;
  requireOpenUnit(alpha, 'alpha');
  requireFinite(delta, 'delta');
  if (delta < 0) throw new RangeError(`delta must be 0 or more, got ${delta}.`);
  const cells = poolCells(reference, current);
  const n1 = totalOf(reference, 'reference');
  const n2 = totalOf(current, 'current');
  if (n1 === 0 || n2 === 0) {
    return { verdict: 'not_enough_data', n1, n2, reason: 'One side holds no value at all.' };
  }
  if (cells.reference.length < 2) {
    return { verdict: 'not_enough_data', n1, n2, reason: 'Fewer than 2 cells have an expected count of 5.' };
  }
  const { statistic, df, effectiveN } = homogeneity(cells.reference, cells.current);
  const lambda = effectiveN * delta;
  const p = noncentralChiSquareSf(statistic, df, lambda);
  const interval = noncentralityInterval(statistic, df);
  return {
    verdict: p <= alpha ? 'drifted' : 'stable',
    statistic,
    df,
    p,
    logP: noncentralChiSquareLogSf(statistic, df, lambda),
    effect: Math.max(0, (statistic - df) / effectiveN),
    low: interval.low / effectiveN,
    high: interval.high / effectiveN,
    psi: distances(reference, current).psi,
    delta,
    alpha,
    n1,
    n2,
    cells: cells.reference.length,
    pooled: cells.pooled.length,
  };
}
