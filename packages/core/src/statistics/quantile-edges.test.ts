import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { quantileEdges } from './quantile-edges.ts';

goldenTest('quantileEdges', quantileEdges);

test('few distinct values get a cell each, and the largest no edge', () => {
  assert.deepEqual(quantileEdges([3, 1, null, 2, 2, Number.NaN, Infinity]), { edges: [1, 2], min: 1, max: 3 });
  assert.deepEqual(quantileEdges([5, 5]), { edges: [], min: 5, max: 5 });
  assert.deepEqual(quantileEdges([-0, 0, 1]), { edges: [0], min: -0, max: 1 });
});

test('a reference without a finite value is refused', () => {
  assert.throws(() => quantileEdges([null, Number.NaN]), /no finite value/);
  assert.throws(() => quantileEdges([1], 0), /at least 1 cell/);
});
