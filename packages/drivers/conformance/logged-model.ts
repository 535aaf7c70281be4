import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault, parseLoggedModelFilter, parseLoggedModelOrder } from '@pawl/core';
import type { Database, LoggedModel, LoggedModelMetric, LoggedModelSearch } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
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

  test('a search filters by attributes, params, tags and any value of a metric', () =>
    withModels(open, async (database) => {
      await database.transaction(async (tx) => {
        await tx.experiments.ensure('y', 1);
        await tx.loggedModels.insert(model('m-1', { createdAt: 1, type: 'sklearn', run: 'r1', params: { lr: '0.1' }, tags: { a: 'X%' } }));
        await tx.loggedModels.insert(model('m-2', { createdAt: 2, status: 'failed', name: 'Ham', tags: { a: 'xyz' } }));
        await tx.loggedModels.insert(model('m-3', { createdAt: 3, status: 'ready' }));
        await tx.loggedModels.insert(model('m-4', { createdAt: 4, experiment: 2 }));
        await tx.loggedModels.insert(model('m-5', { createdAt: 5 }));
        await tx.loggedModels.remove('m-5', 9);
        const on = (name: string, digest: string) => ({ name, digest });
        await tx.loggedModels.addMetrics([
          metric(1, { dataset: on('d', '1') }),
          metric(5, { step: 1, dataset: on('d', '2') }),
          metric(Number.NaN, { model: 'm-2', dataset: on('e', '1') }),
        ]);
      });
      const find = async (filter: string, more: Partial<LoggedModelSearch> = {}) => {
        const request = { experiments: [1], filter: parseLoggedModelFilter(filter), orders: [], datasets: [], limit: 10, ...more };
        return (await database.read.loggedModels.search(request)).items.map(({ id }) => id);
      };
      assert.deepEqual(await find(''), ['m-3', 'm-2', 'm-1']);
      assert.deepEqual(await find('', { experiments: [2, 1] }), ['m-4', 'm-3', 'm-2', 'm-1']);
      assert.deepEqual(await find('', { experiments: [] }), []);
      for (const [filter, expected] of [
        ["name = 'spam'", ['m-3', 'm-1']],
        ["name ILIKE 'h%'", ['m-2']],
        ["status = 'LOGGED_MODEL_UPLOAD_FAILED'", ['m-2']],
        ["status IN ('READY', 'PENDING')", ['m-3', 'm-1']],
        ["source_run_id = 'r1'", ['m-1']],
        ["source_run_id != 'r2'", ['m-1']],
        ["model_type = 'sklearn'", ['m-1']],
        ['creation_timestamp >= 2', ['m-3', 'm-2']],
        ["params.lr = '0.1'", ['m-1']],
        ['params.lr IS NULL', ['m-3', 'm-2']],
        ["tags.a LIKE 'x%'", ['m-2']],
        ['metrics.loss > 2', ['m-1']],
        ['metrics.loss < 2', ['m-1']],
        ['metrics.loss != 7', ['m-2', 'm-1']],
        ["NOT metrics.loss > 2 AND name = 'spam'", ['m-3']],
      ] as const)
        assert.deepEqual(await find(filter), expected, filter);
      const on = (name: string, digest: string | null): Partial<LoggedModelSearch> => ({ datasets: [{ name, digest }] });
      assert.deepEqual(await find('metrics.loss > 2', on('d', '1')), []);
      assert.deepEqual(await find('metrics.loss > 2', on('d', null)), ['m-1']);
      assert.deepEqual(await find('', on('e', null)), ['m-2']);
      assert.deepEqual(
        await find('', {
          datasets: [
            { name: 'e', digest: '1' },
            { name: 'd', digest: '2' },
          ],
        }),
        ['m-2', 'm-1'],
      );
    }));

  test('an order by a metric takes its latest value; pages repeat and lose nothing', () =>
    withModels(open, async (database) => {
      await database.transaction(async (tx) => {
        for (let at = 0; at < 12; at++) await tx.loggedModels.insert(model(`m-${at}`, { createdAt: at % 3 }));
        await tx.loggedModels.addMetrics([
          ...[3, 1, 2, 2].map((value, at) => metric(value, { model: `m-${at}`, step: 1 })),
          metric(9, { model: 'm-1', step: 0 }),
          metric(0, { model: 'm-2', time: 1, step: 5 }),
          metric(8, { model: 'm-3', step: 0, dataset: { name: 'd', digest: '1' } }),
          metric(Number.NaN, { model: 'm-4' }),
        ]);
      });
      const order = (ascending: boolean, name?: string) => [
        parseLoggedModelOrder('metrics.loss', ascending, name === undefined ? null : { name }),
      ];
      const search = (orders: LoggedModelSearch['orders'], limit: number) =>
        allPages(
          (page) => database.read.loggedModels.search({ experiments: [1], filter: undefined, orders, datasets: [], ...page }),
          limit,
        );
      const missing = ['m-11', 'm-5', 'm-8', 'm-10', 'm-7', 'm-6', 'm-9'];
      for (const limit of [1, 5, 100]) {
        const ids = async (orders: LoggedModelSearch['orders']) => (await search(orders, limit)).map(({ id }) => id);
        assert.deepEqual(await ids(order(true)), ['m-1', 'm-2', 'm-3', 'm-0', 'm-4', ...missing]);
        assert.deepEqual(await ids(order(false)), ['m-0', 'm-2', 'm-3', 'm-1', 'm-4', ...missing]);
        assert.equal((await ids(order(false, 'd')))[0], 'm-3');
        assert.deepEqual((await ids([parseLoggedModelOrder('model_id', false, null)])).slice(0, 3), ['m-9', 'm-8', 'm-7']);
      }
      const first = { experiments: [1], filter: undefined, orders: order(true), datasets: [], limit: 2 };
      const { next } = await database.read.loggedModels.search(first);
      assert.ok(next !== undefined);
      await assert.rejects(database.read.loggedModels.search({ ...first, orders: [], after: next }), (error) =>
        isFault(error, 'invalid_cursor'),
      );
    }));
}
