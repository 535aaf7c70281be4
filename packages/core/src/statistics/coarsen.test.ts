import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coarsen, driftCells, equalMassGroups } from './coarsen.ts';
import { addValue, emptyHistogram } from './histogram.ts';
import type { Histogram } from './histogram.ts';
import { quantileEdges } from './quantile-edges.ts';

const histogramOf = (counts: number[]): Histogram => ({
  edgesHash: 'h',
  counts,
  below: 0,
  above: 0,
  nulls: 0,
  nans: 0,
  positiveInfinite: 0,
  negativeInfinite: 0,
  rows: counts.reduce((a, b) => a + b, 0),
});

test('256 even cells become 10 groups of a tenth each', () => {
  const groups = equalMassGroups(histogramOf(Array.from({ length: 256 }, () => 100)));
  assert.equal(groups.length, 10);
  for (const count of coarsen(histogramOf(Array.from({ length: 256 }, () => 1)), groups))
    assert.ok(count === 25 || count === 26, String(count));
});

test('groups keep every count, are never empty on the reference, and are at most as many as asked', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 12 }), (counts, wanted) => {
      const histogram = histogramOf(counts);
      const groups = equalMassGroups(histogram, wanted);
      const coarse = coarsen(histogram, groups);
      assert.equal(
        coarse.reduce((a, b) => a + b, 0),
        histogram.rows,
      );
      assert.ok(groups.length <= wanted);
      if (histogram.rows > 0) assert.ok(coarse.every((count) => count > 0));
    }),
    { numRuns: 500, seed: 2 },
  );
});

test('cells for the drift rule carry names, and special values when either side has any', () => {
  const edges = quantileEdges([1, 2, 3, 4]);
  const reference = emptyHistogram(edges, 'h');
  const current = emptyHistogram(edges, 'h');
  for (const x of [1, 2, 3, 4]) addValue(reference, edges, x);
  for (const x of [1, 1, null, 9]) addValue(current, edges, x);
  assert.deepEqual(driftCells(reference, current, edges.edges, 2), {
    labels: ['≤ 2', '> 2', 'null'],
    reference: [2, 2, 0],
    current: [2, 1, 1],
  });
  assert.deepEqual(driftCells(reference, current, edges.edges, 4).labels, ['≤ 1', '(1, 2]', '(2, 3]', '> 3', 'null']);
  assert.throws(() => driftCells(reference, emptyHistogram(edges, 'k'), edges.edges), /h and k/);
  assert.throws(() => coarsen(reference, [1]), /end at cell 1/);
});
