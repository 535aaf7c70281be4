import { requireCount } from './argument.ts';
import { logGamma } from './log-gamma.ts';

/** The largest samples for which all paths are counted; the border is SciPy's. Of unequal samples, no more paths than a server may wait for (a tenth of a second). */
const EXACT_TO = 10_000;
const MOST_PATHS = 10_000_000;
/** Above it, the sum of the one-sided law has too many terms, and its expansion is exact to 1/N. */
const SUM_TO = 1_000_000;

export interface KolmogorovSmirnov {
  readonly p: number;
  readonly method: 'exact' | 'kstwo';
}

/**
 * The p of a two-sided, two-sample Kolmogorov–Smirnov distance D = sup |F − G|: exact by counting paths for up to 10 000 values a side (Viehmann, arXiv 2102.08037, all terms
 * positive), above that by the law of one sample of n1·n2/(n1+n2). Ties are not conditioned on, as in SciPy.
 */
export function kolmogorovSmirnov(distance: number, n1: number, n2: number): KolmogorovSmirnov {
  requireCount(n1, 'n1');
  requireCount(n2, 'n2');
  if (n1 === 0 || n2 === 0) throw new RangeError(`A side without a value cannot be compared (${n1} against ${n2}).`);
  if (!(distance >= 0 && distance <= 1)) throw new RangeError(`D must lie between 0 and 1, got ${distance}.`);
  if (Math.max(n1, n2) > EXACT_TO || (n1 !== n2 && n1 * n2 > MOST_PATHS))
    return { p: kolmogorovSf(distance, roundHalfEven((n1 / (n1 + n2)) * n2)), method: 'kstwo' };
  const divisor = greatestDivisor(n1, n2);
  const steps = Math.round(distance * (n1 / divisor) * n2);
  if (steps === 0) return { p: 1, method: 'exact' };
  return { p: Math.min(1, n1 === n2 ? equalSides(n1, Math.round(distance * n1)) : pathsOutside(n1, n2, divisor, steps)), method: 'exact' };
}

/** p = 2·P, P from the inside out: A_k (1 − P) for k = ⌊n/h⌋ … 1. */
function equalSides(n: number, steps: number): number {
  let p = 0;
  for (let k = Math.floor(n / steps); k >= 0; k -= 1) {
    let factor = 1;
    for (let j = 0; j < steps; j += 1) factor *= (n - k * steps - j) / (n + k * steps + j + 1);
    p = factor * (1 - p);
  }
  return 2 * p;
}

/** Share of the lattice paths that leave the band: q(i, j) = (i·q(i−1, j) + j·q(i, j−1)) / (i + j), 1 outside. */
function pathsOutside(n1: number, n2: number, divisor: number, steps: number): number {
  const [long, short] = n1 > n2 ? [n1, n2] : [n2, n1];
  const a = long / divisor;
  const b = short / divisor;
  const column = new Float64Array(short + 1);
  for (let i = 0; i <= long; i += 1) {
    for (let j = 0; j <= short; j += 1) {
      if (Math.abs(b * i - a * j) >= steps) column[j] = 1;
      else if (i + j === 0) column[j] = 0;
      else column[j] = ((i === 0 ? 0 : i * (column[j] as number)) + (j === 0 ? 0 : j * (column[j - 1] as number))) / (i + j);
    }
  }
  return column[short] as number;
}

/** P(D ≥ x) of one sample of n against its own law; the dispatch of Simard and L'Ecuyer (2011). */
export function kolmogorovSf(x: number, n: number): number {
  const t = n * x;
  const square = n * x * x;
  if (t <= 0.5) return 1;
  if (x >= 1) return 0;
  if (t <= 1) return 1 - Math.exp(logGamma(n + 1) - n * Math.log(n) + n * Math.log(2 * t - 1));
  if (t >= n - 1) return 2 * (1 - x) ** n;
  if (x >= 0.5 || square >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSf(x, n));
  return clamp(1 - (n <= 140 || (n <= 100_000 && n * x ** 1.5 <= 1.4) ? matrixCdf(x, n) : expandedCdf(x, n)));
}

/** Birnbaum and Tingey: x Σ C(n,k) (x + k/n)^(k−1) (1 − x − k/n)^(n−k). */
function oneSidedSf(x: number, n: number): number {
  if (n > SUM_TO) return Math.exp(-((6 * n * x + 1) ** 2) / (18 * n));
  let sum = 0;
  const base = logGamma(n + 1);
  for (let k = Math.floor(n * (1 - x)); k >= 0; k -= 1) {
    const rest = 1 - x - k / n;
    if (rest <= 0 && n > k) continue;
    sum += Math.exp(
      base - logGamma(k + 1) - logGamma(n - k + 1) + (k - 1) * Math.log(x + k / n) + (n === k ? 0 : (n - k) * Math.log(rest)),
    );
  }
  return x * sum;
}

