import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { normalCdf, normalLogSf, normalQuantile, normalSf, normalUpperQuantile } from './normal.ts';

goldenTest('normalSf', normalSf);
goldenTest('normalCdf', normalCdf);
goldenTest('normalLogSf', normalLogSf);
goldenTest('normalQuantile', normalQuantile);

test('quantile and distribution undo each other, and NaN is refused', () => {
  for (const q of [1e-200, 1e-9, 0.03, 0.4]) {
    assert.ok(Math.abs(normalSf(normalUpperQuantile(q)) / q - 1) < 1e-11, String(q));
  }
  assert.throws(() => normalSf(Number.NaN), RangeError);
  assert.throws(() => normalQuantile(1), RangeError);
});
