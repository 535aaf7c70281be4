import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatasetBranch, DatasetTag } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const tag = (name: string, version: number, more: Partial<DatasetTag> = {}): DatasetTag => ({
  dataset: 'mail',
  name,
  version,
  author: 'ann',
  createdAt: version,
  ...more,
});
const branch = (name: string, base: number, more: Partial<DatasetBranch> = {}): DatasetBranch => ({
  dataset: 'mail',
  name,
  base,
  author: 'ann',
  createdAt: base,
  ...more,
});

export function testDatasetNameStore(open: Open): void {
  test("a tag names one version, moves, goes, and is its dataset's own", () =>
    withDatabase(open, async (database) => {
      const { datasetNames } = database.read;
      await database.transaction(async (tx) => {
        for (const name of ['mail', 'other']) await tx.datasets.create({ name, createdAt: 1 });
        for (const one of [tag('gold', 1), tag('Old', 2), tag('gold', 3, { author: 'bob' }), tag('gold', 9, { dataset: 'other' })])
          await tx.datasetNames.putTag(one);
      });
      assert.deepStrictEqual(await datasetNames.tags('mail'), [tag('Old', 2), tag('gold', 3, { author: 'bob' })]);
      assert.deepStrictEqual(await datasetNames.tag('other', 'gold'), tag('gold', 9, { dataset: 'other' }));
      assert.equal(await datasetNames.tag('mail', 'old'), undefined);
      assert.equal(await database.transaction((tx) => tx.datasetNames.removeTag('mail', 'gold')), true);
      assert.equal(await database.transaction((tx) => tx.datasetNames.removeTag('mail', 'gold')), false);
      assert.deepStrictEqual(await datasetNames.tags('mail'), [tag('Old', 2)]);
      assert.equal((await datasetNames.tags('other')).length, 1);
    }));

  test('a branch begins once, and its name is free again when it is gone', () =>
    withDatabase(open, async (database) => {
      const { datasetNames } = database.read;
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 1 }));
      assert.equal(await database.transaction((tx) => tx.datasetNames.insertBranch(branch('fix', 1))), true);
      assert.equal(await database.transaction((tx) => tx.datasetNames.insertBranch(branch('fix', 2))), false);
      assert.deepStrictEqual(await datasetNames.branch('mail', 'fix'), branch('fix', 1));
      assert.equal(await datasetNames.branch('none', 'fix'), undefined);
      await database.transaction((tx) => tx.datasetNames.insertBranch(branch('a', 4)));
      assert.deepStrictEqual(await datasetNames.branches('mail'), [branch('a', 4), branch('fix', 1)]);
      assert.equal(await database.transaction((tx) => tx.datasetNames.removeBranch('mail', 'fix')), true);
      assert.equal(await database.transaction((tx) => tx.datasetNames.removeBranch('mail', 'fix')), false);
      assert.equal(await database.transaction((tx) => tx.datasetNames.insertBranch(branch('fix', 2))), true);
    }));

  test('two that begin the same branch at once: one is told that it is there', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 1 }));
      const made = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (handles[at % 2] ?? database).transaction((tx) => tx.datasetNames.insertBranch(branch('fix', at + 1))),
        ),
      );
      assert.equal(made.filter(Boolean).length, 1);
      assert.equal((await database.read.datasetNames.branches('mail')).length, 1);
    }));
}
