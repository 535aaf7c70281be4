import assert from 'node:assert/strict';
import test from 'node:test';
import { predictedLabel } from './predicted-label.ts';

test('what the record says was decided goes before its outputs', () => {
  assert.equal(predictedLabel({ decided: true, outputs: { label: 0 } }), true);
  assert.equal(predictedLabel({ decided: false, outputs: { label: 1 } }), false);
});

test('the label output decides, as a boolean or as 0 and 1; what has none, or another, says no', () => {
  for (const label of [true, 1]) assert.equal(predictedLabel({ decided: null, outputs: { label, probability: 0.1 } }), true);
  for (const label of [false, 0, 2, '1']) assert.equal(predictedLabel({ decided: null, outputs: { label, probability: 0.9 } }), false);
  assert.equal(predictedLabel({ decided: null, outputs: { probability: 0.9 } }), false);
});
