import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../statistics/random.ts';
import { addQuality, brokenLimits, errorRate, labelledRows, noQuality, toQualityCounts } from './quality.ts';
import type { QualityCounts } from './types.ts';

const limits = { adwinDelta: 0.002, maxErrorRate: 0.05, maxFalsePositiveRate: 0.04 };

test('each labelled prediction counts in its cell, and taking it back leaves nothing', () => {
  const outcomes = [
    [true, true, 'truePositive'],
    [true, false, 'falsePositive'],
    [false, true, 'falseNegative'],
    [false, false, 'trueNegative'],
  ] as const;
  let sum = noQuality;
  for (const [predicted, truth, cell] of outcomes) {
    const counts = toQualityCounts(predicted, truth);
    assert.deepEqual(counts, { ...noQuality, [cell]: 1 });
    assert.deepEqual(addQuality(counts, toQualityCounts(predicted, truth, -1)), noQuality);
    sum = addQuality(sum, counts);
  }
  assert.equal(labelledRows(sum), 4);
  assert.equal(errorRate(sum), 0.5);
  assert.equal(errorRate(noQuality), null);
});

test('a limit is broken only when the 99 % lower bound is over it', () => {
  const counts = (falsePositive: number, trueNegative: number): QualityCounts => ({ ...noQuality, falsePositive, trueNegative });
  assert.deepEqual(brokenLimits(limits, counts(8, 92)), []);
  // Wilson at z = 2.3263: 20/100 has the lower bound 12.3 %.
  assert.deepEqual(brokenLimits(limits, counts(20, 80)), [
    'error rate 20.0 % (20 of 100; 99 % lower bound 12.3 %) is over 5.0 %',
    'false-positive rate 20.0 % (20 of 100; 99 % lower bound 12.3 %) is over 4.0 %',
  ]);
  assert.deepEqual(brokenLimits({ ...limits, maxErrorRate: null, maxFalsePositiveRate: null }, counts(20, 80)), []);
  assert.deepEqual(brokenLimits(limits, noQuality), []);
  // No negative row: nothing is known of false positives.
  assert.equal(brokenLimits(limits, { ...noQuality, falseNegative: 50 }).length, 1);
});

test('a rate just at its limit breaks it in about 1 % of windows', () => {
  const random = createRandom(21);
  let broken = 0;
  for (let window = 0; window < 2000; window++) {
    let errors = 0;
    for (let row = 0; row < 200; row++) if (random.next() < 0.05) errors++;
    const counts = { ...noQuality, falseNegative: errors, truePositive: 200 - errors };
    if (brokenLimits(limits, counts).length > 0) broken++;
  }
  assert.ok(broken <= 40, `${broken} of 2000`);
});
