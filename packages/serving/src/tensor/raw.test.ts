import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault } from '@pawl/core';
import type { Datatype } from './tensor.ts';
import { arrayOf } from './tensor.ts';
import { fromRaw, toRaw, widen } from './raw.ts';

const numeric: readonly Exclude<Datatype, 'BYTES'>[] = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
];

test('what is written is read, wherever it lies in memory', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...numeric),
      fc.uint8Array({ maxLength: 64 }),
      fc.integer({ min: 0, max: 7 }),
      (datatype, noise, offset) => {
        const size = arrayOf(datatype).BYTES_PER_ELEMENT;
        const bytes = noise.slice(0, noise.length - (noise.length % size)).map((byte) => (datatype === 'BOOL' ? byte & 1 : byte));
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        const count = bytes.length / size;
        const data = fromRaw('x', datatype, count, shifted.subarray(offset));
        assert.equal(data.length, count);
        assert.deepEqual(Buffer.from(toRaw({ datatype, shape: [count], data })), Buffer.from(bytes));
      },
    ),
  );
});

test('texts keep every character, also none and zero', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
      const raw = toRaw({ datatype: 'BYTES', shape: [texts.length], data: texts });
      assert.deepEqual(fromRaw('x', 'BYTES', texts.length, raw), texts);
    }),
  );
  assert.deepEqual([...toRaw({ datatype: 'BYTES', shape: [2], data: ['é', ''] })], [2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0]);
});

test('bytes that do not add up are refused', () => {
  const texts = (...bytes: readonly number[]) => Uint8Array.from(bytes);
  const cases: readonly (readonly [Datatype, number, Uint8Array, RegExp])[] = [
    ['FP32', 2, new Uint8Array(7), /8 bytes for 2 elements of FP32.*7/],
    ['FP32', 0, new Uint8Array(4), /0 bytes/],
    ['BOOL', 2, Uint8Array.of(1, 2), /0 or 1 as BOOL at element 1/],
    ['BYTES', 1, texts(1, 0, 0), /a length in four bytes before element 0/],
    ['BYTES', 1, texts(2, 0, 0, 0, 65), /as many bytes as the length of element 0/],
    ['BYTES', 1, texts(255, 255, 255, 255, 65), /as many bytes as the length of element 0/],
    ['BYTES', 1, texts(0, 0, 0, 0, 0, 0, 0, 0), /1 elements, got more/],
    ['BYTES', 2, texts(0, 0, 0, 0), /2 elements, got 1/],
    ['BYTES', 1, texts(1, 0, 0, 0, 0xff), /UTF-8 text at element 0/],
  ];
  for (const [datatype, count, bytes, message] of cases) {
    assert.throws(
      () => fromRaw('x', datatype, count, bytes),
      (error) => isFault(error, 'tensor_invalid') && message.test(error.message),
      `${datatype} ${String(message)}`,
    );
  }
});

test('narrow elements become wide ones without loss', () => {
  assert.deepEqual(widen('x', Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x0001), 'FP16', 'FP32'), Float32Array.of(1, -2, Infinity, 2 ** -24));
  assert.deepEqual(widen('x', Uint16Array.of(0x3f80, 0xc000, 0xff80, 0x7fc0), 'BF16', 'FP64'), Float64Array.of(1, -2, -Infinity, NaN));
  assert.deepEqual(widen('x', Int8Array.of(-7), 'INT8', 'INT64'), BigInt64Array.of(-7n));
  assert.deepEqual(widen('x', Float64Array.of(1.5, Infinity, NaN), 'FP64', 'FP32'), Float32Array.of(1.5, Infinity, NaN));
  assert.throws(
    () => widen('x', Float64Array.of(1, 1e300), 'FP64', 'FP32'),
    (error) => isFault(error, 'tensor_invalid') && error.message.includes('element 1'),
  );
});
