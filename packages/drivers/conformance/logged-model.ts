import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, LoggedModel, LoggedModelMetric } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

function model(id: string, more: Partial<LoggedModel> = {}): LoggedModel {
  return {
    id,
    experiment: 1,
    name: 'spam',
    type: '',
    status: 'pending',
    run: null,
    createdAt: 1,
    updatedAt: 1,
    params: {},
    tags: {},
    ...more,
  };
}

function metric(value: number, more: Partial<LoggedModelMetric> = {}): LoggedModelMetric {
  return { model: 'm-1', run: 'r', key: 'loss', step: 0, time: 5, value, dataset: null, ...more };
}

function withModels(open: Open, body: (database: Database) => Promise<void>): Promise<void> {
  return withDatabase(open, async (database) => {
    await database.transaction((tx) => tx.experiments.ensure('x', 1));
    await body(database);
  });
}

export function testLoggedModelStore(open: Open): void {
  test('a logged model comes back as it was put, and as it was changed', () =>
    withModels(open, async (database) => {
      const texts = Object.fromEntries([...oddTexts.map((text, at) => [`k${at}`, text]), ['__proto__', 'p'], ['', '']]);
      const first = model('m-1', { type: 'sklearn', run: 'r', params: texts, tags: { a: '1', b: '2' } });
      await database.transaction((tx) => tx.loggedModels.insert(first));
      assert.deepStrictEqual(await database.read.loggedModels.get('m-1'), first);
      const changed = model('m-1', { ...first, status: 'ready', updatedAt: 9, tags: { b: '3' }, params: { ...texts, more: 'x' } });
      await database.transaction((tx) => tx.loggedModels.update(changed));
      assert.deepStrictEqual(await database.read.loggedModels.get('m-1'), changed);
      assert.equal(await database.read.loggedModels.get('m-2'), undefined);
    }));

  test('a removed one is not found, and its metrics stay', () =>
    withModels(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.loggedModels.insert(model('m-1'));
        await tx.loggedModels.addMetrics([metric(1)]);
        await tx.loggedModels.remove('m-1', 7);
        assert.equal(await tx.loggedModels.get('m-1'), undefined);
      });
      assert.equal(await database.read.loggedModels.get('m-1'), undefined);
      assert.deepStrictEqual(await database.read.loggedModels.get('m-1', 'also deleted'), model('m-1'));
      assert.equal((await database.read.loggedModels.metrics(['m-1'])).length, 1);
    }));

  test('metrics are kept once each, also NaN and infinities', () =>
    withModels(open, async (database) => {
      const dataset = { name: 'd', digest: '1' };
      const all = [
        metric(Number.NaN),
        metric(Infinity, { time: 6 }),
        metric(-Infinity, { time: 7 }),
        metric(0.1, { step: 1 }),
        metric(0.1, { step: 2, dataset }),
        metric(0.1, { step: 3, key: 'loss', run: 'other' }),
      ];
      const add = (metrics: readonly LoggedModelMetric[]) => database.transaction((tx) => tx.loggedModels.addMetrics(metrics));
      await add(all);
      await add([...all, ...all, metric(0.5, { model: 'm-2' })]);
      assert.deepStrictEqual(await database.read.loggedModels.metrics(['m-1']), all);
      assert.deepStrictEqual(await database.read.loggedModels.metrics(['m-2', 'none']), [metric(0.5, { model: 'm-2' })]);
      assert.deepStrictEqual(await database.read.loggedModels.metrics([]), []);
      await add([]);
      await assert.rejects(add([metric(1, { step: 0.5 })]), (error) => isFault(error, 'invalid_input'));
    }));
}
