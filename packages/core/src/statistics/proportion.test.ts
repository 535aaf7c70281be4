import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { chiSquareHomogeneity } from './homogeneity.ts';
import { twoProportionZ, wilsonInterval } from './proportion.ts';

goldenTest('twoProportionZ', twoProportionZ);
goldenTest('wilsonInterval', wilsonInterval);

test('z squared is the chi-square of the 2×2 table', () => {
  const z = twoProportionZ(30, 400, 55, 500).statistic;
  assert.ok(Math.abs(z * z - chiSquareHomogeneity([30, 370], [55, 445]).statistic) < 1e-12);
});

test('one outcome on both sides is no evidence; more successes than trials is refused', () => {
  assert.equal(twoProportionZ(0, 10, 0, 20).p, 1);
  assert.throws(() => twoProportionZ(11, 10, 0, 20), /11 successes in 10/);
});