/** Durbin's matrix as Marsaglia, Tsang and Wang (2003) raise it to the n-th power. */
function matrixCdf(x: number, n: number): number {
  const k = Math.ceil(n * x);
  const h = k - n * x;
  const size = 2 * k - 1;
  const start = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) for (let j = 0; j < Math.min(size, i + 2); j += 1) start[i * size + j] = 1;
  const add = (i: number, j: number, by: number): void => void (start[i * size + j] = (start[i * size + j] as number) + by);
  for (let i = 0; i < size; i += 1) {
    add(i, 0, -(h ** (i + 1)));
    add(size - 1, i, -(h ** (size - i)));
  }
  if (2 * h > 1) add(size - 1, 0, (2 * h - 1) ** size);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < Math.min(size, i + 2); j += 1)
      for (let g = 2; g <= i - j + 1; g += 1) start[i * size + j] = (start[i * size + j] as number) / g;
  const raised = power(start, size, n);
  let value = raised.matrix[(k - 1) * size + k - 1] as number;
  let exponent = raised.exponent;
  for (let i = 1; i <= n; i += 1) {
    value = (value * i) / n;
    if (value < 1e-140) {
      value *= 1e140;
      exponent -= 140;
    }
  }
  return value * 10 ** exponent;
}

interface Scaled {
  readonly matrix: Float64Array;
  readonly exponent: number;
}

function power(matrix: Float64Array, size: number, n: number): Scaled {
  if (n === 1) return { matrix, exponent: 0 };
  const half = power(matrix, size, Math.floor(n / 2));
  const square = multiply(half.matrix, half.matrix, size);
  const whole = n % 2 === 0 ? square : multiply(matrix, square, size);
  let exponent = 2 * half.exponent;
  const middle = Math.floor(size / 2) * (size + 1);
  if ((whole[middle] as number) > 1e140) {
    for (let at = 0; at < whole.length; at += 1) whole[at] = (whole[at] as number) * 1e-140;
    exponent += 140;
  }
  return { matrix: whole, exponent };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1)
    for (let l = 0; l < size; l += 1) {
      const factor = a[i * size + l] as number;
      if (factor !== 0)
        for (let j = 0; j < size; j += 1) product[i * size + j] = (product[i * size + j] as number) + factor * (b[l * size + j] as number);
    }
  return product;
}

/** Pelz and Good's expansion K0 + K1/√n + K2/n + K3/n^1.5 (1976, in the form of Simard and L'Ecuyer). */
function expandedCdf(x: number, n: number): number {
  const z = Math.sqrt(n) * x;
  const z2 = z * z;
  const pi2 = Math.PI ** 2;
  const sums = [0, 0, 0, 0];
  const most = Math.ceil((16 * z) / Math.PI);
  for (let k = most; k > 0; k -= 1) {
    const m2 = (2 * k - 1) ** 2;
    const weight = Math.exp((-pi2 * m2) / 8 / z2);
    const terms = [
      1,
      -z2 + (pi2 / 4) * m2,
      6 * z2 ** 3 + 2 * z2 ** 2 + ((2 * z2 ** 2 - 5 * z2) * pi2 * m2) / 4 + ((1 - 2 * z2) * pi2 ** 2 * m2 ** 2) / 16,
      -30 * z2 ** 3 -
        90 * z2 ** 4 +
        ((135 * z2 ** 2 - 96 * z2 ** 3) * pi2 * m2) / 4 +
        ((212 * z2 ** 2 - 60 * z2) * pi2 ** 2 * m2 ** 2) / 16 +
        ((5 - 30 * z2) * pi2 ** 3 * m2 ** 3) / 64,
    ];
    terms.forEach((term, at) => void (sums[at] = (sums[at] as number) + weight * term));
  }
  let second = 0;
  let third = 0;
  for (let k = most; k > 0; k -= 1) {
    const weight = k * k * Math.exp((-pi2 * k * k) / 2 / z2);
    second += weight;
    third += (3 * z2 - pi2 * k * k) * weight;
  }
  const root = Math.sqrt(2 * Math.PI);
  const parts = [
    (root * (sums[0] as number)) / z,
    (root * (sums[1] as number)) / (6 * z ** 4),
    (root * (sums[2] as number)) / (72 * z ** 7) - (pi2 * root * second) / (36 * z ** 3),
    (root * (sums[3] as number)) / (6480 * z ** 10) + (pi2 * root * third) / (216 * z ** 6),
  ];
  return parts.reduce((sum, part, at) => sum + part / n ** (at / 2), 0);
}

function clamp(p: number): number {
  return Math.min(1, Math.max(0, p));
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
