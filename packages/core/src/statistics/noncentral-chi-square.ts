import { requireFinite, requireOpenUnit, requirePositive } from './argument.ts';
import { chiSquareLogSf, chiSquareSf } from './chi-square.ts';
import { logGammaQ, logPoisson } from './gamma.ts';
import { bisect } from './root.ts';

/** Terms smaller than e^−45 of the largest cannot move a double. */
const NEGLIGIBLE = 45;

/** A first term above e^−600 can scale the whole sum: no term is more than 1, so nothing overflows. */
const SAFE_SCALE = -600;

function requireArguments(x: number, df: number, lambda: number): void {
  requireFinite(x, 'x');
  if (x < 0) throw new RangeError(`x must be 0 or more, got ${x}.`);
  requirePositive(df, 'df');
  requireFinite(lambda, 'lambda');
  if (lambda < 0) throw new RangeError(`lambda must be 0 or more, got ${lambda}.`);
}

/** The whole j ≥ 0 at which a log-concave sequence is largest. */
function peakOf(logTerm: (j: number) => number, start: number): number {
  let high = Math.max(1, Math.ceil(start));
  while (logTerm(high + 1) > logTerm(high)) high *= 2;
  let low = 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (logTerm(middle + 1) > logTerm(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last j before `peak` whose term is below `level`, or 0. */
function firstAbove(logTerm: (j: number) => number, peak: number, level: number): number {
  if (logTerm(0) >= level) return 0;
  let below = 0;
  let above = peak;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (logTerm(middle) < level) below = middle;
    else above = middle;
  }
  return below;
}

/**
 * ln P(X > x) of the non-central chi-square: Σ_j Poisson(j; λ/2) · Q(df/2 + j, x/2).
 * Far in the tail the largest term is not at j = λ/2, so it is looked for, and the sum runs around it, scaled by it;
 * every term is positive and Q follows its own upward recurrence, so nothing cancels and nothing underflows.
 */
export function noncentralChiSquareLogSf(x: number, df: number, lambda: number): number {
  requireArguments(x, df, lambda);
  if (x === 0) return 0;
  if (lambda === 0) return chiSquareLogSf(x, df);
  const mean = lambda / 2;
  const half = x / 2;
  const shape = df / 2;
  const logTerm = (j: number): number => logPoisson(j, mean) + logGammaQ(shape + j, half);
  let first = 0;
  let scale = logTerm(0);
  if (scale < SAFE_SCALE) {
    const peak = peakOf(logTerm, mean);
    scale = logTerm(peak);
    first = firstAbove(logTerm, peak, scale - NEGLIGIBLE);
  }
  let term = Math.exp(logTerm(first) - scale);
  let density = Math.exp(logPoisson(first, mean) + logPoisson(shape + first, half) - scale);
  let sum = term;
  for (let j = first; ; j += 1) {
    const weight = mean / (j + 1);
    const next = weight * (term + density);
    density *= (weight * half) / (shape + j + 1);
    sum += next;
    // Terms rise to one peak and then fall.
    if (next < term && next < sum * 1e-18) break;
    term = next;
  }
  return Math.min(0, scale + Math.log(sum));
}

/** P(X > x) of the non-central chi-square with `df` degrees of freedom and non-centrality `lambda` ≥ 0. */
export function noncentralChiSquareSf(x: number, df: number, lambda: number): number {
  requireArguments(x, df, lambda);
  return lambda === 0 ? chiSquareSf(x, df) : Math.exp(noncentralChiSquareLogSf(x, df, lambda));
}

/**
 * The two-sided 1 − alpha interval for λ given an observed statistic x: the λ at which x is the upper
 * (lower end) and the lower (upper end) alpha/2 point. An end that would be negative is 0.
 */
export function noncentralityInterval(x: number, df: number, alpha = 0.05): { readonly low: number; readonly high: number } {
  requireArguments(x, df, 0);
  requireOpenUnit(alpha, 'alpha');
  const lambdaAt = (probability: number): number => {
    const excess = (lambda: number): number => noncentralChiSquareSf(x, df, lambda) - probability;
    if (excess(0) >= 0) return 0;
    let high = Math.max(1, x);
    while (excess(high) < 0) high *= 2;
    return bisect(excess, 0, high, 1e-13 * high);
  };
  return { low: lambdaAt(alpha / 2), high: lambdaAt(1 - alpha / 2) };
}
