import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addValue, emptyHistogram, mergeHistograms } from './histogram.ts';
import type { Histogram } from './histogram.ts';
import { quantileEdges } from './quantile-edges.ts';
import type { QuantileEdges } from './quantile-edges.ts';

const value = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.constantFrom(null, Number.NaN, Infinity, -Infinity),
);

function profile(edges: QuantileEdges, values: readonly (number | null)[]): Histogram {
  const histogram = emptyHistogram(edges, 'sha256:a');
  for (const item of values) addValue(histogram, edges, item);
  return histogram;
}

test('the merged histogram of two parts is the histogram of all, byte for byte', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1 }),
      fc.array(value),
      fc.array(value),
      fc.integer({ min: 1, max: 20 }),
      (reference, a, b, cells) => {
        const edges = quantileEdges(reference, cells);
        const merged = mergeHistograms(profile(edges, a), profile(edges, b));
        assert.equal(JSON.stringify(merged), JSON.stringify(profile(edges, [...a, ...b])));
      },
    ),
    { numRuns: 300, seed: 17 },
  );
});

test('the cumulative count at every edge is the number of values not above it, and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1 }),
      fc.array(value),
      fc.integer({ min: 1, max: 20 }),
      (reference, values, cells) => {
        const edges = quantileEdges(reference, cells);
        const histogram = profile(edges, values);
        const finite = values.filter((item): item is number => item !== null && Number.isFinite(item));
        let cumulative = 0;
        for (const [cell, edge] of edges.edges.entries()) {
          cumulative += histogram.counts[cell] as number;
          assert.equal(cumulative, finite.filter((item) => item <= edge).length);
        }
        assert.equal(
          histogram.counts.reduce((sum, count) => sum + count, 0),
          finite.length,
        );
        assert.equal(histogram.rows, values.length);
        assert.equal(histogram.below, finite.filter((item) => item < edges.min).length);
        assert.equal(histogram.above, finite.filter((item) => item > edges.max).length);
      },
    ),
    { numRuns: 300, seed: 18 },
  );
});

test('special values have counts of their own', () => {
  const counted = profile(quantileEdges([1, 2, 3]), [null, Number.NaN, Infinity, -Infinity, 2, 0, 9]);
  assert.deepEqual(counted, {
    edgesHash: 'sha256:a',
    counts: [1, 1, 1],
    below: 1,
    above: 1,
    nulls: 1,
    nans: 1,
    positiveInfinite: 1,
    negativeInfinite: 1,
    rows: 7,
  });
});

test('histograms on other edges do not merge', () => {
  const edges = quantileEdges([1, 2, 3]);
  assert.throws(() => mergeHistograms(emptyHistogram(edges, 'sha256:a'), emptyHistogram(edges, 'sha256:b')), /sha256:a and sha256:b/);
  assert.throws(() => addValue(emptyHistogram(edges, 'sha256:a'), quantileEdges([1]), 1), /3 cells was given edges for 1/);
});
