import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database, Experiment } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function experiment(id: number, name: string, at: number): Experiment {
  return { id, name, createdAt: at, updatedAt: at, artifactLocation: null, lifecycle: 'active', tags: {} };
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
}
