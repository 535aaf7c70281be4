import { requireProbability } from './argument.ts';

interface Ranked {
  readonly p: number;
  readonly index: number;
}

function ranked(p: readonly number[]): Ranked[] {
  for (const [index, value] of p.entries()) requireProbability(value, `p[${index}]`);
  return p.map((value, index) => ({ p: value, index })).sort((a, b) => a.p - b.p);
}

/**
 * Benjamini–Hochberg adjusted p, in the order given: min_{j ≥ i} F·p_(j)/j. Flagging adjusted ≤ q keeps the expected
 * share of false flags at q (1995, independent or positively dependent tests).
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = ranked(p);
  const adjusted = Array.from({ length: p.length }, () => 1);
  let least = 1;
  for (let rank = order.length; rank >= 1; rank -= 1) {
    const item = order[rank - 1] as Ranked;
    least = Math.min(least, (p.length * item.p) / rank);
    adjusted[item.index] = least;
  }
  return adjusted;
}

/** Holm adjusted p (1979), in the order given: flagging adjusted ≤ α keeps the chance of any false flag at α, whatever the dependence. */
export function holm(p: readonly number[]): number[] {
  const adjusted = Array.from({ length: p.length }, () => 1);
  let greatest = 0;
  for (const [rank, item] of ranked(p).entries()) {
    greatest = Math.min(1, Math.max(greatest, (p.length - rank) * item.p));
    adjusted[item.index] = greatest;
  }
  return adjusted;
}
