import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fellWith, isForeignId, sameTexts, settle } from './decide.ts';

test('what is there and the same stays; what differs is decided by policy', () => {
  assert.deepEqual(
    (['fail', 'skip', 'update'] as const).map((policy) => [settle(true, policy), settle(false, policy)]),
    [
      ['unchanged', 'conflict'],
      ['unchanged', 'skipped'],
      ['unchanged', 'updated'],
    ],
  );
});

test('numbers of up to nine digits are numbers here too', () => {
  assert.deepEqual(['0', '999999999', '1000000000', '383456789012345678'].map(isForeignId), [false, false, true, true]);
});

test('texts are the same by key and value, also under keys that every object has', () => {
  assert.ok(sameTexts({ a: '1', b: '' }, { b: '', a: '1' }));
  for (const other of [{ a: '1' }, { a: '1', b: '2' }, { a: '1', c: '' }, { a: '1', b: '', c: '' }])
    assert.ok(!sameTexts({ a: '1', b: '' }, other as Record<string, string>));
  assert.ok(!sameTexts({ constructor: 'x' }, { other: 'x' }));
});

test('runs that were deleted right after their experiment fell with it', () => {
  const gone = { lifecycle: 'deleted', updatedAt: 100_000 } as const;
  assert.deepEqual(
    [null, 100_000, 100_900, 99_000, 50_000].map((at) => fellWith(gone, at)),
    [true, true, true, true, false],
  );
  assert.equal(fellWith({ lifecycle: 'active', updatedAt: 1 }, 5), false);
});
