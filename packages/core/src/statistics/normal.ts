import { requireOpenUnit } from './argument.ts';
import { gammaP, gammaQ, logGammaQ } from './gamma.ts';

function requireNumber(z: number): void {
  if (typeof z !== 'number') throw new TypeError(`z must be a number, got ${typeof z}.`);
  if (Number.isNaN(z)) throw new RangeError('z must be a number, got NaN.');
}

/** P(Z > z) of the standard normal, accurate in the far upper tail. */
export function normalSf(z: number): number {
  requireNumber(z);
  const half = (z * z) / 2;
  if (z >= 1) return gammaQ(0.5, half) / 2;
  if (z <= -1) return 1 - gammaQ(0.5, half) / 2;
  const inner = gammaP(0.5, half) / 2;
  return z >= 0 ? 0.5 - inner : 0.5 + inner;
}

/** P(Z ≤ z) of the standard normal, accurate in the far lower tail. */
export function normalCdf(z: number): number {
  return normalSf(-z);
}

/** ln P(Z > z), finite wherever z is. */
export function normalLogSf(z: number): number {
  requireNumber(z);
  if (z < 1) return Math.log(normalSf(z));
  return logGammaQ(0.5, (z * z) / 2) - Math.LN2;
}

/** The z with P(Z > z) = q for 0 < q ≤ ½: a rational start (Abramowitz & Stegun 26.2.23), then Newton on ln sf. */
function upperQuantile(q: number): number {
  const t = Math.sqrt(-2 * Math.log(q));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  const target = Math.log(q);
  for (let step = 0; step < 8; step += 1) {
    const logSf = normalLogSf(z);
    const hazard = Math.exp(-0.5 * z * z - 0.9189385332046728 - logSf);
    const change = (logSf - target) / hazard;
    z += change;
    if (Math.abs(change) <= 1e-15 * Math.max(1, z)) break;
  }
  return z;
}

/** The z with P(Z ≤ z) = p, for 0 < p < 1. */
export function normalQuantile(p: number): number {
  requireOpenUnit(p, 'p');
  if (p === 0.5) return 0;
  return p < 0.5 ? -upperQuantile(p) : upperQuantile(1 - p);
}

/** The z with P(Z > z) = q, for 0 < q < 1; exact for small q where 1 − q would round. */
export function normalUpperQuantile(q: number): number {
  return -normalQuantile(q);
}
