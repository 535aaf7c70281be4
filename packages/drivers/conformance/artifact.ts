import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArtifactFile, ArtifactPart, ArtifactTree, ArtifactUpload, Database, Digest } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function file(path: string, mark = '0'): ArtifactFile {
  return { path, digest: `sha256:${mark}` as Digest, size: mark.length };
}

function put(database: Database, tree: ArtifactTree, ...files: readonly ArtifactFile[]): Promise<void> {
  return database.transaction(async (tx) => {
    for (const one of files) await tx.artifacts.put(tree, one);
  });
}

const TREE = 'model/m-1';

export function testArtifactStore(open: Open): void {
  test('a file is found by its exact path in its tree, and the last one wins', () =>
    withDatabase(open, async (database) => {
      await put(database, TREE, file('a/b', '1'), file('a/b', '22'));
      await put(database, 'run/m-1', file('a/b', '3'));
      const { artifacts } = database.read;
      assert.deepStrictEqual(await artifacts.file({ tree: TREE, path: 'a/b' }), file('a/b', '22'));
      assert.deepStrictEqual(await artifacts.file({ tree: 'run/m-1', path: 'a/b' }), file('a/b', '3'));
      for (const path of ['a', 'a/', 'A/B', 'a/bc', '']) assert.equal(await artifacts.file({ tree: TREE, path }), undefined);
      assert.equal(await artifacts.file({ tree: 'free', path: 'a/b' }), undefined);
    }));

  test('a folder holds what lies below it, not what only begins alike', () =>
    withDatabase(open, async (database) => {
      const names = ['m', 'm.d/x', 'm/a', 'm/b/c', 'm/%', 'm0/x', 'n%/1', 'n_/2', ...oddTexts.map((text) => `odd/${text.slice(0, 300)}`)];
      await put(database, TREE, ...names.map((name) => file(name)));
      const below = async (path: string) => (await database.read.artifacts.below({ tree: TREE, path })).map((one) => one.path);
      assert.deepEqual(await below('m'), ['m/%', 'm/a', 'm/b/c']);
      assert.deepEqual(await below('n%'), ['n%/1']);
      assert.equal((await below('')).length, names.length);
      assert.equal((await below('odd')).length, oddTexts.length);
      assert.deepEqual(await below('m/a'), []);
      const isFolder = (path: string) => database.read.artifacts.isFolder({ tree: TREE, path });
      assert.deepEqual(await Promise.all(['m', 'm/b', '', 'm/a', 'x'].map(isFolder)), [true, true, true, false, false]);
      assert.equal(await database.read.artifacts.isFolder({ tree: 'free', path: '' }), false);
      assert.equal(await database.read.artifacts.firstFile(TREE, ['x', 'm/a/b', 'm/a']), 'm/a');
      assert.equal(await database.read.artifacts.firstFile(TREE, []), undefined);
    }));

  test('removing a folder takes what is below it, and nothing beside it', () =>
    withDatabase(open, async (database) => {
      await put(database, TREE, ...['a', 'a/x', 'a/y/z', 'a0', 'a.b', 'b'].map((path) => file(path)));
      await put(database, 'free', file('a/x'));
      const remove = (path: string) => database.transaction((tx) => tx.artifacts.remove({ tree: TREE, path }));
      const left = async () => (await database.read.artifacts.below({ tree: TREE, path: '' })).map((one) => one.path);
      await remove('none');
      await remove('a');
      assert.deepEqual(await left(), ['a.b', 'a0', 'b']);
      await remove('b');
      await remove('');
      assert.deepEqual(await left(), []);
      assert.equal((await database.read.artifacts.below({ tree: 'free', path: '' })).length, 1);
    }));

  test('parts of an upload are kept by number until it is removed; abandoned uploads go', () =>
    withDatabase(open, async (database) => {
      const upload = (id: string, createdAt: number): ArtifactUpload => ({ id, token: `t${id}`, tree: TREE, path: 'big', createdAt });
      const part = (number: number, digest: string): ArtifactPart => ({ number, digest: `sha256:${digest}` as Digest, size: 2 ** 40 });
      const insert = (one: ArtifactUpload, abandoned: number) => database.transaction((tx) => tx.artifacts.insertUpload(one, abandoned));
      await insert(upload('a', 10), 0);
      await database.transaction(async (tx) => {
        for (const one of [part(2, 'x'), part(10, 'c'), part(1, 'a'), part(2, 'b')]) await tx.artifacts.putPart('a', one);
      });
      const { artifacts } = database.read;
      assert.deepStrictEqual(await artifacts.upload('a'), upload('a', 10));
      assert.deepStrictEqual(await artifacts.parts('a'), [part(1, 'a'), part(2, 'b'), part(10, 'c')]);
      await insert(upload('b', 20), 10);
      assert.ok(await artifacts.upload('a'));
      await insert(upload('c', 30), 20);
      assert.equal(await artifacts.upload('a'), undefined);
      assert.deepStrictEqual(await artifacts.parts('a'), []);
      const remove = (id: string) => database.transaction((tx) => tx.artifacts.removeUpload(id));
      assert.deepEqual([await remove('b'), await remove('b')], [true, false]);
    }));
}
