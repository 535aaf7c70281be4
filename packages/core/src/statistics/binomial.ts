import { requireCount, requireProbability } from './argument.ts';
import { betaTails } from './beta.ts';

function requireArguments(k: number, n: number, p: number): void {
  requireCount(n, 'n');
  requireProbability(p, 'p');
  if (!Number.isInteger(k)) throw new RangeError(`k must be a whole number, got ${k}.`);
}

/** P(X ≤ k) of Binomial(n, p), exact through the incomplete beta function: no normal approximation at any n. */
export function binomialCdf(k: number, n: number, p: number): number {
  requireArguments(k, n, p);
  if (k < 0) return 0;
  if (k >= n) return 1;
  return betaTails(p, k + 1, n - k).upper;
}

/** P(X > k) of Binomial(n, p). */
export function binomialSf(k: number, n: number, p: number): number {
  requireArguments(k, n, p);
  if (k < 0) return 1;
  if (k >= n) return 0;
  return betaTails(p, k + 1, n - k).lower;
}
