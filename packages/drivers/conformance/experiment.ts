import assert from 'node:assert/strict';
import { test } from 'node:test';
import { experimentSearch, parseFilter, parseOrder } from '@pawl/core';
import type { Database, Experiment, ExperimentList } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function experiment(id: number, name: string, at: number): Experiment {
  return { id, name, folder: '', createdAt: at, updatedAt: at, artifactLocation: null, lifecycle: 'active', tags: {} };
}

export function testExperimentStore(open: Open): void {
  test('an experiment is made once by name; Default is number 0', () =>
    withDatabase(open, async (database) => {
      const ensure = (name: string, at: number) => database.transaction((tx) => tx.experiments.ensure(name, at));
      const { experiments } = database.read;
      assert.equal(await experiments.byName('spam'), undefined);
      assert.deepStrictEqual(await ensure('spam', 1), experiment(1, 'spam', 1));
      assert.deepStrictEqual(await ensure('Default', 2), experiment(0, 'Default', 2));
      assert.deepStrictEqual(await ensure('spam', 3), experiment(1, 'spam', 1));
      assert.deepStrictEqual(await ensure('Default', 3), experiment(0, 'Default', 2));
      assert.equal((await ensure('more', 4)).id, 2);
      assert.deepStrictEqual(await experiments.get(0), experiment(0, 'Default', 2));
      assert.deepStrictEqual(await experiments.byName('more'), experiment(2, 'more', 4));
      assert.equal(await experiments.get(3), undefined);
    }));

  test('pages of experiments end, in order of number', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        for (const name of ['Default', ...oddTexts.map((text) => text.slice(0, 500))]) await tx.experiments.ensure(name, 1);
      });
      for (const limit of [1, 4, 10, 11]) {
        const found = await allPages((page) => database.read.experiments.list(page), limit);
        assert.deepEqual(
          found.map(({ id }) => id),
          [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        );
        assert.equal(found[1]?.name, oddTexts[0]);
      }
    }));

  test('many that ensure names at once agree on the numbers', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const names = ['Default', 'a', 'b', 'c'];
      const made = await Promise.all(
        Array.from({ length: 24 }, (_, at) =>
          (handles[at % 2] as Database).transaction((tx) => tx.experiments.ensure(names[at % 4] as string, at)),
        ),
      );
      const { items } = await database.read.experiments.list({ limit: 10 });
      assert.deepEqual(items.map(({ name }) => name).toSorted(), names);
      assert.deepEqual(
        items.map(({ id }) => id),
        [0, 1, 2, 3],
      );
      for (const one of made) assert.deepStrictEqual(await database.read.experiments.byName(one.name), one);
    }));

  test('a name is taken once, also by one that is deleted; tags and location come back', () =>
    withDatabase(open, async (database) => {
      const blank = { createdAt: 1, updatedAt: 1, artifactLocation: null, tags: {} };
      const made = await database.transaction((tx) =>
        tx.experiments.insert({ ...blank, name: 'a', artifactLocation: 's3://b/x', tags: { k: 'v', l: '' } }),
      );
      assert.deepStrictEqual(await database.read.experiments.get(1), made);
      assert.deepStrictEqual([made?.tags, made?.artifactLocation], [{ k: 'v', l: '' }, 's3://b/x']);
      await database.transaction((tx) => tx.experiments.update(1, { lifecycle: 'deleted', updatedAt: 2 }));
      assert.equal(await database.transaction((tx) => tx.experiments.insert({ ...blank, name: 'a' })), undefined);
      await database.transaction((tx) => tx.experiments.insert({ ...blank, name: 'b' }));
      assert.equal(await database.transaction((tx) => tx.experiments.update(2, { name: 'a', updatedAt: 3 })), false);
      assert.equal(await database.transaction((tx) => tx.experiments.update(2, { name: 'c', updatedAt: 3 })), true);
      assert.deepStrictEqual((await database.read.experiments.list({ limit: 9 })).items, [{ ...experiment(2, 'c', 1), updatedAt: 3 }]);
      await database.transaction((tx) => tx.experiments.setTags(2, { k: '1', m: '2' }));
      await database.transaction((tx) => tx.experiments.setTags(2, { k: '3' }));
      assert.equal(await database.transaction((tx) => tx.experiments.deleteTag(2, 'm')), true);
      assert.equal(await database.transaction((tx) => tx.experiments.deleteTag(2, 'm')), false);
      assert.deepStrictEqual((await database.read.experiments.byName('c'))?.tags, { k: '3' });
    }));

  test('runs fall with their experiment, and come back with it unless they fell before', () =>
    withDatabase(open, async (database) => {
      const blank = { name: '', status: 'running', startedAt: 1, endedAt: null, code: null, environment: {}, user: '' } as const;
      await database.transaction(async (tx) => {
        await tx.experiments.ensure('Default', 1);
        for (const id of ['a', 'b', 'c']) {
          await tx.runs.insert({ ...blank, id, experiment: 0, lifecycle: 'active', artifactUri: '', params: {}, tags: {} });
        }
        await tx.runs.move('a', 'deleted', 5);
      });
      const stages = async () => Promise.all(['a', 'b', 'c'].map(async (id) => (await database.read.runs.head(id))?.lifecycle));
      await database.transaction((tx) => tx.runs.moveAll(0, 'deleted', 6));
      assert.deepEqual(await stages(), ['deleted', 'deleted', 'deleted']);
      await database.transaction((tx) => tx.runs.move('c', 'deleted', 5));
      await database.transaction((tx) => tx.runs.moveAll(0, 'active', 7));
      assert.deepEqual(await stages(), ['deleted', 'active', 'deleted']);
    }));

  test('a search narrows by name, time, tag and lifecycle, and pages in order', () =>
    withDatabase(open, async (database) => {
      await database.transaction(async (tx) => {
        for (const [at, name] of ['aa', 'Ab', 'b', 'c'].entries()) {
          const tags: Record<string, string> = at % 2 === 0 ? { even: 'yes' } : {};
          await tx.experiments.insert({ name, createdAt: at === 3 ? 1 : at, updatedAt: 10 - at, artifactLocation: null, tags });
        }
        await tx.experiments.update(3, { lifecycle: 'deleted', updatedAt: 99 });
      });
      const search = async (filter: string, order: readonly string[], limit = 100): Promise<string> => {
        const request = { filter: parseFilter(experimentSearch, filter), orders: parseOrder(experimentSearch, order), limit };
        const found = await allPages((page) => database.read.experiments.search({ ...request, ...page }), limit);
        return found.map(({ name }) => name).join(' ');
      };
      for (const limit of [1, 2, 9]) {
        assert.equal(await search('', [], limit), 'b Ab c aa');
        assert.equal(await search('', ['name'], limit), 'Ab aa b c');
        assert.equal(await search('', ['last_update_time DESC', 'experiment_id DESC'], limit), 'b aa Ab c');
      }
      assert.equal(await search("name ILIKE 'a%'", ['experiment_id']), 'aa Ab');
      assert.equal(await search("name LIKE 'a%'", []), 'aa');
      assert.equal(await search("tags.even = 'yes' AND creation_time > 0", []), 'b');
      assert.equal(await search('tags.even IS NULL', []), 'Ab c');
      const active = { filter: undefined, orders: [], limit: 9, lifecycle: 'deleted' } as const;
      assert.deepEqual(
        (await database.read.experiments.search(active)).items.map(({ id }) => id),
        [3],
      );
    }));

  test('an experiment lies where its name says until it is moved; folders are listed and counted', () =>
    withDatabase(open, async (database) => {
      const blank = { createdAt: 1, updatedAt: 1, artifactLocation: null, tags: {} };
      const names = ['plain', 'team/a', 'team/sub/b', '/team/sub/c', 'teams/d', 'team-x/e', 'a//b'];
      await database.transaction(async (tx) => {
        for (const name of names) await tx.experiments.insert({ ...blank, name });
        await tx.experiments.insert({ ...blank, name: 'placed', folder: 'team' });
        await tx.experiments.ensure('team/made', 1);
      });
      const { experiments } = database.read;
      const list = async (request: Omit<ExperimentList, 'limit'>, limit = 2) =>
        (await allPages((page) => experiments.list({ ...request, ...page }), limit)).map(({ name }) => name).join(' ');
      assert.equal(await list({ folder: '' }), 'plain a//b');
      assert.equal(await list({ folder: 'team' }), 'team/a placed team/made');
      assert.equal(await list({ folder: 'team', deep: true }), 'team/a team/sub/b /team/sub/c placed team/made');
      assert.equal(await list({ folder: '', deep: true }, 100), [...names, 'placed', 'team/made'].join(' '));
      const counts = async (lifecycle: 'active' | 'deleted') =>
        (await experiments.folders(lifecycle)).map(({ folder, experiments: count }) => `${folder}:${count}`).join(' ');
      assert.equal(await counts('active'), ':2 team:3 team-x:1 team/sub:2 teams:1');
      await database.transaction(async (tx) => {
        await tx.experiments.update(1, { folder: 'team/sub', updatedAt: 2 });
        await tx.experiments.update(2, { lifecycle: 'deleted', fell: true, updatedAt: 3 });
        await tx.experiments.update(3, { lifecycle: 'deleted', updatedAt: 3 });
      });
      assert.deepEqual(await experiments.get(1), { ...experiment(1, 'plain', 1), folder: 'team/sub', updatedAt: 2 });
      assert.equal(await list({ folder: 'team', deep: true, lifecycle: 'deleted' }), 'team/a team/sub/b');
      assert.equal(await list({ lifecycle: 'deleted', fell: true }), 'team/a');
      await database.transaction((tx) => tx.experiments.update(2, { lifecycle: 'active', updatedAt: 4 }));
      assert.equal(await list({ lifecycle: 'deleted', fell: true }), '');
      assert.equal(await counts('deleted'), 'team/sub:1');
      const tagged = async (filter: string) => {
        const found = await experiments.search({
          filter: parseFilter(experimentSearch, filter),
          orders: [],
          limit: 9,
          lifecycle: 'active',
        });
        return found.items.map(({ id }) => id);
      };
      assert.deepEqual(await tagged("tags.`pawl.folder` LIKE 'team/%'"), [1, 4]);
      assert.deepEqual(await tagged('tags.`pawl.folder` IS NULL'), [7]);
    }));
}
