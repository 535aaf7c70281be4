import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { goldenTest } from './golden-cases.test.ts';
import { kolmogorovSf, kolmogorovSmirnov } from './kolmogorov-smirnov.ts';

goldenTest('kolmogorovSmirnov', kolmogorovSmirnov);

describe('Kolmogorov–Smirnov', () => {
  test('nothing is nearer than the same, and nothing further than apart', () => {
    assert.deepEqual(kolmogorovSmirnov(0, 10, 10), { p: 1, method: 'exact' });
    assert.equal(kolmogorovSmirnov(0, 20_000, 10_000).p, 1);
    assert.ok(kolmogorovSmirnov(1, 5, 5).p < 0.01);
    assert.equal(kolmogorovSmirnov(1, 20_000, 20_000).p, 0);
  });

  test('p falls as D grows, over every border between its methods', () => {
    for (const n of [20, 140, 141, 5000, 100_001]) {
      let before = 1;
      for (let step = 1; step <= 40; step += 1) {
        const p = kolmogorovSf((step / 40) * Math.min(1, 6 / Math.sqrt(n)), n);
        assert.ok(p <= before + 1e-9 && p >= 0, `n ${n}, step ${step}: ${p} after ${before}`);
        before = p;
      }
    }
  });

  test('large samples of unequal size are not counted path by path', () => {
    assert.equal(kolmogorovSmirnov(0.02, 9999, 10_000).method, 'kstwo');
    assert.throws(() => kolmogorovSmirnov(0.1, 0, 5), RangeError);
    assert.throws(() => kolmogorovSmirnov(1.1, 5, 5), RangeError);
  });
});
