import { requireCount, requireOpenUnit } from './argument.ts';
import { normalSf, normalUpperQuantile } from './normal.ts';
import type { TestResult } from './test-result.ts';

function requireShare(successes: number, n: number, name: string): void {
  requireCount(successes, `${name} successes`);
  requireCount(n, `${name} n`);
  if (n === 0) throw new RangeError(`The ${name} sample is empty.`);
  if (successes > n) throw new RangeError(`The ${name} sample has ${successes} successes in ${n} trials.`);
}

/** An interval for a share, both ends in [0, 1]. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Pooled two-proportion z test, two-sided; z > 0 when the second share is the larger one, and z² is the chi-square of the 2×2 table.
 * Both shares 0, or both 1, is no evidence: p = 1 with a note.
 */
export function twoProportionZ(successes1: number, n1: number, successes2: number, n2: number): TestResult {
  requireShare(successes1, n1, 'first');
  requireShare(successes2, n2, 'second');
  const successes = successes1 + successes2;
  const n = n1 + n2;
  if (successes === 0 || successes === n) {
    return { statistic: 0, p: 1, n1, n2, method: 'degenerate', notes: ['Both samples hold one outcome only.'] };
  }
  const pooled = (successes / n) * ((n - successes) / n);
  const z = (successes2 / n2 - successes1 / n1) / Math.sqrt(pooled * (1 / n1 + 1 / n2));
  return { statistic: z, p: Math.min(1, 2 * normalSf(Math.abs(z))), n1, n2, method: 'pooled z', notes: [] };
}

/** Wilson's score interval (1927) at confidence 1 − alpha; right at 0 and n successes too, unlike Wald's. */
export function wilsonInterval(successes: number, n: number, alpha = 0.05): Interval {
  requireShare(successes, n, 'given');
  requireOpenUnit(alpha, 'alpha');
  const z = normalUpperQuantile(alpha / 2);
  const share = successes / n;
  const centre = share + (z * z) / (2 * n);
  const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: successes === n ? 1 : Math.min(1, (centre + half) / scale),
  };
}
