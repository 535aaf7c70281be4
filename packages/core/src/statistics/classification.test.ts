import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classificationMetrics, confusionOf } from './classification.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('classificationMetrics', (predicted: readonly number[], actual: readonly number[]) =>
  classificationMetrics(confusionOf(predicted, actual, 1)),
);

test('what has no denominator is unknown, not zero', () => {
  const metrics = classificationMetrics(confusionOf([0, 0], [0, 0], 1));
  assert.deepEqual(metrics, { accuracy: 1, precision: null, recall: null, f1: null, falsePositiveRate: 0, specificity: 1 });
  assert.equal(classificationMetrics(confusionOf([], [], 1)).accuracy, null);
});

test('lists of different lengths and negative counts are refused', () => {
  assert.throws(() => confusionOf(['spam'], [], 'spam'), /1 predictions for 0/);
  assert.throws(
    () => classificationMetrics({ truePositives: -1, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }),
    /truePositives/,
  );
});
