import { gammaQ, logGammaQ } from './gamma.ts';

/** P(X > x) of chi-square with `df` > 0 degrees of freedom (need not be whole), for x ≥ 0. */
export function chiSquareSf(x: number, df: number): number {
  return gammaQ(df / 2, x / 2);
}

/** ln P(X > x), for tails below 1e-290. */
export function chiSquareLogSf(x: number, df: number): number {
  return logGammaQ(df / 2, x / 2);
}
