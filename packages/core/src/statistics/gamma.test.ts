import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gammaP, gammaQ } from './gamma.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('gammaQ', gammaQ);
goldenTest('gammaP', gammaP);

test('the incomplete gamma function refuses what it cannot answer', () => {
  assert.throws(() => gammaQ(0, 1), RangeError);
  assert.throws(() => gammaQ(1, -1), RangeError);
  assert.throws(() => gammaP(1, Number.NaN), RangeError);
});
