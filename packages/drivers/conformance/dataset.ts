import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, DatasetVersion } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

export function newVersion(number: number, more: Partial<DatasetVersion> = {}): DatasetVersion {
  return {
    dataset: 'mail',
    version: number,
    manifest: `sha256:${number}`,
    files: 1,
    bytes: 10,
    tables: [],
    message: '',
    author: 'ann',
    createdAt: number,
    parent: number === 1 ? null : number - 1,
    status: 'unchecked',
    task: null,
    branch: 'main',
    mergedFrom: null,
    source: null,
    expiredAt: null,
    ...more,
  };
}

export function testDatasetStore(open: Open): void {
  test('a dataset is made once', () =>
    withDatabase(open, async (database) => {
      assert.equal(await database.read.datasets.get('mail'), undefined);
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 1 }));
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 2 }));
      assert.deepStrictEqual(await database.read.datasets.get('mail'), { name: 'mail', createdAt: 1 });
    }));

  test('pages of datasets end, and sort names by code point', () =>
    withDatabase(open, async (database) => {
      const names = ['b', 'a', 'B', 'é', 'a_b', 'a-b', 'a%b', '日本', '💌', 'ab'];
      await database.transaction(async (tx) => {
        for (const name of names) await tx.datasets.create({ name, createdAt: 1 });
      });
      const sorted = ['B', 'a', 'a%b', 'a-b', 'a_b', 'ab', 'b', 'é', '日本', '💌'];
      for (const limit of [1, 3, 10, 11]) {
        const found = await allPages((page) => database.read.datasets.list(page), limit);
        assert.deepEqual(
          found.map(({ name }) => name),
          sorted,
        );
      }
    }));

  test('a version comes back as it was, by number and as the latest', () =>
    withDatabase(open, async (database) => {
      const { datasets } = database.read;
      const full = newVersion(2, {
        bytes: Number.MAX_SAFE_INTEGER,
        message: oddTexts.slice(0, 8).join('\n'),
        task: 'abc',
        branch: 'fix-labels',
        mergedFrom: 1,
        source: { kind: 'query', sql: 'SELECT 1 AS "a\'b"', inputs: [{ dataset: 'raw', version: 7 }] },
        expiredAt: 99,
        tables: [{ folder: 'a/b', format: 'parquet', files: 2, rows: 1e9, columns: [{ name: 'it"s', type: 'DECIMAL(18,3)' }] }],
      });
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        assert.equal(await tx.datasets.insertVersion(newVersion(1)), true);
        assert.equal(await tx.datasets.insertVersion(full), true);
        assert.equal(await tx.datasets.insertVersion(newVersion(10)), true);
      });
      assert.deepStrictEqual(await datasets.version({ dataset: 'mail', version: 2 }), full);
      assert.equal((await datasets.latest('mail'))?.version, 10);
      assert.equal(await datasets.version({ dataset: 'mail', version: 3 }), undefined);
      assert.equal(await datasets.latest('none'), undefined);
      for (const limit of [1, 2, 3]) {
        const found = await allPages((page) => datasets.versions('mail', page), limit);
        assert.deepEqual(
          found.map((one) => one.version),
          [10, 2, 1],
        );
      }
      assert.deepStrictEqual(await datasets.versions('none', { limit: 5 }), { items: [] });
    }));

  test('a version number is taken once, and its first content stays', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        await tx.datasets.insertVersion(newVersion(1));
      });
      assert.equal(await database.transaction((tx) => tx.datasets.insertVersion(newVersion(1, { author: 'bob' }))), false);
      assert.equal((await database.read.datasets.latest('mail'))?.author, 'ann');
    }));

  test('many that each add the next version get each its own number', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await database.transaction((tx) => tx.datasets.create({ name: 'mail', createdAt: 1 }));
      const add = (handle: Database, author: string): Promise<boolean> =>
        handle.transaction(async (tx) => {
          const last = await tx.datasets.latest('mail');
          return tx.datasets.insertVersion(newVersion((last?.version ?? 0) + 1, { author }));
        });
      const added = await Promise.all(Array.from({ length: 24 }, (_, at) => add(handles[at % 2] as Database, `author ${at}`)));
      const found = (await database.read.datasets.versions('mail', { limit: 100 })).items;
      assert.deepEqual(added, Array.from({ length: 24 }).fill(true));
      assert.deepEqual(
        found.map((one) => one.version),
        Array.from({ length: 24 }, (_, at) => 24 - at),
      );
      assert.equal(new Set(found.map((one) => one.author)).size, 24);
    }));

  test('each branch has its own head and its own versions', () =>
    withDatabase(open, async (database) => {
      const { datasets } = database.read;
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        for (const [number, branch] of ['main', 'fix', 'main', 'fix', 'other'].entries())
          await tx.datasets.insertVersion(newVersion(number + 1, { branch }));
      });
      assert.equal((await datasets.head('mail', 'main'))?.version, 3);
      assert.equal((await datasets.head('mail', 'fix'))?.version, 4);
      assert.equal(await datasets.head('mail', 'Fix'), undefined);
      assert.equal((await datasets.latest('mail'))?.version, 5);
      for (const limit of [1, 5])
        assert.deepEqual(
          (await allPages((page) => datasets.versions('mail', page, 'fix'), limit)).map((one) => one.version),
          [4, 2],
        );
    }));

  test('content is given up once, and the version stays', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        for (const number of [1, 2]) await tx.datasets.insertVersion(newVersion(number));
        for (const at of [5, 6]) await tx.datasets.expire({ dataset: 'mail', version: 1 }, at);
      });
      const { items } = await database.read.datasets.versions('mail', { limit: 5 });
      assert.deepEqual(
        items.map((one) => one.expiredAt),
        [null, 5],
      );
    }));

  test('the status of one version changes', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.datasets.create({ name: 'mail', createdAt: 1 });
        await tx.datasets.insertVersion(newVersion(1));
        await tx.datasets.insertVersion(newVersion(2));
        await tx.datasets.setStatus({ dataset: 'mail', version: 1 }, 'rejected');
        await tx.datasets.setStatus({ dataset: 'mail', version: 9 }, 'rejected');
      });
      const { items } = await database.read.datasets.versions('mail', { limit: 5 });
      assert.deepEqual(
        items.map(({ status }) => status),
        ['unchecked', 'rejected'],
      );
    }));
}
