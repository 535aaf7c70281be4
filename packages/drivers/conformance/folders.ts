import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Folders } from '@pawl/core';

/** What every driver of the Folders port must do; `open` takes the home. */
export function testFolders(name: string, open: (home: string) => Folders): void {
  async function withFolders(work: (folders: Folders, tree: string, home: string) => Promise<void>): Promise<void> {
    const base = await mkdtemp(join(tmpdir(), 'pawl-folders-'));
    const home = join(base, 'home');
    const tree = join(base, 'tree');
    await mkdir(tree);
    try {
      await work(open(home), tree, home);
    } finally {
      await rm(base, { recursive: true, force: true });
    }
  }

  describe(`folders: ${name}`, () => {
    test('scans a tree sorted by path, with sizes and modes, through links that stay inside', () =>
      withFolders(async (folders, tree) => {
        await mkdir(join(tree, 'a', 'empty'), { recursive: true });
        await writeFile(join(tree, 'a', 'z.txt'), '12345');
        await writeFile(join(tree, 'a.txt'), '1');
        await writeFile(join(tree, 'ü b.sh'), '');
        await chmod(join(tree, 'ü b.sh'), 0o755);
        await symlink('a', join(tree, 'linked'));
        await symlink(join(tree, 'a.txt'), join(tree, 'b.txt'));
        const files = await folders.scan(tree);
        assert.deepEqual(
          files.map((file) => [file.path, file.size]),
          [
            ['a.txt', 1],
            ['a/z.txt', 5],
            ['b.txt', 1],
            ['linked/z.txt', 5],
            ['ü b.sh', 0],
          ],
        );
        assert.equal(files.at(-1)?.mode, 0o755);
        assert.equal(Buffer.from(await folders.read(files[1]?.absolute ?? '')).toString(), '12345');
      }));

    test('scans one file under its own name, and an empty folder as nothing', () =>
      withFolders(async (folders, tree) => {
        assert.deepEqual(await folders.scan(tree), []);
        await writeFile(join(tree, 'one.csv'), 'a\n1\n');
        assert.deepEqual(
          (await folders.scan(join(tree, 'one.csv'))).map((file) => [file.path, file.size]),
          [['one.csv', 4]],
        );
      }));

    test('refuses what is missing, broken, outside or circular', () =>
      withFolders(async (folders, tree) => {
        const cases: readonly (readonly [string, string, RegExp])[] = [
          ['gone', 'nowhere', /no such file/],
          ['outside', '/', /leaves the folder/],
          ['self', '.', /lies in/],
          ['round', 'round', /circle/],
        ];
        await assert.rejects(
          folders.scan(join(tree, 'missing')),
          (error) => isFault(error, 'file_unreadable') && error.message.includes('missing'),
        );
        for (const [link, target, message] of cases) {
          await symlink(target, join(tree, link));
          await assert.rejects(
            folders.scan(tree),
            (error) => isFault(error, 'file_unreadable') && message.test(error.message) && error.message.includes(link),
          );
          await rm(join(tree, link));
        }
        await writeFile(join(tree, 'back\\slash'), '');
        await assert.rejects(folders.scan(tree), (error) => isFault(error, 'path_unsafe'));
      }));

    test('gives an empty scratch folder each time, inside the home only', () =>
      withFolders(async (folders, _tree, home) => {
        const path = await folders.scratch('tasks/0189aa');
        assert.ok(path.startsWith(home));
        await folders.write(folders.join(path, 'x', 'y.bin'), Buffer.from([1, 2]));
        assert.deepEqual([...(await folders.read(folders.join(path, 'x', 'y.bin')))], [1, 2]);
        assert.equal(await folders.scratch('tasks/0189aa'), path);
        assert.deepEqual(await readdir(path), []);
        for (const bad of ['../up', '/abs', 'a/../../b', '', '.hidden', 'a//b']) {
          await assert.rejects(folders.scratch(bad), (error) => isFault(error, 'path_unsafe'));
        }
      }));

    test('writes whole files or the old content, and removes only inside the home', () =>
      withFolders(async (folders, tree, home) => {
        const path = folders.join(tree, 'deep', 'file.json');
        assert.equal(await folders.exists(path), false);
        await folders.write(path, Buffer.from('one'));
        await folders.write(path, Buffer.from('two'));
        assert.equal(Buffer.from(await folders.read(path)).toString(), 'two');
        assert.deepEqual(await readdir(join(tree, 'deep')), ['file.json']);
        assert.equal(await folders.exists(path), true);
        assert.equal(await folders.exists(join(path, 'below')), false);
        await assert.rejects(folders.write(join(path, 'below'), Buffer.from('')), (error) => isFault(error, 'not_writable'));
        await assert.rejects(folders.read(join(tree, 'none')), (error) => isFault(error, 'file_unreadable'));
        await assert.rejects(folders.remove(tree), (error) => isFault(error, 'path_unsafe'));
        await assert.rejects(folders.remove(home), (error) => isFault(error, 'path_unsafe'));
        const scratch = await folders.scratch('gone');
        await folders.write(join(scratch, 'a'), Buffer.from('a'));
        await folders.remove(scratch);
        await folders.remove(scratch);
        assert.equal(await folders.exists(scratch), false);
        assert.equal(await folders.exists(path), true);
      }));
  });
}
