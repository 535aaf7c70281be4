import { requireCount } from './argument.ts';

/** Where the cells of a histogram end: plain JSON, to be stored by its content hash. */
export interface QuantileEdges {
  /** Rising; cell k holds (edges[k−1], edges[k]], the first and the last cell are open. `edges.length + 1` cells. */
  readonly edges: readonly number[];
  /** The range of the reference; values outside are also counted apart. */
  readonly min: number;
  readonly max: number;
}

/**
 * Edges at the reference quantiles k/cells (inverse distribution function, no interpolation), duplicates removed; a column
 * with at most `cells` distinct values gets one cell per value. The cumulative count at an edge is then exactly #{x ≤ edge},
 * so that KS, PSI and chi-square on the cells are exact. Null, NaN and infinite values are left out; one finite value must be there.
 */
export function quantileEdges(values: readonly (number | null)[], cells = 256): QuantileEdges {
  requireCount(cells, 'cells');
  if (cells < 1) throw new RangeError('A histogram needs at least 1 cell.');
  const sorted = Float64Array.from(values.filter((value): value is number => value !== null && Number.isFinite(value))).sort();
  const n = sorted.length;
  if (n === 0) throw new RangeError('There is no finite value to place edges on.');
  const max = sorted[n - 1] as number;
  return { edges: distinctBelow(sorted, max, cells) ?? quantilesBelow(sorted, max, cells), min: sorted[0] as number, max };
}

/** The distinct values except the largest, or null when there are more than `cells`. */
function distinctBelow(sorted: Float64Array, max: number, cells: number): number[] | null {
  const edges: number[] = [];
  for (const value of sorted) {
    if (value === max) return edges;
    if (edges.length === 0 || value > (edges.at(-1) as number)) {
      if (edges.length === cells - 1) return null;
      edges.push(value === 0 ? 0 : value);
    }
  }
  return edges;
}

function quantilesBelow(sorted: Float64Array, max: number, cells: number): number[] {
  const edges: number[] = [];
  for (let k = 1; k < cells; k += 1) {
    const edge = sorted[Math.ceil((sorted.length * k) / cells) - 1] as number;
    // An edge at the maximum would leave the last cell empty for ever.
    if (edge === max) break;
    if (edges.length === 0 || edge > (edges.at(-1) as number)) edges.push(edge === 0 ? 0 : edge);
  }
  return edges;
}
