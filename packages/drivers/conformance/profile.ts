import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Digest, ProfiledTable, TableProfile } from '@pawl/core';
import { newVersion } from './dataset.ts';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const table: ProfiledTable = { manifest: 'sha256:a', folder: '', format: 'parquet' };
const profile = (rows: number): TableProfile => ({
  rows,
  columns: oddTexts.map((name) => ({
    name,
    type: 'VARCHAR',
    semantic: 'text',
    nulls: 1,
    distinct: { count: 2, exact: true },
    min: name,
    max: null,
    top: [{ value: name, count: 1 }],
    numbers: null,
    texts: null,
  })),
});

export function testProfileStore(open: Open): void {
  test('a profile is of its table only, and comes back whole', () =>
    withDatabase(open, async (database) => {
      const { profiles } = database.read;
      assert.equal(await profiles.profile(table), undefined);
      await database.transaction((tx) => tx.profiles.put(table, profile(5)));
      assert.deepStrictEqual(await profiles.profile(table), profile(5));
      for (const other of [{ manifest: 'sha256:b' }, { folder: 'x' }, { format: 'csv' }] as const)
        assert.equal(await profiles.profile({ ...table, ...other }), undefined);
    }));

  test('profiles of files that no version holds any more are found and removed', () =>
    withDatabase(open, async (database) => {
      const manifests = ['a', 'b', 'c', 'd'].map((name): Digest => `sha256:${name}`);
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        for (const [at, manifest] of manifests.slice(0, 3).entries()) await tx.datasets.insertVersion(newVersion(at + 1, { manifest }));
        // The same files again.
        await tx.datasets.insertVersion(newVersion(4, { manifest: 'sha256:b' }));
        for (const manifest of manifests) for (const folder of ['', 'x']) await tx.profiles.put({ ...table, manifest, folder }, profile(1));
        for (const version of [2, 3]) await tx.datasets.expire({ dataset: 'mail', version }, 9);
      });
      const unused = () => allPages((page) => database.read.profiles.unused(page), 1);
      const found = await unused();
      assert.deepEqual(
        found.map((one) => one.manifest),
        ['sha256:c', 'sha256:d'],
      );
      assert.ok(found.every((one) => one.bytes > 2 * JSON.stringify(profile(1)).length));
      const removed = [];
      for (const manifest of manifests) removed.push(await database.transaction((tx) => tx.profiles.removeUnused(manifest)));
      assert.deepEqual([removed, await unused()], [[false, false, true, true], []]);
      assert.deepStrictEqual(await database.read.profiles.profile({ ...table, manifest: 'sha256:b' }), profile(1));
    }));

  test('of two that profile at once the first stays', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await Promise.all(
        Array.from({ length: 4 }, (_, at) => (handles[at % 2] as Database).transaction((tx) => tx.profiles.put(table, profile(at + 1)))),
      );
      const kept = await database.read.profiles.profile(table);
      await database.transaction((tx) => tx.profiles.put(table, profile(99)));
      assert.deepStrictEqual(await database.read.profiles.profile(table), kept);
    }));
}
