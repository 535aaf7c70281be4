import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { chiSquareHomogeneity } from './homogeneity.ts';

goldenTest('chiSquareHomogeneity', chiSquareHomogeneity);

test('different cells, an empty side and a count that is none are refused', () => {
  assert.throws(() => chiSquareHomogeneity([1, 2], [1]), /same cells/);
  assert.throws(() => chiSquareHomogeneity([0, 0], [1, 2]), /without a single count/);
  assert.throws(() => chiSquareHomogeneity([1, Number.NaN], [1, 2]), /first\[1\]/);
});
