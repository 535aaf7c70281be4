import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSpark } from './spark.ts';

test('bars go from the least to the greatest value', () => {
  assert.equal(toSpark([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█');
  assert.equal(toSpark([9, 1, Number.NaN, 3], 3), '▁·█');
  assert.deepEqual([toSpark([5, 5], 9), toSpark([], 9), toSpark([Infinity], 9)], ['▅▅', '', '·']);
});
