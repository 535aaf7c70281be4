import { requirePositive, requireProbability } from './argument.ts';
import { deviance, stirlingError } from './log-gamma.ts';

const TINY = 1e-300;
const MAX_TERMS = 1_000_000;

/** Both tails of the beta distribution: `lower` = I_x(a, b), `upper` = 1 − I_x(a, b), each accurate when it is the small one. */
export interface BetaTails {
  readonly lower: number;
  readonly upper: number;
}

/** ln of x^a y^b Γ(a+b) / (Γ(a) Γ(b)), y = 1 − x, through Loader's deviances so that large a and b lose nothing. */
function logFront(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  return (
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x) -
    deviance(b, n * y) +
    0.5 * Math.log(((a / n) * b) / (2 * Math.PI))
  );
}

/** DLMF 8.17.22 by modified Lentz; converges in O(√max(a, b)) terms for x < (a + 1)/(a + b + 2). */
function fraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let h = d;
  for (let m = 1; m < MAX_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const change = d * c;
    h *= change;
    if (Math.abs(change - 1) < 1e-16) return h;
  }
  throw new RangeError(`The incomplete beta fraction did not converge at a = ${a}, b = ${b}, x = ${x}.`);
}

/**
 * The regularised incomplete beta function and its complement at x in [0, 1], for a, b > 0.
 * Pass `y` = 1 − x when it is known more exactly than the subtraction gives it.
 */
export function betaTails(x: number, a: number, b: number, y: number = 1 - x): BetaTails {
  requireProbability(x, 'x');
  requireProbability(y, 'y');
  requirePositive(a, 'a');
  requirePositive(b, 'b');
  if (x === 0) return { lower: 0, upper: 1 };
  if (y === 0) return { lower: 1, upper: 0 };
  const front = Math.exp(logFront(a, b, x, y));
  if (x < (a + 1) / (a + b + 2)) {
    const lower = (front * fraction(a, b, x)) / a;
    return { lower, upper: 1 - lower };
  }
  const upper = (front * fraction(b, a, y)) / b;
  return { lower: 1 - upper, upper };
}
