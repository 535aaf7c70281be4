import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { folderOfName, labelOf, movedFolder, splitPath, subFolders, toFolder } from './folder.ts';

test('a folder is kept without slashes around it, and refused where it is none', () => {
  assert.deepEqual(['', '/', 'a', '/a/b/', 'schön/日本'].map(toFolder), ['', '', 'a', 'a/b', 'schön/日本']);
  for (const bad of ['a//b', '.', 'a/../b', ' a', 'a/ b', 'a\u0000', 'x'.repeat(501), 'a/'.repeat(21)]) {
    assert.throws(() => toFolder(bad), { code: 'folder_invalid' }, bad);
  }
});

test('an experiment lies where its name says, and is called by the last part of it', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['spam', '', 'spam'],
    ['team/fraud/xgb', 'team/fraud', 'xgb'],
    ['/Users/ann@x.org/first', 'Users/ann@x.org', 'first'],
    ['team/', '', 'team/'],
    ['team/fraud/', 'team', 'team/fraud/'],
    ['a//b', '', 'b'],
    ['../x', '', 'x'],
    ['/', '', '/'],
  ];
  for (const [name, folder, label] of cases) assert.deepEqual([folderOfName(name), labelOf(name)], [folder, label], name);
});

test('the folder that a name tells is always one that may be kept', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.constantFrom('a', '', '.', '..', ' b', 'c d')), (text, parts) => {
      for (const name of [text, parts.join('/')]) assert.equal(toFolder(folderOfName(name)), folderOfName(name));
    }),
  );
});

test('a path may be read in several ways', () => {
  assert.deepEqual(splitPath('/a/b/c'), [
    { folder: 'a/b', name: 'c' },
    { folder: 'a', name: 'b/c' },
  ]);
  assert.deepEqual([splitPath('a'), splitPath('a/')], [[], []]);
});

test('folders below one are counted with what is in them', () => {
  const counts = ['', 'a', 'a/b', 'a/b/c', 'ab', 'z/y'].map((folder) => ({ folder, experiments: 1 }));
  assert.deepEqual(subFolders(counts, ''), [
    { folder: 'a', name: 'a', experiments: 3 },
    { folder: 'ab', name: 'ab', experiments: 1 },
    { folder: 'z', name: 'z', experiments: 1 },
  ]);
  assert.deepEqual(subFolders(counts, 'a'), [{ folder: 'a/b', name: 'b', experiments: 2 }]);
  assert.deepEqual(subFolders(counts, 'a/b/c'), []);
});

test('a folder moves with what is below it, and not into itself', () => {
  assert.equal(movedFolder('a/b/c', 'a/b', 'x'), 'x/c');
  assert.equal(movedFolder('a/b', 'a/b', ''), '');
  assert.equal(movedFolder('a/b/c', 'a', ''), 'b/c');
  assert.throws(() => movedFolder('a', 'a', 'a/b'), { code: 'folder_invalid' });
  assert.throws(() => movedFolder('a', '', 'b'), { code: 'folder_invalid' });
});
