import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSteps } from './sample.ts';

test('few steps stay; many are spread evenly with all ends', () => {
  const all = Array.from({ length: 10 }, (_, step) => step * 2);
  assert.deepEqual(sampleSteps({ all, ends: [0, 18] }, 10), all);
  assert.deepEqual(sampleSteps({ all, ends: [0, 18, 6, 14] }, 3), [0, 6, 12, 14, 18]);
  assert.deepEqual(sampleSteps({ all, ends: [2] }, 1), [0, 2, 18]);
  assert.deepEqual(sampleSteps({ all: [], ends: [] }, 1), []);
});
