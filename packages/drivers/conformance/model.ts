import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, Model, ModelStage, ModelVersion } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function version(number: number, change: Partial<ModelVersion> = {}): ModelVersion {
  return {
    model: 'spam',
    version: number,
    package: `sha256:${'a'.repeat(64)}`,
    source: null,
    location: null,
    loggedModel: null,
    run: null,
    runLink: '',
    task: null,
    inputs: [],
    evaluation: null,
    stage: 'None',
    description: '',
    tags: {},
    createdAt: 1000 + number,
    createdBy: 'user:ann',
    updatedAt: 1000 + number,
    forced: null,
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
  source: 'runs:/run/model',
  location: 'mlflow-artifacts:/0/run/artifacts/model',
  loggedModel: 'm-1',
  runLink: 'https://elsewhere/run',
  tags: { a: '1', 'é/β': '' },
  description: oddTexts.join('\n'),
});

function model(name: string, change: Partial<Model> = {}): Model {
  return { name, description: '', tags: {}, lastVersion: 0, createdAt: 1, createdBy: 'user:ann', updatedAt: 1, ...change };
}

const oddTags = Object.fromEntries(oddTexts.map((text, at) => [`tag ${at}/é`, text]));

export function testModelStore(open: Open): void {
  const create = (database: Database): Promise<boolean> => database.transaction((tx) => tx.models.create(model('spam')));

  test('a model is created once; models are paged by name', () =>
    withDatabase(open, async (database) => {
      await create(database);
      assert.equal(await database.transaction((tx) => tx.models.create(model('spam', { createdAt: 2, tags: { a: 'b' } }))), false);
      const { models } = database.read;
      assert.deepStrictEqual(await models.get('spam'), model('spam'));
      assert.equal(await models.get('absent'), undefined);
      const names = ['Ham', 'a', 'b10', 'b9', 'c', 'é', '日本'];
      await database.transaction(async (tx) => {
        for (const name of names.toReversed()) await tx.models.create(model(name));
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
        { ...full, stage: 'Production', package: null, tags: { a: '2', b: '' }, revision: 2 },
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
      await database.transaction((tx) => tx.models.create(model('ham')));
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

  test('a model changes with its tags, whatever they hold', () =>
    withDatabase(open, async (database) => {
      const made = model('spam', { description: oddTexts.join(''), tags: oddTags });
      await database.transaction((tx) => tx.models.create(made));
      assert.deepStrictEqual(await database.read.models.get('spam'), made);
      const { 'tag 0/é': first, ...others } = oddTags;
      const next = {
        ...made,
        description: '',
        lastVersion: 7,
        updatedAt: 9,
        tags: { ...others, 'tag 1/é': 'changed', new: first as string },
      };
      await database.transaction((tx) => tx.models.update({ ...next, createdAt: 5 }));
      assert.deepStrictEqual(await database.read.models.get('spam'), next);
      await database.transaction((tx) => tx.models.update({ ...next, tags: {} }));
      assert.deepStrictEqual((await database.read.models.get('spam'))?.tags, {});
    }));

  test('a renamed model takes versions, tags and aliases along, and no taken name', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.models.create(model('spam', { tags: { team: 'mail' } }));
        await tx.models.create(model('ham'));
        await tx.models.insertVersion(full);
        await tx.models.setAlias({ model: 'spam', alias: 'best', version: 1 });
      });
      assert.equal(await database.transaction((tx) => tx.models.rename('spam', 'ham', 5)), false);
      assert.equal(await database.transaction((tx) => tx.models.rename('spam', 'filter', 5)), true);
      const { models } = database.read;
      assert.equal(await models.get('spam'), undefined);
      assert.deepStrictEqual(await models.get('filter'), model('filter', { tags: { team: 'mail' }, updatedAt: 5 }));
      assert.deepStrictEqual(await models.version('filter', 1), { ...full, model: 'filter', updatedAt: 5 });
      assert.deepStrictEqual(await models.aliases('filter'), [{ model: 'filter', alias: 'best', version: 1 }]);
    }));

  test('a version goes with its tags and aliases, a model with all it has', () =>
    withDatabase(open, async (database) => {
      const { models } = database.read;
      await database.transaction(async (tx) => {
        await tx.models.create(model('spam', { tags: { team: 'mail' } }));
        for (const one of [full, version(2, { tags: { a: 'x' } })]) await tx.models.insertVersion(one);
        await tx.models.setAlias({ model: 'spam', alias: 'best', version: 1 });
        await tx.models.setAlias({ model: 'spam', alias: 'new', version: 2 });
      });
      await database.transaction((tx) => tx.models.removeVersion('spam', 2));
      assert.equal(await models.version('spam', 2), undefined);
      assert.deepStrictEqual(await models.aliases('spam'), [{ model: 'spam', alias: 'best', version: 1 }]);
      await database.transaction((tx) => tx.models.insertVersion(version(2)));
      assert.deepStrictEqual((await models.version('spam', 2))?.tags, {});
      assert.equal(await database.transaction((tx) => tx.models.removeAlias('spam', 'new')), false);
      assert.equal(await database.transaction((tx) => tx.models.removeAlias('spam', 'best')), true);
      await database.transaction((tx) => tx.models.remove('spam'));
      assert.equal(await models.get('spam'), undefined);
      assert.equal(await models.version('spam', 1), undefined);
      await create(database);
      assert.deepStrictEqual((await models.get('spam'))?.tags, {});
    }));

  test('the latest versions are the highest of each stage, of many models at once', () =>
    withDatabase(open, async (database) => {
      await create(database);
      const stages: readonly ModelStage[] = ['None', 'Staging', 'None', 'Production', 'Staging', 'None'];
      const versions = stages.map((stage, at) => version(at + 1, { stage }));
      await database.transaction(async (tx) => {
        await tx.models.create(model('ham'));
        for (const one of versions) await tx.models.insertVersion(one);
        await tx.models.insertVersion(version(9, { model: 'ham', tags: { a: 'b' } }));
      });
      const found = await database.read.models.latest(['spam', 'ham', 'absent']);
      assert.deepStrictEqual(found, [version(9, { model: 'ham', tags: { a: 'b' } }), versions[3], versions[4], versions[5]]);
      assert.deepStrictEqual(await database.read.models.latest([]), []);
      assert.deepStrictEqual(await database.read.models.aliases(), []);
    }));
}
