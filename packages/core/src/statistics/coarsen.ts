import { requireCount } from './argument.ts';
import type { Histogram } from './histogram.ts';

/** Where groups of neighbouring cells end: the last cell of each group, rising; the last one is the last cell. */
export type CellGroups = readonly number[];

/**
 * Groups of neighbouring cells that hold about 1/groups of the reference each. A cell heavier than that is a group of its own
 * or ends one, so ties give fewer groups, never an empty one.
 */
export function equalMassGroups(reference: Histogram, groups = 10): CellGroups {
  requireCount(groups, 'groups');
  if (groups < 1) throw new RangeError('There must be at least 1 group.');
  const last = reference.counts.length - 1;
  const total = reference.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return [last];
  const ends: number[] = [];
  let below = 0;
  let target = 1;
  for (const [cell, count] of reference.counts.entries()) {
    below += count;
    if (below * groups >= target * total && below < total) {
      ends.push(cell);
      target = Math.floor((below * groups) / total) + 1;
    }
  }
  return [...ends, last];
}

/** The counts summed over each group. Groups must come from a histogram on the same edges. */
export function coarsen(histogram: Histogram, groups: CellGroups): number[] {
  if (groups.at(-1) !== histogram.counts.length - 1) {
    throw new RangeError(`The groups end at cell ${groups.at(-1)}, the histogram at cell ${histogram.counts.length - 1}.`);
  }
  let start = 0;
  return groups.map((end) => {
    let sum = 0;
    for (let cell = start; cell <= end; cell += 1) sum += histogram.counts[cell] as number;
    start = end + 1;
    return sum;
  });
}

/** Two columns of counts over the same cells, ready for the drift rule and the distances, with a name for each cell. */
export interface DriftCells {
  readonly labels: readonly string[];
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/**
 * Cells to compare a window with its reference on: about `groups` groups of equal reference mass, and one cell each for
 * null, NaN and ±infinity when either side has any. `edges` (of the histograms) only name the cells.
 */
export function driftCells(reference: Histogram, current: Histogram, edges: readonly number[], groups = 10): DriftCells {
  if (reference.edgesHash !== current.edgesHash) {
    throw new RangeError(`A window is compared on its reference's edges: ${reference.edgesHash} and ${current.edgesHash}.`);
  }
  const ends = equalMassGroups(reference, groups);
  const labels = ends.map((end, index) => {
    const from = index === 0 ? null : (edges[ends[index - 1] as number] as number);
    const to = end < edges.length ? (edges[end] as number) : null;
    if (from === null) return to === null ? 'all' : `≤ ${to}`;
    return to === null ? `> ${from}` : `(${from}, ${to}]`;
  });
  const special = [
    ['null', reference.nulls, current.nulls],
    ['NaN', reference.nans, current.nans],
    ['+∞', reference.positiveInfinite, current.positiveInfinite],
    ['−∞', reference.negativeInfinite, current.negativeInfinite],
  ] as const;
  const present = special.filter(([, x, y]) => x + y > 0);
  return {
    labels: [...labels, ...present.map(([label]) => label)],
    reference: [...coarsen(reference, ends), ...present.map(([, x]) => x)],
    current: [...coarsen(current, ends), ...present.map(([, , y]) => y)],
  };
}
