import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goldenTest } from './golden-cases.test.ts';
import { brierScore, calibrationError, logLoss, rocAuc } from './scores.ts';
import type { ScoredRow } from './scores.ts';

const rowsOf = (scores: readonly number[], labels: readonly number[]): ScoredRow[] =>
  scores.map((score, index) => ({ score, positive: labels[index] === 1 }));

goldenTest('scores', (scores: readonly number[], labels: readonly number[]) => {
  const rows = rowsOf(scores, labels);
  return { brier: brierScore(rows), logLoss: logLoss(rows), auc: rocAuc(rows), ece: calibrationError(rows) };
});

test('the area is the share of pairs in the right order, and no order of rows changes a measure', () => {
  const row = fc.record({ score: fc.integer({ min: 0, max: 8 }).map((k) => k / 8), positive: fc.boolean() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const positives = rows.filter((item) => item.positive);
      const negatives = rows.filter((item) => !item.positive);
      let right = 0;
      for (const a of positives) for (const b of negatives) right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
      const auc = rocAuc(rows);
      if (positives.length * negatives.length === 0) assert.equal(auc, null);
      else assert.ok(Math.abs((auc as number) - right / (positives.length * negatives.length)) < 1e-12);
      assert.equal(rocAuc(rows.toReversed()), auc);
      assert.ok(Math.abs(calibrationError(rows.toReversed()) - calibrationError(rows)) < 1e-12);
    }),
    { numRuns: 200, seed: 6 },
  );
});

test('no row, no probability: refused', () => {
  assert.throws(() => brierScore([]), /no row/);
  assert.throws(() => logLoss([{ score: 1.2, positive: true }]), /rows\[0\].score/);
  assert.throws(() => rocAuc([{ score: Number.NaN, positive: true }]), /rows\[0\].score/);
});
