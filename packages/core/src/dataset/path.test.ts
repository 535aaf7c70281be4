import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPath, isSafePath } from './path.ts';

test('a path stays in its folder, and means one file on every system', () => {
  for (const path of ['a', 'a/b.txt', '.hidden', '..a', 'a..', 'ab:c', 'été/π', ' ', 'x'.repeat(1024)])
    assert.equal(isSafePath(path), true, path);
  const bad = [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    './a',
    'a/.',
    '..',
    '../a',
    'a/../b',
    'a/..',
    'a\\b',
    'C:',
    'c:/a',
    'a\0',
    'x'.repeat(1025),
  ];
  for (const path of bad) {
    assert.equal(isSafePath(path), false, JSON.stringify(path));
    assert.throws(() => checkPath(path), { code: 'path_unsafe' });
  }
});
