import { totalOf } from './homogeneity.ts';

/** Distances between two lists of counts over the same cells. Names carry base and root, because peers disagree about them. */
export interface Distances {
  /** Population stability index Σ (p − q) ln(p/q), natural log, half a count added to every cell so that an empty one stays finite. */
  readonly psi: number;
  /** ½ KL(p‖m) + ½ KL(q‖m) in bits, no root: 0 … 1. */
  readonly jensenShannonDivergenceBase2: number;
  /** √(1 − Σ √(pq)). */
  readonly hellinger: number;
  /** ½ Σ |p − q|. */
  readonly totalVariation: number;
  /** max |p − q|, and the cell where it is reached. */
  readonly largest: number;
  readonly largestCell: number;
}

function halfDivergence(p: number, m: number): number {
  return p === 0 ? 0 : 0.5 * p * Math.log2(p / m);
}

/** Both lists have the same cells in the same order and at least one count each. For the report; decisions use the drift rule. */
export function distances(reference: readonly number[], current: readonly number[]): Distances {
  if (reference.length !== current.length) {
    throw new RangeError(`Both sides must have the same cells: ${reference.length} counts against ${current.length}.`);
  }
  const n = totalOf(reference, 'reference');
  const m = totalOf(current, 'current');
  if (n === 0 || m === 0) throw new RangeError(`A side without a single count cannot be compared (${n} against ${m}).`);
  const cells = reference.length;
  let psi = 0;
  let divergence = 0;
  let affinity = 0;
  let variation = 0;
  let largest = 0;
  let largestCell = 0;
  for (const [cell, x] of reference.entries()) {
    const y = current[cell] as number;
    const smoothP = (x + 0.5) / (n + cells / 2);
    const smoothQ = (y + 0.5) / (m + cells / 2);
    psi += (smoothP - smoothQ) * Math.log(smoothP / smoothQ);
    const p = x / n;
    const q = y / m;
    divergence += halfDivergence(p, (p + q) / 2) + halfDivergence(q, (p + q) / 2);
    affinity += Math.sqrt(p * q);
    const gap = Math.abs(p - q);
    variation += gap / 2;
    if (gap > largest) {
      largest = gap;
      largestCell = cell;
    }
  }
  return {
    psi,
    jensenShannonDivergenceBase2: Math.max(0, divergence),
    hellinger: Math.sqrt(Math.max(0, 1 - affinity)),
    totalVariation: variation,
    largest,
    largestCell,
  };
}
