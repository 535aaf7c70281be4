/**
 * Bisection for a monotone function: the root of `f` in [low, high], whatever the direction of `f`.
 * `f(low)` and `f(high)` must not have the same strict sign; a root at an end is returned as that end.
 * Runs until the interval is two neighbouring floating-point numbers or `tolerance` wide.
 */
export function bisect(f: (x: number) => number, low: number, high: number, tolerance = 0): number {
  let a = low;
  let b = high;
  const atLow = f(a);
  if (atLow === 0) return a;
  const atHigh = f(b);
  if (atHigh === 0) return b;
  if (!(atLow * atHigh < 0)) {
    throw new RangeError(`No change of sign in [${low}, ${high}]: the function is ${atLow} and ${atHigh} at its ends.`);
  }
  const rising = atHigh > 0;
  for (let step = 0; step < 200; step += 1) {
    const middle = a + (b - a) / 2;
    if (middle <= a || middle >= b || b - a <= tolerance) return middle;
    const value = f(middle);
    if (value === 0) return middle;
    if (value > 0 === rising) b = middle;
    else a = middle;
  }
  return a + (b - a) / 2;
}
