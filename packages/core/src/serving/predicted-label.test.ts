import assert from 'node:assert/strict';
import test from 'node:test';
import { predictedLabel } from './predicted-label.ts';

test('the label output decides, as a boolean or as 0 and 1; what has none, or another, says no', () => {
  for (const label of [true, 1]) assert.equal(predictedLabel({ outputs: { label, probability: 0.1 } }), true);
  for (const label of [false, 0, 2, '1']) assert.equal(predictedLabel({ outputs: { label, probability: 0.9 } }), false);
  assert.equal(predictedLabel({ outputs: { probability: 0.9 } }), false);
});
