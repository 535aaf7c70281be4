import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binomialCdf, binomialSf } from './binomial.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('binomialCdf', binomialCdf);
goldenTest('binomialSf', binomialSf);

test('the binomial is exact at its ends and at a million trials', () => {
  assert.equal(binomialCdf(10, 10, 0.3), 1);
  assert.equal(binomialSf(-1, 10, 0.3), 1);
  assert.equal(binomialCdf(3, 10, 0), 1);
  // By symmetry P(X ≤ 500 000) = ½ + ½ P(X = 500 000), whose mass is 7.97884361246758e-4.
  assert.ok(Math.abs(binomialCdf(500_000, 1_000_000, 0.5) - (0.5 + 7.97884361246758e-4 / 2)) < 1e-12);
  assert.throws(() => binomialCdf(1.5, 10, 0.3), RangeError);
});
