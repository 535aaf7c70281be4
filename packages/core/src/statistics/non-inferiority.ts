import { requireCount, requireFinite, requireOpenUnit } from './argument.ts';
import { normalSf, normalUpperQuantile } from './normal.ts';
import { bisect } from './root.ts';
import { studentQuantile, studentSf } from './student.ts';

/** PASS: no worse than the margin allows is proven. FAIL: worse is proven. Otherwise more rows are needed. */
export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';

export interface NonInferiority {
  readonly verdict: Verdict;
  /** Candidate − champion, in the units of the outcome; more is better. */
  readonly difference: number;
  /** One-sided 1 − alpha bounds, each valid on its own. PASS needs lower > −margin, FAIL upper < −margin. */
  readonly lower: number;
  readonly upper: number;
  /** The test of H0 "difference ≤ −margin" and its one-sided p. */
  readonly statistic: number;
  readonly p: number;
  /** Rows with which a test like this would pass with the asked power if the truth is what was seen; null when no number would. */
  readonly nNeeded: number | null;
  readonly n: number;
  readonly method: string;
}

export interface BinaryPairs {
  /** Rows in all, concordant ones included. */
  readonly n: number;
  /** Rows only the champion got right. */
  readonly championOnly: number;
  /** Rows only the candidate got right. */
  readonly candidateOnly: number;
}

export interface NonInferiorityRule {
  /** How much worse is still acceptable: 0 < margin < 1 for shares. */
  readonly margin: number;
  /** One-sided error rate, 0.05 by default. */
  readonly alpha?: number;
  /** For `nNeeded` only, 0.8 by default. */
  readonly power?: number;
}

/**
 * Tango's score statistic (Statistics in Medicine 17, 1998) for H0 "true difference = D" on paired binary outcomes;
 * it falls as D rises. At D = 0 it is McNemar's z without correction.
 */
export function tangoScore(pairs: BinaryPairs, D: number): number {
  const { n, championOnly: y, candidateOnly: x } = pairs;
  const a = 2 * n;
  const b = -x - y + (2 * n - x + y) * D;
  const c = -y * D * (1 - D);
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
  // The form without cancellation: for b > 0 the numerator root − b loses every digit.
  const q = b > 0 ? (-2 * c) / (b + root) : (root - b) / (2 * a);
  const variance = n * (2 * q + D * (1 - D));
  const excess = x - y - n * D;
  if (variance <= 0) return excess === 0 ? 0 : excess * Infinity;
  return excess / Math.sqrt(variance);
}

function requirePairs({ n, championOnly, candidateOnly }: BinaryPairs): void {
  requireCount(n, 'n');
  requireCount(championOnly, 'championOnly');
  requireCount(candidateOnly, 'candidateOnly');
  if (n === 0) throw new RangeError('There is no row to compare the two models on.');
  if (championOnly + candidateOnly > n) {
    throw new RangeError(`${championOnly} + ${candidateOnly} discordant rows are more than the ${n} rows there are.`);
  }
}

/** The two one-sided 1 − alpha bounds of the paired difference of shares, each from its own score test. */
export function tangoBounds(pairs: BinaryPairs, alpha: number): { readonly lower: number; readonly upper: number } {
  requirePairs(pairs);
  requireOpenUnit(alpha, 'alpha');
  const z = normalUpperQuantile(alpha);
  const seen = (pairs.candidateOnly - pairs.championOnly) / pairs.n;
  return {
    lower: seen === -1 ? -1 : bisect((D) => Math.min(tangoScore(pairs, D) - z, 1e9), -1, seen),
    upper: seen === 1 ? 1 : bisect((D) => Math.max(tangoScore(pairs, D) + z, -1e9), seen, 1),
  };
}

/**
 * Rows needed: (z_{1−α} + z_{power})² (ψ − d²) / (d + margin)², ψ the share of discordant rows, and never fewer than
 * the score test asks for when not one row is discordant. Null when the difference itself is beyond the margin.
 */
