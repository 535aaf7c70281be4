import type { QuantileEdges } from './quantile-edges.ts';

/** What a column holds apart from ordinary numbers, each in a count of its own. */
export interface SpecialCounts {
  nulls: number;
  nans: number;
  positiveInfinite: number;
  negativeInfinite: number;
}

/** Counts over the cells of one reference. Plain JSON; whole numbers only, so that merging is exact. */
export interface Histogram extends SpecialCounts {
  /** The content hash of the edges, given by the caller: only histograms with the same one merge. */
  readonly edgesHash: string;
  readonly counts: number[];
  /** Finite values under the reference's minimum and over its maximum; they are in the end cells too. */
  below: number;
  above: number;
  /** All values, special ones included. */
  rows: number;
}

export function emptyHistogram(edges: QuantileEdges, edgesHash: string): Histogram {
  return {
    edgesHash,
    counts: Array.from({ length: edges.edges.length + 1 }, () => 0),
    below: 0,
    above: 0,
    nulls: 0,
    nans: 0,
    positiveInfinite: 0,
    negativeInfinite: 0,
    rows: 0,
  };
}

/** The cell of a finite value: the number of edges below it. */
function cellOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts one value in place (a profile sees millions, so nothing is copied). `edges` must be those of the histogram. */
export function addValue(histogram: Histogram, edges: QuantileEdges, value: number | null): void {
  if (histogram.counts.length !== edges.edges.length + 1) {
    throw new RangeError(`A histogram of ${histogram.counts.length} cells was given edges for ${edges.edges.length + 1}.`);
  }
  histogram.rows += 1;
  if (value === null) histogram.nulls += 1;
  else if (Number.isNaN(value)) histogram.nans += 1;
  else if (value === Infinity) histogram.positiveInfinite += 1;
  else if (value === -Infinity) histogram.negativeInfinite += 1;
  else {
    const cell = cellOf(edges.edges, value);
    histogram.counts[cell] = (histogram.counts[cell] as number) + 1;
    if (value < edges.min) histogram.below += 1;
    else if (value > edges.max) histogram.above += 1;
  }
}

/** The histogram of both together, byte for byte what one pass over all values gives. Other edges are refused, never rebinned. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  if (a.edgesHash !== b.edgesHash || a.counts.length !== b.counts.length) {
    throw new RangeError(`Only histograms on the same edges merge: ${a.edgesHash} and ${b.edgesHash}.`);
  }
  return {
    edgesHash: a.edgesHash,
    counts: a.counts.map((count, cell) => count + (b.counts[cell] as number)),
    below: a.below + b.below,
    above: a.above + b.above,
    nulls: a.nulls + b.nulls,
    nans: a.nans + b.nans,
    positiveInfinite: a.positiveInfinite + b.positiveInfinite,
    negativeInfinite: a.negativeInfinite + b.negativeInfinite,
    rows: a.rows + b.rows,
  };
}
