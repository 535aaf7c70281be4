import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findMergeBase, mergeManifests } from './merge.ts';
import type { Manifest, ManifestEntry } from './types.ts';

/** `{ a: 1 }` is a file "a" of content 1. */
const tree = (files: Readonly<Record<string, number>>): Manifest => ({
  entries: Object.keys(files)
    .toSorted()
    .map((path): ManifestEntry => ({ path, digest: `sha256:${files[path]}`, size: files[path] ?? 0, mode: 0o644 })),
});

test('what one side changed wins over what the other left alone', () => {
  const base = tree({ both: 1, mine: 1, theirs: 1, dropped: 1, same: 1 });
  const ours = tree({ both: 2, mine: 2, theirs: 1, dropped: 1, same: 1, 'new/ours': 1 });
  const theirs = tree({ both: 2, mine: 1, theirs: 3, same: 1, 'new/theirs': 1 });
  assert.deepEqual(mergeManifests(base, ours, theirs, null), {
    manifest: tree({ both: 2, mine: 2, theirs: 3, same: 1, 'new/ours': 1, 'new/theirs': 1 }),
    conflicts: [],
  });
});

test('what both changed, each in its own way, is a conflict, unless one side is to win', () => {
  const base = tree({ a: 1, b: 1, c: 1 });
  const ours = tree({ a: 2, c: 2, d: 1 });
  const theirs = tree({ a: 3, b: 2, d: 2 });
  assert.deepEqual(mergeManifests(base, ours, theirs, null).conflicts, ['a', 'b', 'c', 'd']);
  assert.deepEqual(mergeManifests(base, ours, theirs, 'ours'), { manifest: ours, conflicts: [] });
  assert.deepEqual(mergeManifests(base, ours, theirs, 'theirs'), { manifest: theirs, conflicts: [] });
});

test('a file against a folder of its name is a conflict too', () => {
  const [ours, theirs] = [tree({ x: 1 }), tree({ 'x/y': 1, z: 1 })];
  assert.deepEqual(mergeManifests(tree({}), ours, theirs, null).conflicts, ['x']);
  assert.deepEqual(mergeManifests(tree({}), ours, theirs, 'ours').manifest, tree({ x: 1, z: 1 }));
  assert.deepEqual(mergeManifests(tree({}), ours, theirs, 'theirs').manifest, tree({ 'x/y': 1, z: 1 }));
});

test('merging is even-handed, and with a side that changed nothing gives the other', () => {
  const anyTree = fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 3 }))
    .map((files) => tree({ ...files }));
  fc.assert(
    fc.property(anyTree, anyTree, anyTree, (base, ours, theirs) => {
      const [one, two] = [mergeManifests(base, ours, theirs, null), mergeManifests(base, theirs, ours, null)];
      assert.deepEqual(one.conflicts, two.conflicts);
      if (one.conflicts.length === 0) assert.deepEqual(one.manifest, two.manifest);
      assert.deepEqual(mergeManifests(base, base, theirs, null), { manifest: theirs, conflicts: [] });
      assert.deepEqual(mergeManifests(base, ours, ours, null), { manifest: ours, conflicts: [] });
    }),
  );
});

test('the base is the newest version that both come from, through merges too', () => {
  const versions = new Map(
    [
      [1, null, null],
      [2, 1, null],
      [3, 1, null],
      [4, 2, 3],
      [5, 3, null],
      [6, 4, null],
      [9, null, null],
    ].map(([version, parent, mergedFrom]) => [
      version as number,
      { version: version as number, parent: parent as number | null, mergedFrom: mergedFrom as number | null },
    ]),
  );
  assert.equal(findMergeBase(versions, 2, 3), 1);
  assert.equal(findMergeBase(versions, 6, 5), 3);
  assert.equal(findMergeBase(versions, 4, 2), 2);
  assert.equal(findMergeBase(versions, 6, 6), 6);
  assert.equal(findMergeBase(versions, 6, 9), null);
});
