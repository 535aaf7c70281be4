import { requirePositive } from './argument.ts';

const HALF_LOG_TWO_PI = 0.9189385332046728;
const ONE_MINUS_EULER_GAMMA = 0.42278433509846713;

/** ζ(k) − 1 for k = 2, 3, …: the coefficients of ln Γ around 2 (DLMF 5.7.3). */
const ZETA_MINUS_ONE: readonly number[] = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914, 0.008349277381922827,
  0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
  6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5, 7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6,
  9.539620338727962e-7, 4.769329867878064e-7, 2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8,
  1.4901554828365043e-8, 7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9, 9.313274324196682e-10, 4.656629065033784e-10,
];

/** B_{2k} / (2k (2k − 1)): the Stirling series (DLMF 5.11.1). */
const STIRLING: readonly number[] = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

function nearTwo(z: number): number {
  let sum = 0;
  for (let index = ZETA_MINUS_ONE.length - 1; index >= 0; index -= 1) {
    const k = index + 2;
    sum = ((k % 2 === 0 ? 1 : -1) * (ZETA_MINUS_ONE[index] as number)) / k + z * sum;
  }
  return z * (ONE_MINUS_EULER_GAMMA + z * sum);
}

/** ln Γ(x) for x > 0, to about 1e-15 relative, also near its zeros at 1 and 2. */
export function logGamma(x: number): number {
  requirePositive(x, 'x');
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  if (x < 1.5) return nearTwo(x - 1) - Math.log1p(x - 1);
  if (x <= 2.5) return nearTwo(x - 2);
  if (x < 12) {
    let product = 1;
    let at = x;
    while (at > 2.5) {
      at -= 1;
      product *= at;
    }
    return Math.log(product) + nearTwo(at - 2);
  }
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingSeries(x);
}

function stirlingSeries(x: number): number {
  const square = 1 / (x * x);
  let sum = 0;
  for (let index = STIRLING.length - 1; index >= 0; index -= 1) sum = (STIRLING[index] as number) + square * sum;
  return sum / x;
}

/**
 * δ(x) = ln Γ(x + 1) − (x + ½) ln x + x − ½ ln 2π for x > 0: what Stirling's formula misses.
 * Keeping it apart is what makes probabilities of large counts accurate (Loader 2000, "Fast and accurate computation of binomial probabilities").
 */
export function stirlingError(x: number): number {
  let sum = 0;
  let at = x;
  while (at < 15) {
    sum += (at + 0.5) * Math.log1p(1 / at) - 1;
    at += 1;
  }
  return sum + stirlingSeries(at);
}

/** The deviance x ln(x/m) + m − x for x ≥ 0, m > 0, without cancellation near x = m (Loader 2000). */
export function deviance(x: number, m: number): number {
  if (x === 0) return m;
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let j = 1; j < 1000; j += 1) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}