export function nonInferiorityRows(
  plan: { readonly discordance: number; readonly difference: number } & NonInferiorityRule,
): number | null {
  const { discordance, difference, margin, alpha = 0.05, power = 0.8 } = plan;
  requireOpenUnit(margin, 'margin');
  requireOpenUnit(alpha, 'alpha');
  requireOpenUnit(power, 'power');
  requireFinite(discordance, 'discordance');
  requireFinite(difference, 'difference');
  if (difference + margin <= 0) return null;
  const z = normalUpperQuantile(alpha);
  const asymptotic = ((z + normalUpperQuantile(1 - power)) ** 2 * (discordance - difference ** 2)) / (difference + margin) ** 2;
  const least = (z * z * (1 - margin)) / margin;
  return Math.ceil(Math.max(asymptotic, least));
}

function verdictOf(lower: number, upper: number, margin: number): Verdict {
  if (lower > -margin) return 'PASS';
  return upper < -margin ? 'FAIL' : 'INCONCLUSIVE';
}

/** Non-inferiority of a candidate on one frozen set of rows with a right-or-wrong outcome, by Tango's score test. */
export function nonInferiorityBinary(input: BinaryPairs & NonInferiorityRule): NonInferiority {
  const { n, championOnly, candidateOnly, margin, alpha = 0.05 } = input;
  requirePairs(input);
  requireOpenUnit(margin, 'margin');
  const statistic = tangoScore(input, -margin);
  const { lower, upper } = tangoBounds(input, alpha);
  const difference = (candidateOnly - championOnly) / n;
  const discordance = (candidateOnly + championOnly) / n;
  return {
    verdict: verdictOf(lower, upper, margin),
    difference,
    lower,
    upper,
    statistic,
    p: normalSf(statistic),
    nNeeded: nonInferiorityRows({ ...input, discordance, difference }),
    n,
    method: 'Tango score',
  };
}

/**
 * Non-inferiority of a mean on paired rows (candidate − champion per row, more is better; negate a loss), by one-sided t bounds.
 * `differences` has at least 2 finite rows; margin > 0 in their units. Rows all equal give bounds at that value.
 */
export function nonInferiorityMean(input: { readonly differences: readonly number[] } & NonInferiorityRule): NonInferiority {
  const { differences, margin, alpha = 0.05, power = 0.8 } = input;
  requireOpenUnit(alpha, 'alpha');
  requireOpenUnit(power, 'power');
  requireFinite(margin, 'margin');
  if (margin <= 0) throw new RangeError(`margin must be more than 0, got ${margin}.`);
  const n = differences.length;
  if (n < 2) throw new RangeError(`A mean needs at least 2 rows to be tested, got ${n}.`);
  let mean = 0;
  let squares = 0;
  for (const [index, value] of differences.entries()) {
    requireFinite(value, `differences[${index}]`);
    const step = value - mean;
    mean += step / (index + 1);
    squares += step * (value - mean);
  }
  const variance = squares / (n - 1);
  const error = Math.sqrt(variance / n);
  const half = error === 0 ? 0 : -studentQuantile(alpha, n - 1) * error;
  const room = mean + margin;
  const statistic = error === 0 ? Math.sign(room) * Infinity : room / error;
  const z = normalUpperQuantile(alpha) + normalUpperQuantile(1 - power);
  return {
    verdict: verdictOf(mean - half, mean + half, margin),
    difference: mean,
    lower: mean - half,
    upper: mean + half,
    statistic: Number.isNaN(statistic) ? 0 : statistic,
    p: error === 0 ? (room > 0 ? 0 : 1) : studentSf(statistic, n - 1),
    nNeeded: room <= 0 ? null : Math.max(2, Math.ceil((z * z * variance) / room ** 2)),
    n,
    method: 'paired t',
  };
}
