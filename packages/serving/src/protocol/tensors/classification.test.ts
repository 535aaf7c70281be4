import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { classify } from './classification.ts';

test('the highest scores of each row come with their classes', () => {
  const tensor = { datatype: 'FP32' as const, shape: [2, 3], data: Float32Array.of(0.5, 0.25, 0.75, NaN, 2, 2) };
  assert.deepEqual(classify({ name: 'p', tensor }, 2, ['a', 'b', 'c']), {
    datatype: 'BYTES',
    shape: [2, 2],
    data: ['0.75:2:c', '0.5:0:a', '2:1:b', '2:2:c'],
  });
  assert.deepEqual(classify({ name: 'p', tensor }, 9, null).data, ['0.75:2', '0.5:0', '0.25:1', '2:1', '2:2', 'NaN:0']);
});

test('one value a row is one class, infinities are ranked, texts are not', () => {
  const column = { datatype: 'INT64' as const, shape: [2], data: BigInt64Array.of(7n, -1n) };
  assert.deepEqual(classify({ name: 'p', tensor: column }, 1, null), { datatype: 'BYTES', shape: [2, 1], data: ['7:0', '-1:0'] });
  const infinite = { datatype: 'FP64' as const, shape: [1, 3], data: Float64Array.of(-Infinity, 1, Infinity) };
  assert.deepEqual(classify({ name: 'p', tensor: infinite }, 3, null).data, ['Infinity:2', '1:1', '-Infinity:0']);
  assert.throws(
    () => classify({ name: 'p', tensor: { datatype: 'BYTES', shape: [1], data: ['a'] } }, 1, null),
    (error) => isFault(error, 'request_invalid') && error.message.includes('"p"'),
  );
});
