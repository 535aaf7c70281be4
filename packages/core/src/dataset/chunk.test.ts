import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHUNK_SIZE, cutChunk } from './chunk.ts';

/** Bytes of a seeded xorshift generator. */
function randomBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  for (let index = 0; index < length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

function cutAll(bytes: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const cut = cutChunk(bytes, start, bytes.length);
    chunks.push(bytes.subarray(start, cut));
    start = cut;
  }
  return chunks;
}

const toText = (chunk: Uint8Array): string => Buffer.from(chunk).toString('latin1');

test('chunks join to the content and keep their bounds; their mean is near the one wanted', () => {
  const bytes = randomBytes(16 * 1024 * 1024, 7);
  const chunks = cutAll(bytes);
  assert.ok(Buffer.concat(chunks).equals(bytes));
  for (const chunk of chunks.slice(0, -1)) assert.ok(chunk.length >= CHUNK_SIZE.least && chunk.length <= CHUNK_SIZE.most);
  const mean = bytes.length / chunks.length;
  assert.ok(mean > CHUNK_SIZE.mean * 0.75 && mean < CHUNK_SIZE.mean * 1.6, `the mean is ${mean}`);
});

test('an insertion anywhere changes a few chunks around it and no other', () => {
  const bytes = randomBytes(4 * 1024 * 1024, 3);
  const before = new Set(cutAll(bytes).map(toText));
  fc.assert(
    fc.property(fc.nat(bytes.length), fc.uint8Array({ minLength: 1, maxLength: 3000 }), (at, more) => {
      const after = cutAll(Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]));
      assert.ok(after.filter((chunk) => !before.has(toText(chunk))).length <= 8);
    }),
    { numRuns: 15, seed: 42 },
  );
});

test('where chunks are cut never changes: content stored years ago is to be found again', () => {
  const lengths = cutAll(randomBytes(400_000, 11)).map((chunk) => chunk.length);
  assert.deepEqual(lengths, GOLDEN);
  assert.deepEqual(
    cutAll(new Uint8Array(CHUNK_SIZE.most * 2 + 5)).map((chunk) => chunk.length),
    [CHUNK_SIZE.most, CHUNK_SIZE.most, 5],
  );
  assert.deepEqual(cutAll(new Uint8Array(0)), []);
});

const GOLDEN: readonly number[] = [87_615, 43_697, 66_486, 28_111, 52_360, 71_285, 50_446];
