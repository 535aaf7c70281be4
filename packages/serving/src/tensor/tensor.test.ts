import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinRows, sliceRows, zeroTensor } from './tensor.ts';

test('joined rows come back by offset, whatever the sizes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (sizes, width) => {
        let next = 0;
        const parts = sizes.map((rows) => ({
          datatype: 'FP32' as const,
          shape: [rows, width],
          data: Float32Array.from({ length: rows * width }, () => next++),
        }));
        const joined = joinRows(parts);
        let offset = 0;
        for (const part of parts) {
          const rows = part.shape[0] ?? 0;
          assert.deepEqual(sliceRows(joined, offset, offset + rows), part);
          offset += rows;
        }
        assert.equal(joined.shape[0], offset);
      },
    ),
  );
});

test('texts join and slice as well', () => {
  const joined = joinRows([
    { datatype: 'BYTES', shape: [1], data: ['a'] },
    { datatype: 'BYTES', shape: [2], data: ['b', ''] },
  ]);
  assert.deepEqual(joined, { datatype: 'BYTES', shape: [3], data: ['a', 'b', ''] });
  assert.deepEqual(sliceRows(joined, 1, 3).data, ['b', '']);
});

test('a slice shares no memory with what it was cut from', () => {
  const whole = zeroTensor('INT64', [2, 1]);
  const part = sliceRows(whole, 0, 1);
  (part.data as BigInt64Array)[0] = 7n;
  assert.equal((whole.data as BigInt64Array)[0], 0n);
});
