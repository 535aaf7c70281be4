import { requireOpenUnit, requirePositive } from './argument.ts';
import { betaTails } from './beta.ts';
import { normalUpperQuantile } from './normal.ts';
import { bisect } from './root.ts';

/** P(T > t) of Student's t with `df` > 0 degrees of freedom. */
export function studentSf(t: number, df: number): number {
  requirePositive(df, 'df');
  if (typeof t !== 'number') throw new TypeError(`t must be a number, got ${typeof t}.`);
  if (Number.isNaN(t)) throw new RangeError('t must be a number, got NaN.');
  if (t === Infinity) return 0;
  if (t === -Infinity) return 1;
  const square = t * t;
  const tail = betaTails(df / (df + square), df / 2, 0.5, square / (df + square)).lower / 2;
  return t >= 0 ? tail : 1 - tail;
}

/** P(T ≤ t) of Student's t with `df` degrees of freedom. */
export function studentCdf(t: number, df: number): number {
  return studentSf(-t, df);
}

/** The t with P(T ≤ t) = p, for 0 < p < 1. */
export function studentQuantile(p: number, df: number): number {
  requireOpenUnit(p, 'p');
  requirePositive(df, 'df');
  if (p === 0.5) return 0;
  const q = p < 0.5 ? p : 1 - p;
  let low = 0;
  let high = Math.max(1, normalUpperQuantile(q));
  while (studentSf(high, df) > q) {
    low = high;
    high *= 2;
    if (high === Infinity) throw new RangeError(`The t quantile at p = ${p}, df = ${df} is beyond the largest number.`);
  }
  const target = Math.log(q);
  const t = bisect((at) => Math.log(studentSf(at, df)) - target, low, high);
  return p < 0.5 ? -t : t;
}
