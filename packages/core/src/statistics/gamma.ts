import { requirePositive } from './argument.ts';
import { deviance, stirlingError } from './log-gamma.ts';

const TINY = 1e-300;
const MAX_TERMS = 1_000_000;

/** ln of x^a e^−x / Γ(a + 1): the Poisson mass at a real count a ≥ 0 with mean x ≥ 0. */
export function logPoisson(a: number, x: number): number {
  if (x === 0) return a === 0 ? 0 : -Infinity;
  if (a === 0) return -x;
  return -stirlingError(a) - deviance(a, x) - 0.5 * Math.log(2 * Math.PI * a);
}

/** Σ_{k≥0} x^k / ((a+1)…(a+k)): P(a, x) is this times x^a e^−x / Γ(a + 1) (DLMF 8.7.1). */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < MAX_TERMS; k += 1) {
    term *= x / (a + k);
    sum += term;
    if (term < sum * 1e-17) return sum;
  }
  throw new RangeError(`The incomplete gamma series did not converge at a = ${a}, x = ${x}.`);
}

/** Continued fraction with Q(a, x) = (x^a e^−x / Γ(a)) · fraction (DLMF 8.9.2, modified Lentz). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let k = 1; k < MAX_TERMS; k += 1) {
    const an = -k * (k - a);
    b += 2;
    d = an * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + an / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const change = d * c;
    h *= change;
    if (Math.abs(change - 1) < 1e-16) return h;
  }
  throw new RangeError(`The incomplete gamma fraction did not converge at a = ${a}, x = ${x}.`);
}

function requireArguments(a: number, x: number): void {
  requirePositive(a, 'a');
  if (typeof x !== 'number') throw new TypeError(`x must be a number, got ${typeof x}.`);
  if (!(x >= 0)) throw new RangeError(`x must be 0 or more, got ${x}.`);
}

/** ln Q(a, x), useful where Q itself is below the smallest double. */
export function logGammaQ(a: number, x: number): number {
  requireArguments(a, x);
  if (x === 0) return 0;
  if (x === Infinity) return -Infinity;
  const front = logPoisson(a, x);
  if (x < a + 1) return Math.log1p(-Math.exp(front + Math.log(lowerSeries(a, x))));
  return front + Math.log(a * upperFraction(a, x));
}

/** The regularised upper incomplete gamma function Q(a, x) = Γ(a, x)/Γ(a), computed directly, never as 1 − P in the tail. */
export function gammaQ(a: number, x: number): number {
  requireArguments(a, x);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  const front = logPoisson(a, x);
  if (x < a + 1) return 1 - Math.exp(front) * lowerSeries(a, x);
  return Math.exp(front) * a * upperFraction(a, x);
}

/** The regularised lower incomplete gamma function P(a, x) = γ(a, x)/Γ(a). */
export function gammaP(a: number, x: number): number {
  requireArguments(a, x);
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  const front = logPoisson(a, x);
  if (x < a + 1) return Math.exp(front) * lowerSeries(a, x);
  return 1 - Math.exp(front) * a * upperFraction(a, x);
}
