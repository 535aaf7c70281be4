import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planBatch } from './batch.ts';

test('a batch takes requests in order while their rows fit', () => {
  assert.equal(planBatch([1, 1, 1], 8), 3);
  assert.equal(planBatch([4, 4, 1], 8), 2);
  assert.equal(planBatch([4, 5, 1], 8), 1);
});

test('a request larger than a batch runs alone, and an empty queue gives none', () => {
  assert.equal(planBatch([20, 1], 8), 1);
  assert.equal(planBatch([], 8), 0);
});
