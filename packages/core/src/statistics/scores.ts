import { requireCount, requireFinite, requireProbability } from './argument.ts';

/** One prediction with its label: the score (a probability where the function says so) and whether the row is positive. */
export interface ScoredRow {
  readonly score: number;
  readonly positive: boolean;
}

function requireRows(rows: readonly ScoredRow[], probabilities: boolean): void {
  if (rows.length === 0) throw new RangeError('There is no row to measure on.');
  for (const [index, row] of rows.entries()) {
    if (probabilities) requireProbability(row.score, `rows[${index}].score`);
    else requireFinite(row.score, `rows[${index}].score`);
  }
}

/** Mean (p − y)². Scores are probabilities. */
export function brierScore(rows: readonly ScoredRow[]): number {
  requireRows(rows, true);
  return rows.reduce((sum, { score, positive }) => sum + (score - (positive ? 1 : 0)) ** 2, 0) / rows.length;
}

/** Mean −ln of the probability given to what happened, p clipped to [2⁻⁵², 1 − 2⁻⁵²]. */
export function logLoss(rows: readonly ScoredRow[]): number {
  requireRows(rows, true);
  const least = 2 ** -52;
  const sum = rows.reduce((total, { score, positive }) => {
    const p = Math.min(1 - least, Math.max(least, score));
    return total - (positive ? Math.log(p) : Math.log1p(-p));
  }, 0);
  return sum / rows.length;
}

/** Area under the ROC curve by midranks, ties counted half; null when one class is missing. Scores are any finite numbers. */
export function rocAuc(rows: readonly ScoredRow[]): number | null {
  requireRows(rows, false);
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  let positives = 0;
  let twiceRanks = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    let here = 0;
    while (end < sorted.length && sorted[end]?.score === sorted[start]?.score) {
      if (sorted[end]?.positive) here += 1;
      end += 1;
    }
    // Ranks start + 1 … end share their mean (start + 1 + end) / 2; doubled, they stay whole.
    twiceRanks += here * (start + 1 + end);
    positives += here;
    start = end;
  }
  const negatives = sorted.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (twiceRanks - positives * (positives + 1)) / (2 * positives * negatives);
}

/**
 * Expected calibration error on bins of equal count: Σ n_b/n · |mean score − share of positives|. Fewer than 2 rows a bin:
 * ⌊n/2⌋ bins. Rows with equal scores are ordered positives last, so the answer does not depend on the order given.
 */
export function calibrationError(rows: readonly ScoredRow[], bins = 10): number {
  requireRows(rows, true);
  requireCount(bins, 'bins');
  if (bins < 1) throw new RangeError('There must be at least 1 bin.');
  const n = rows.length;
  const sorted = [...rows].sort((a, b) => a.score - b.score || Number(a.positive) - Number(b.positive));
  const used = n <= 2 * bins ? Math.max(1, Math.floor(n / 2)) : bins;
  let error = 0;
  for (let bin = 0; bin < used; bin += 1) {
    let gap = 0;
    for (const { score, positive } of sorted.slice(Math.floor((bin * n) / used), Math.floor(((bin + 1) * n) / used))) {
      gap += score - (positive ? 1 : 0);
    }
    error += Math.abs(gap) / n;
  }
  return error;
}
