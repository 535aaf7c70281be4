import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { noncentralChiSquareLogSf, noncentralChiSquareSf, noncentralityInterval } from './noncentral-chi-square.ts';

goldenTest('noncentralChiSquareSf', noncentralChiSquareSf);
goldenTest('noncentralChiSquareLogSf', noncentralChiSquareLogSf);
goldenTest('noncentralityInterval', (x: number, df: number) => noncentralityInterval(x, df));

test('the far tail that SciPy gives as 0 is 7.4215e-262', () => {
  assert.ok(Math.abs(noncentralChiSquareSf(2000, 9, 100) / 7.4215e-262 - 1) < 1e-4);
});

test('large windows stay fast and right: at its mean, a chi-square with λ = 1e6 is near one half', () => {
  assert.ok(Math.abs(noncentralChiSquareSf(1_000_009, 9, 1_000_000) - 0.5) < 0.001);
});
