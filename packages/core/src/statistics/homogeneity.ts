import { requireCount } from './argument.ts';
import { chiSquareSf } from './chi-square.ts';
import type { TestResult } from './test-result.ts';

/** X² between two lists of counts over the same cells, with what a decision needs beside it. */
export interface Homogeneity {
  /** n_eff · Σ (p − q)² / p̄. */
  readonly statistic: number;
  /** Non-empty cells − 1. */
  readonly df: number;
  /** n1·n2 / (n1 + n2). */
  readonly effectiveN: number;
  readonly n1: number;
  readonly n2: number;
}

/** Sum of a list of counts; each must be a whole number of 0 or more. */
export function totalOf(counts: readonly number[], name: string): number {
  let total = 0;
  for (const [index, count] of counts.entries()) {
    requireCount(count, `${name}[${index}]`);
    total += count;
  }
  return total;
}

/** The statistic alone. Both lists have the same length, the same cell order, and at least one count each. */
export function homogeneity(first: readonly number[], second: readonly number[]): Homogeneity {
  if (first.length !== second.length) {
    throw new RangeError(`Both sides must have the same cells: ${first.length} counts against ${second.length}.`);
  }
  const n1 = totalOf(first, 'first');
  const n2 = totalOf(second, 'second');
  if (n1 === 0 || n2 === 0) throw new RangeError(`A side without a single count cannot be compared (${n1} against ${n2}).`);
  let sum = 0;
  let cells = 0;
  for (const [index, x] of first.entries()) {
    const y = second[index] as number;
    if (x + y === 0) continue;
    cells += 1;
    const cross = x * n2 - y * n1;
    sum += ((cross / n1) * (cross / n2)) / (x + y);
  }
  return { statistic: sum, df: cells - 1, effectiveN: (n1 / (n1 + n2)) * n2, n1, n2 };
}

/**
 * Pearson's chi-square test that two samples of counts come from one distribution, without Yates' correction
 * (SciPy's `chi2_contingency(correction=False)`). One non-empty cell leaves nothing to compare: p = 1 with a note.
 */
export function chiSquareHomogeneity(first: readonly number[], second: readonly number[]): TestResult {
  const { statistic, df, n1, n2 } = homogeneity(first, second);
  if (df === 0) {
    return { statistic: 0, p: 1, df, n1, n2, method: 'degenerate', notes: ['Only one cell holds counts.'] };
  }
  return { statistic, p: chiSquareSf(statistic, df), df, n1, n2, method: 'asymptotic', notes: [] };
}
