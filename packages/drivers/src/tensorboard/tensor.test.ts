import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskedCrc32c } from './crc32c.ts';
import { readFields } from './protobuf.ts';
import { readTensor } from './tensor.ts';

const bytes = (...list: readonly number[]): Uint8Array => Uint8Array.from(list);

test('the test vectors of RFC 3720, B.4, unmasked as TFRecord masks them', () => {
  const unmask = (masked: number): number => {
    const turned = (masked - 0xa282ead8) >>> 0;
    return ((turned >>> 17) | (turned << 15)) >>> 0;
  };
  const all = (make: (at: number) => number): number => unmask(maskedCrc32c(Uint8Array.from({ length: 32 }, (_, at) => make(at))));
  assert.deepEqual(
    [all(() => 0), all(() => 0xff), all((at) => at), all((at) => 31 - at)],
    [0x8a9136aa, 0x62a8ab43, 0x46dd794e, 0x113fdb5c],
  );
});

test('fields come in order, of every type', () => {
  const message = bytes(0x08, 0x96, 0x01, 0x12, 2, 7, 8, 0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8);
  assert.deepEqual(
    [...readFields(message)].map(({ number, varint, bytes: own }) => [number, varint ?? own?.length]),
    [
      [1, 150n],
      [2, 2],
      [3, 4],
      [4, 8],
    ],
  );
});

test('bytes that are no message are refused and never read beyond', () => {
  for (const broken of [
    bytes(0x12, 5, 1),
    bytes(0x08),
    bytes(0x1d, 1),
    bytes(0x0b),
    bytes(0x08, ...Array.from({ length: 11 }, () => 0xff)),
  ])
    assert.throws(() => [...readFields(broken)], RangeError);
});

test('numbers of a tensor are read in each of their spellings', () => {
  // dtype 1 is float32: as content, and as packed values.
  assert.deepEqual(readTensor(bytes(0x08, 1, 0x22, 4, 0, 0, 0xc0, 0x3f)).numbers, [1.5]);
  assert.deepEqual(readTensor(bytes(0x08, 1, 0x2a, 8, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0)).numbers, [1.5, -2]);
  // dtype 9 is int64, dtype 19 float16, dtype 14 bfloat16.
  assert.deepEqual(readTensor(bytes(0x08, 9, 0x52, 3, 0x96, 0x01, 2)).numbers, [150, 2]);
  assert.deepEqual(readTensor(bytes(0x08, 19, 0x68, 0x80, 0x78)).numbers, [1]);
  assert.deepEqual(readTensor(bytes(0x08, 19, 0x22, 6, 0, 0x7c, 0, 0xfc, 1, 0)).numbers, [Infinity, -Infinity, 2 ** -24]);
  assert.deepEqual(readTensor(bytes(0x08, 14, 0x22, 2, 0xc0, 0x3f)).numbers, [1.5]);
  assert.deepEqual(
    readTensor(bytes(0x08, 7, 0x42, 2, 0x68, 0x69)).texts.map((text) => new TextDecoder().decode(text)),
    ['hi'],
  );
});
