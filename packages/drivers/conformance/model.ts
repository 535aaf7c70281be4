import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, ModelStage, ModelVersion } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function version(number: number, change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    model: 'spam',
    version: number,
    package: `sha256:${'a'.repeat(64)}`,
    run: null,
    task: null,
    inputs: [],
    evaluation: null,
    stage: 'None',
    description: '',
    createdAt: 1000 + number,
    createdBy: 'user:ann',
    key: `key ${number}`,
    revision: 1,
    ...change,
  };
}

const full = version(1, {
  run: 'run',
  task: 'task',
  inputs: [{ dataset: 'mail', version: 3, role: 'training' }],
  evaluation: { dataset: 'mail', version: 4 },
  description: oddTexts.join('\n'),
});

export function testModelStore(open: Open): void {
  const create = (database: Database): Promise<void> => database.transaction((tx) => tx.models.create({ name: 'spam', createdAt: 1 }));

  test('a model is created once; models are paged by name', () =>
    withDatabase(open, async (database) => {
      await create(database);
      await database.transaction((tx) => tx.models.create({ name: 'spam', createdAt: 2 }));
      const { models } = database.read;
      assert.deepStrictEqual(await models.get('spam'), { name: 'spam', createdAt: 1 });
      assert.equal(await models.get('absent'), undefined);
      const names = ['Ham', 'a', 'b10', 'b9', 'c', 'é', '日本'];
      await database.transaction(async (tx) => {
        for (const name of names.toReversed()) await tx.models.create({ name, createdAt: 1 });
      });
      const listed = await allPages((page) => models.list(page), 3);
      assert.deepEqual(
        listed.map((model) => model.name),
        ['Ham', 'a', 'b10', 'b9', 'c', 'spam', 'é', '日本'],
      );
      await assert.rejects(models.list({ limit: 3, after: 'x' }), (error) => isFault(error, 'invalid_cursor'));
    }));

  test('a version is unique by number and by key, also when several register at once', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await create(database);
      const insert = (one: ModelVersion, at = 0): Promise<boolean> =>
        (handles[at % 2] as Database).transaction((tx) => tx.models.insertVersion(one));
      assert.equal(await insert(full), true);
      assert.deepStrictEqual(await database.read.models.version('spam', 1), full);
      assert.deepStrictEqual(await database.read.models.byKey('spam', full.key), full);
      assert.equal(await database.read.models.byKey('spam', 'other'), undefined);
      assert.equal(await insert(version(1, { key: 'another' })), false);
      assert.equal(await insert(version(2, { key: full.key })), false);
      const byNumber = await Promise.all(Array.from({ length: 6 }, (_, at) => insert(version(2, { key: `k${at}` }), at)));
      assert.equal(byNumber.filter(Boolean).length, 1);
      const byKey = await Promise.all(Array.from({ length: 6 }, (_, at) => insert(version(10 + at, { key: 'same' }), at)));
      assert.equal(byKey.filter(Boolean).length, 1);
      assert.deepStrictEqual(await database.read.models.byKey('spam', 'same'), version(10 + byKey.indexOf(true), { key: 'same' }));
    }));

  test('a version changes by compare-and-set', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      await create(database);
      await database.transaction((tx) => tx.models.insertVersion(full));
      const next: readonly ModelVersion[] = [
        { ...full, stage: 'Production', revision: 2 },
        { ...full, stage: 'Archived', description: 'old', revision: 2 },
      ];
      const won = await Promise.all(
        [database, other].map((handle, at) => handle.transaction((tx) => tx.models.updateVersion(next[at] as ModelVersion, 1))),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.deepStrictEqual(await database.read.models.version('spam', 1), next[won.indexOf(true)]);
      assert.equal(await database.transaction((tx) => tx.models.updateVersion(version(9), 1)), false);
    }));

  test('versions are paged newest first, by stage where one is given', () =>
    withDatabase(open, async (database) => {
      await create(database);
      await database.transaction((tx) => tx.models.create({ name: 'ham', createdAt: 1 }));
      const stages: readonly ModelStage[] = ['None', 'Staging', 'Production', 'Archived'];
      const versions = Array.from({ length: 23 }, (_, at) => version(at + 1, { stage: stages[at % 4] as ModelStage }));
      await database.transaction(async (tx) => {
        for (const one of versions) await tx.models.insertVersion(one);
        await tx.models.insertVersion(version(1, { model: 'ham' }));
      });
      const { models } = database.read;
      assert.deepStrictEqual(await allPages((page) => models.versions('spam', undefined, page), 5), versions.toReversed());
      const staged = versions.filter((one) => one.stage === 'Staging').toReversed();
      assert.deepStrictEqual(await allPages((page) => models.versions('spam', 'Staging', page), 2), staged);
      assert.deepStrictEqual(await models.versions('absent', undefined, { limit: 5 }), { items: [] });
    }));

  test('an alias names one version and moves', () =>
    withDatabase(open, async (database) => {
      await create(database);
      await database.transaction(async (tx) => {
        await tx.models.insertVersion(version(1));
        await tx.models.insertVersion(version(2));
        await tx.models.setAlias({ model: 'spam', alias: 'champion', version: 1 });
        await tx.models.setAlias({ model: 'spam', alias: 'best', version: 1 });
        await tx.models.setAlias({ model: 'spam', alias: 'champion', version: 2 });
      });
      assert.deepStrictEqual(await database.read.models.aliases('spam'), [
        { model: 'spam', alias: 'best', version: 1 },
        { model: 'spam', alias: 'champion', version: 2 },
      ]);
      assert.deepStrictEqual(await database.read.models.aliases('absent'), []);
      await assert.rejects(database.transaction((tx) => tx.models.setAlias({ model: 'spam', alias: 'none', version: 9 })));
      assert.equal((await database.read.models.aliases('spam')).length, 2);
    }));
}
