import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, ProfiledTable, TableProfile } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
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
