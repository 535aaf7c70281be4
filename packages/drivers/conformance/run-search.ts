import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault, parseFilter, parseOrder, runSearch } from '@pawl/core';
import type { Database, Metric, Run, RunSearch } from '@pawl/core';
import { allPages, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

interface Logged extends Partial<Run> {
  readonly metrics?: Readonly<Record<string, number | readonly number[]>>;
  readonly data?: readonly (readonly [name: string, digest: string, context: string])[];
}

/** Runs `r00, r01, …` of experiment 0 unless told, started one after the other. */
async function add(database: Database, logged: readonly Logged[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.experiments.ensure('Default', 1);
    await tx.experiments.ensure('other', 1);
    for (const [at, { metrics = {}, data = [], ...more }] of logged.entries()) {
      const id = `r${String(at).padStart(2, '0')}`;
      await tx.runs.insert({
        id,
        experiment: 0,
        name: id,
        status: 'running',
        startedAt: at,
        endedAt: null,
        code: null,
        environment: {},
        user: '',
        lifecycle: 'active',
        artifactUri: `mlflow-artifacts:/0/${id}/artifacts`,
        params: {},
        tags: {},
        ...more,
      });
      const points = Object.entries(metrics).flatMap(([key, values]) =>
        [values].flat().map((value, step): Metric => ({ run: id, key, value, step, time: 0 })),
      );
      const datasets = data.map(([name, digest, context]) => ({
        name,
        digest,
        sourceType: 'local',
        source: '{}',
        schema: null,
        profile: null,
        tags: { 'mlflow.data.context': context },
      }));
      await tx.runs.record(id, { metrics: points, datasets });
    }
  });
}

type More = Partial<Omit<RunSearch, 'filter' | 'orders'>>;

function toRequest(filter: string, order: readonly string[], more: More = {}): RunSearch {
  return {
    experiments: [0],
    lifecycle: 'active',
    filter: parseFilter(runSearch, filter),
    orders: parseOrder(runSearch, order),
    limit: 100,
    ...more,
  };
}

async function find(database: Database, filter: string, order: readonly string[] = ['run_id'], more: More = {}): Promise<string> {
  const { items } = await database.read.runs.search(toRequest(filter, order, more));
  return items.map(({ run }) => run.id.slice(1).replace(/^0/, '')).join(' ');
}

