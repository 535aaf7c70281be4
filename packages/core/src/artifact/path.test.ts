import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parentsOf, toArtifactPath, toEntries } from './path.ts';

test('paths are joined by single slashes, and stay inside', () => {
  assert.equal(toArtifactPath('a//b/./c/'), 'a/b/c');
  assert.equal(toArtifactPath(''), '');
  assert.equal(toArtifactPath('..a/b..c/...'), '..a/b..c/...');
  assert.equal(toArtifactPath('é'.repeat(1024)), 'é'.repeat(1024));
  assert.equal(toArtifactPath('50% +é.png'), '50% +é.png');
  for (const path of ['..', 'a/../b', '/etc/passwd', '//host/x', 'C:/x', 'c:x', 'a\\..\\b', 'a\0b', './C:/x', 'é'.repeat(1025), '\ud800']) {
    assert.throws(() => toArtifactPath(path), { code: 'path_unsafe' }, path);
  }
});

test('parents come outermost first', () => {
  assert.deepEqual(parentsOf('a/b/c'), ['a', 'a/b']);
  assert.deepEqual(parentsOf('a'), []);
});

test('a folder lists its files and folders by name, each once', () => {
  const file = (path: string, size: number) => ({ path, size, digest: 'sha256:0' as const });
  const files = [file('m/a.txt', 1), file('m/sub.d/x', 2), file('m/sub/x', 3), file('m/sub/y', 4)];
  assert.deepEqual(toEntries('m', files), [
    { name: 'a.txt', size: 1 },
    { name: 'sub', size: null },
    { name: 'sub.d', size: null },
  ]);
  assert.deepEqual(toEntries('', files), [{ name: 'm', size: null }]);
  assert.deepEqual(toEntries('m', []), []);
});
