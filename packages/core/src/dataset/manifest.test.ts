import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import type { FaultCode } from '../fault/fault.ts';
import { toCanonicalJson } from '../ports/json.ts';
import { checkManifest, diffManifests, entriesUnder, fromManifestText, toManifestText } from './manifest.ts';
import type { ManifestEntry } from './types.ts';

const entry = (path: string, content = 1, mode = 0o644): ManifestEntry => ({
  path,
  digest: `sha256:${content.toString(16).padStart(64, '0')}`,
  size: content,
  mode,
});
const has = (code: FaultCode) => (error: unknown) => isFault(error, code);
const odd = checkManifest({ entries: ['b', 'a/b', 'a.b', 'a-b', 'é/ü "q"\n', '💌', '日本', 'B'].map((path) => entry(path)) });

test('a manifest has one text, which is canonical JSON, and reads back from it', () => {
  assert.equal(toManifestText(odd), toCanonicalJson(odd));
  assert.deepEqual(fromManifestText(toManifestText(odd)), odd);
  assert.equal(toManifestText({ entries: [] }), '{"entries":[]}');
  assert.deepEqual(
    odd.entries.map(({ path }) => path),
    ['B', 'a-b', 'a.b', 'a/b', 'b', 'é/ü "q"\n', '日本', '💌'],
  );
});

test('a text that is not the canonical one, or no manifest, is refused', () => {
  const good = toManifestText(checkManifest({ entries: [entry('a'), entry('b')] }));
  for (const text of [
    'no',
    'null',
    '{}',
    '{"entries":[1]}',
    ` ${good}`,
    good.replace('0000', 'zzzz'),
    good.replace('"mode":420', '"mode":4096'),
    good.replace('"size":1}', '"size":-1}'),
    good.replace('"size":1}', '"size":1,"more":1}'),
    good.replace('"path":"a"', '"path":"c"'),
    good.replace('"path":"a"', '"path":"b"'),
  ])
    assert.throws(() => fromManifestText(text), has('invalid_input'), text);
  assert.throws(() => fromManifestText(good.replace('"path":"a"', '"path":"../a"')), has('path_unsafe'));
  assert.throws(() => checkManifest({ entries: [entry('a/b'), entry('a-c'), entry('a')] }), has('invalid_input'));
});

test('the files below a path are those of the folder, not of one that begins alike', () => {
  const of = (under: string) =>
    entriesUnder({ entries: ['a/b', 'a/c/d', 'ab', 'b'].map((path) => entry(path)) }, under).map(({ path }) => path);
  assert.deepEqual(of('a'), ['a/b', 'a/c/d']);
  assert.deepEqual(of('./a/c/'), ['a/c/d']);
  assert.deepEqual(of('ab'), ['ab']);
  assert.deepEqual(of('x'), []);
  for (const all of ['', '.', './']) assert.equal(of(all).length, 4);
});

test('what changed: added, removed, changed, moved, and modes', () => {
  const before = { entries: [entry('gone', 1), entry('kept', 2), entry('mode', 3), entry('old/name', 4), entry('text', 5)] };
  const after = { entries: [entry('kept', 2), entry('mode', 3, 0o755), entry('new', 6), entry('new/name', 4), entry('text', 7)] };
  assert.deepEqual(diffManifests(before, after), [
    { kind: 'removed', path: 'gone', size: 1 },
    { kind: 'mode', path: 'mode', mode: 0o755, modeBefore: 0o644 },
    { kind: 'added', path: 'new', size: 6 },
    { kind: 'moved', path: 'new/name', from: 'old/name', size: 4 },
    { kind: 'changed', path: 'text', size: 7, sizeBefore: 5 },
  ]);
  assert.deepEqual(diffManifests(after, after), []);
  // Any empty file is like any other.
  assert.deepEqual(
    diffManifests({ entries: [entry('a', 0)] }, { entries: [entry('b', 0)] }).map(({ kind }) => kind),
    ['removed', 'added'],
  );
});