export function testRunSearch(open: Open): void {
  test('metrics are compared by their latest value; NaN only differs', () =>
    withDatabase(open, async (database) => {
      await add(database, [
        { metrics: { m: [9, 1] } },
        { metrics: { m: 2.5 } },
        { metrics: { m: Number.NaN } },
        { metrics: { m: [0, Infinity] } },
        { metrics: { other: 1 } },
        { metrics: { 'a b/c': -1 } },
      ]);
      for (const [filter, expected] of [
        ['metrics.m > 0', '0 1 3'],
        ['metrics.m >= 2.5', '1 3'],
        ['metrics.m < 2.5', '0'],
        ['metrics.m <= 1', '0'],
        ['metrics.m = 1', '0'],
        ['metrics.m != 1', '1 2 3'],
        ['metrics.m > 1e308', '3'],
        ['metrics.`a b/c` = -1', '5'],
        ['metrics.none != 1', ''],
        ['metrics_max.m >= 9', '0 3'],
        ['metrics_min.m < 1', '3'],
        ['NOT metrics.m > 0', '2 4 5'],
      ] as const)
        assert.equal(await find(database, filter), expected, filter);
    }));

  test('params and tags match only where the key is, as text, with case', () =>
    withDatabase(open, async (database) => {
      await add(database, [
        { params: { p: 'Adam' }, tags: { 'a.b c': 'x' } },
        { params: { p: 'adam' } },
        { params: { p: '100%' } },
        { params: { p: '' }, tags: { 'a.b c': 'y' } },
        { params: { p: `it's [a*]?\\` } },
        {},
      ]);
      for (const [filter, expected] of [
        ["params.p = 'Adam'", '0'],
        ["params.p != 'Adam'", '1 2 3 4'],
        ["params.p LIKE 'A%'", '0'],
        ["params.p ILIKE 'A%'", '0 1'],
        ["params.p LIKE '_dam'", '0 1'],
        ["params.p LIKE '%[a*]?%'", '4'],
        ["params.p LIKE 'a*'", ''],
        ["params.p LIKE '%\\'", '4'],
        [`params.p = "it's [a*]?\\"`, '4'],
        ["params.p = ''", '3'],
        ['params.p IS NULL', '5'],
        ['params.p IS NOT NULL', '0 1 2 3 4'],
        ["params.p IN ('adam', '100%', 'none')", '1 2'],
        ["params.p NOT IN ('adam', '100%')", '0 3 4'],
        ["tags.`a.b c` = 'x' OR tags.`a.b c` = 'y'", '0 3'],
        ["NOT (params.p = 'adam' OR params.p IS NULL)", '0 2 3 4'],
        ["params.p ILIKE 'adam' AND NOT tags.`a.b c` IS NULL", '0'],
      ] as const)
        assert.equal(await find(database, filter), expected, filter);
    }));

  test('attributes and datasets', () =>
    withDatabase(open, async (database) => {
      await add(database, [
        { name: 'first', status: 'finished', endedAt: 50, user: 'ann', data: [['mail', 'd1', 'training']] },
        {
          name: 'First',
          status: 'failed',
          endedAt: 60,
          user: 'bob',
          data: [
            ['mail', 'd2', 'training'],
            ['mail', 'd2', 'evaluation'],
          ],
        },
        { name: 'other', startedAt: Number.MAX_SAFE_INTEGER },
      ]);
      for (const [filter, expected] of [
        ["run_name = 'first'", '0'],
        ["attributes.`Run name` ILIKE 'first'", '0 1'],
        ["status = 'FINISHED'", '0'],
        ["status != 'FINISHED'", '1 2'],
        ["user_id = 'ann' OR user_id = 'bob'", '0 1'],
        ['end_time > 50', '1'],
        ['end_time != 50', '1'],
        ['NOT end_time > 50', '0 2'],
        ['start_time < 0.5', '0'],
        [`start_time = ${Number.MAX_SAFE_INTEGER}`, '2'],
        ["run_id IN ('r00', 'r02')", '0 2'],
        ["artifact_uri LIKE '%/r01/%'", '1'],
        ["datasets.name = 'mail'", '0 1'],
        ["dataset.digest = 'd2' AND dataset.context = 'evaluation'", '1'],
        ["datasets.name = 'none'", ''],
      ] as const)
        assert.equal(await find(database, filter), expected, filter);
      const [, second] = (await database.read.runs.search(toRequest('', ['run_id']))).items;
      assert.deepEqual(
        second?.datasets.map(({ name, digest, tags }) => [name, digest, tags['mlflow.data.context']]),
        [
          ['mail', 'd2', 'evaluation'],
          ['mail', 'd2', 'training'],
        ],
      );
      assert.deepEqual(await database.read.runs.datasets([0, 1], 2), [
        { experiment: 0, name: 'mail', digest: 'd1', context: 'training' },
        { experiment: 0, name: 'mail', digest: 'd2', context: 'evaluation' },
      ]);
    }));

  test('numbers come first, then NaN, then what is missing, both ways; ties newest first', () =>
    withDatabase(open, async (database) => {
      await add(database, [
        { metrics: { m: 2 }, params: { p: 'b' } },
        { metrics: { m: Number.NaN } },
        {},
        { metrics: { m: -Infinity }, params: { p: 'B' } },
        { metrics: { m: 2 }, params: { p: '' }, endedAt: 3 },
        { metrics: { m: Infinity } },
        { metrics: { m: Number.NaN }, endedAt: 2 },
      ]);
      for (const [order, expected] of [
        [[], '6 5 4 3 2 1 0'],
        [['metrics.m'], '3 4 0 5 6 1 2'],
        [['metrics.m DESC'], '5 4 0 3 6 1 2'],
        [['params.p'], '4 3 0 6 5 2 1'],
        [['params.p DESC'], '0 3 4 6 5 2 1'],
        [['end_time DESC', 'start_time ASC'], '4 6 0 1 2 3 5'],
        [['metrics.none', 'params.p', 'start_time'], '4 3 0 1 2 5 6'],
        [['metrics.m', 'metrics.m DESC'], '3 4 0 5 6 1 2'],
      ] as const) {
        assert.equal(await find(database, '', order), expected, order.join());
        for (const limit of [1, 2, 3, 7]) {
          const paged = await allPages((page) => database.read.runs.search({ ...toRequest('', order), ...page }), limit);
          assert.equal(paged.map(({ run }) => run.id.slice(2)).join(' '), expected, `${order.join()} by ${limit}`);
        }
      }
    }));

  test('a page token is of one query; a run that comes meanwhile repeats nothing', () =>
    withDatabase(open, async (database) => {
      await add(
        database,
        Array.from({ length: 6 }, (_, at) => ({ metrics: { m: at % 2 } })),
      );
      const request = toRequest('metrics.m >= 0', ['metrics.m DESC'], { limit: 2 });
      const { items, next = '' } = await database.read.runs.search(request);
      assert.deepEqual(
        items.map(({ run }) => run.id),
        ['r05', 'r03'],
      );
      await database.transaction((tx) => tx.runs.record('r00', { metrics: [{ run: 'r00', key: 'm', value: 5, step: 9, time: 9 }] }));
      const rest = await database.read.runs.search({ ...request, limit: 10, after: next });
      assert.deepEqual(
        rest.items.map(({ run }) => run.id),
        ['r01', 'r04', 'r02'],
      );
      for (const other of [toRequest('', ['metrics.m DESC']), { ...request, experiments: [0, 1] }, { ...request, after: 'x' }]) {
        const refused = database.read.runs.search({ ...other, after: 'after' in other ? 'x' : next });
        await assert.rejects(refused, (error) => isFault(error, 'invalid_cursor'));
      }
    }));

  test('experiments, lifecycle and columns narrow what comes', () =>
    withDatabase(open, async (database) => {
      await add(database, [
        { metrics: { a: 1, b: 2 }, params: { p: '1', q: '2' }, tags: { t: '1' }, data: [['mail', 'd', '']] },
        { experiment: 1 },
        { lifecycle: 'deleted' },
      ]);
      assert.equal(await find(database, '', [], { experiments: [0, 1] }), '1 0');
      assert.equal(await find(database, '', [], { experiments: [] }), '');
      assert.equal(await find(database, '', [], { lifecycle: 'deleted' }), '2');
      const { lifecycle: _active, ...both } = toRequest('', []);
      assert.equal((await database.read.runs.search(both)).items.length, 2);
      const columns = { metrics: ['b'], params: [], tags: ['t', 'none'], links: false };
      const [first] = (await database.read.runs.search(toRequest('', [], { columns }))).items;
      assert.deepEqual(first?.metrics, [{ run: 'r00', key: 'b', value: 2, step: 0, time: 0 }]);
      assert.deepEqual([first?.run.params, first?.run.tags, first?.datasets], [{}, { t: '1' }, []]);
    }));

  test('the best by a metric come in order whatever the page, with many equal values and a filter', () =>
    withDatabase(open, async (database) => {
      const values = Array.from({ length: 90 }, (_, at) => (at % 7 === 0 ? Number.NaN : (at * 31) % 11));
      await add(
        database,
        values.map((m, at) => ({ startedAt: at % 4, metrics: at % 13 === 0 ? {} : { m, odd: at % 3 } })),
      );
      const rows = values
        .map((m, at) => ({ m, at, id: `r${String(at).padStart(2, '0')}`, missing: at % 13 === 0 }))
        .filter(({ at, missing }) => !missing && at % 3 !== 0);
      for (const way of [1, -1]) {
        const rank = (m: number): number => (Number.isNaN(m) ? 1 : 0);
        const expected = rows
          .toSorted(
            (a, b) =>
              rank(a.m) - rank(b.m) || (rank(a.m) === 1 ? 0 : way * (a.m - b.m)) || (b.at % 4) - (a.at % 4) || (a.id < b.id ? -1 : 1),
          )
          .map(({ id }) => id);
        const request = toRequest('metrics.odd > 0', [way === 1 ? 'metrics.m' : 'metrics.m DESC']);
        for (const limit of [1, 2, 3, 5, 50]) {
          const found = await allPages((page) => database.read.runs.search({ ...request, ...page }), limit);
          assert.deepEqual(
            found.map(({ run }) => run.id),
            expected,
            `${way} by ${limit}`,
          );
        }
      }
    }));
}
