import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../ports/digest.ts';
import { DigestSet } from './digest-set.ts';

const digests = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex): Digest => `sha256:${hex}`);

test('holds what was added, once, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(digests, { maxLength: 200 }), fc.array(digests, { maxLength: 20 }), (added, others) => {
      const set = new DigestSet();
      for (const digest of [...added, ...added]) set.add(digest);
      assert.equal(set.size, new Set(added).size);
      for (const digest of [...added, ...others]) assert.equal(set.has(digest), added.includes(digest));
    }),
  );
});

test('grows, tells neighbours apart, and takes the digest of all zeros', () => {
  const set = new DigestSet();
  const numbered = (number: number): Digest => `sha256:${number.toString(16).padStart(8, '0')}${'0'.repeat(56)}`;
  for (let number = 0; number < 5000; number++) set.add(numbered(number % 2500));
  assert.equal(set.size, 2500);
  assert.ok(set.has(numbered(0)) && set.has(numbered(2499)));
  assert.ok(!set.has(numbered(2500)));
  assert.throws(() => set.add('sha256:xyz' as Digest), RangeError);
});
