import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault } from '../fault/fault.ts';
import { patchManifestText } from './manifest-patch.ts';
import { checkManifest, toManifestText } from './manifest.ts';
import type { ManifestEntry } from './types.ts';

const entry = (path: string, size = 1): ManifestEntry => ({ path, digest: `sha256:${'0'.repeat(64)}`, size, mode: 0o644 });
/** Names that sort and quote in odd ways; one looks like what stands between two entries. */
const names = fc.constantFrom('a', 'b', 'a-b', 'a.b', 'B', 'é', '日本', '💌', '\uFFFD', 'x},{"digest":"', '"', '\n', 'z'.repeat(300));
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

/** No path is a folder of another. */
const withoutClash = (all: readonly string[]): readonly string[] =>
  Array.from(new Set(all)).filter((path, _, set) => !set.some((other) => other.startsWith(`${path}/`)));

test('a text changed in places is the text of the changed manifest', () => {
  let patches = 0;
  fc.assert(
    fc.property(
      fc.array(paths, { minLength: 1, maxLength: 40 }),
      fc.array(paths, { maxLength: 4 }),
      fc.array(paths, { maxLength: 4 }),
      (all, put, remove) => {
        const before = checkManifest({ entries: withoutClash(all).map((path) => entry(path)) });
        const change = { put: withoutClash(put).map((path) => entry(path, 7)), remove };
        const patched = patchManifestText(toManifestText(before), change);
        const changed = new Set([...remove, ...change.put.map(({ path }) => path)]);
        const after = [...before.entries.filter(({ path }) => !changed.has(path)), ...change.put];
        if (patched === undefined) return;
        patches += 1;
        assert.equal(patched.text, toManifestText(checkManifest({ entries: after })));
        assert.equal(patched.files, after.length - before.entries.length);
        const bytes = (entries: readonly ManifestEntry[]): number => entries.reduce((sum, { size }) => sum + size, 0);
        assert.equal(patched.bytes, bytes(after) - bytes(before.entries));
      },
    ),
    { numRuns: 500, seed: 7 },
  );
  assert.ok(patches > 200, `${patches} of 500 were done so`);
});

test('what might be a file and a folder, and what leaves no file, is left to the other way', () => {
  const text = toManifestText(checkManifest({ entries: ['a/b', 'c'].map((path) => entry(path)) }));
  for (const path of ['a', 'c/d', 'a/b/c']) assert.equal(patchManifestText(text, { put: [entry(path)], remove: [] }), undefined, path);
  assert.equal(patchManifestText(text, { put: [], remove: ['a/b', 'c'] }), undefined);
  assert.equal(patchManifestText('{"entries":[]}', { put: [entry('a')], remove: [] }), undefined);
  assert.equal(patchManifestText(text, { put: [], remove: ['x'] })?.text, text);
  assert.throws(
    () => patchManifestText(text, { put: [entry('../a')], remove: [] }),
    (error) => isFault(error, 'path_unsafe'),
  );
});
