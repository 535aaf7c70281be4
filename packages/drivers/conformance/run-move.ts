import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter, parseOrder, runSearch } from '@pawl/core';
import type { Database, LoggedDataset, Run } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const blank: Omit<Run, 'id'> = {
  experiment: 0,
  name: '',
  status: 'running',
  startedAt: 1,
  endedAt: null,
  code: null,
  environment: {},
  user: '',
  lifecycle: 'active',
  artifactUri: 'mlflow-artifacts:/0/x/artifacts',
  params: {},
  tags: {},
};

function dataset(digest: string, source: string): LoggedDataset {
  return { name: 'mail', digest, sourceType: 'local', source, schema: null, profile: null, tags: {} };
}

async function fill(database: Database, runs: Readonly<Record<string, string | null>>): Promise<void> {
  await database.transaction(async (tx) => {
    for (const name of ['Default', 'one', 'two']) await tx.experiments.ensure(name, 1);
    for (const [id, parent] of Object.entries(runs)) {
      await tx.runs.insert({ ...blank, id, tags: parent === null ? {} : { 'mlflow.parentRunId': parent } });
    }
  });
}

const best = async ({ read }: Database, experiment: number, limit = 1): Promise<readonly string[]> => {
  const orders = parseOrder(runSearch, ['metrics.f1 DESC']);
  const page = await read.runs.search({ experiments: [experiment], filter: undefined, orders, limit });
  return page.items.map(({ run, metrics }) => `${run.id}=${metrics.map(({ value }) => value).join()}`);
};

export function testRunMoveStore(open: Open): void {
  test('a run moves with its values, datasets and logged models, and its files stay', () =>
    withDatabase(open, async (database) => {
      await fill(database, { a: null, b: null, c: null });
      await database.transaction(async (tx) => {
        const metric = (run: string, value: number) => ({ run, key: 'f1', value, step: 0, time: 0 });
        await tx.runs.record('a', {
          params: { lr: '1' },
          tags: { note: 'x' },
          metrics: [metric('a', 1)],
          datasets: [dataset('d1', 'first'), dataset('d2', 'own')],
        });
        await tx.runs.record('b', { metrics: [metric('b', 2)], datasets: [dataset('d1', 'ignored')] });
        await tx.runs.record('c', { metrics: [metric('c', 3)] });
        const model = { experiment: 0, name: 'm', type: '', status: 'ready', createdAt: 1, updatedAt: 1, params: {}, tags: {} } as const;
        await tx.loggedModels.insert({ ...model, id: 'm-a', run: 'a' });
        await tx.loggedModels.insert({ ...model, id: 'm-c', run: 'c' });
      });
      await database.transaction((tx) => tx.runMoves.move(['a', 'b'], { experiment: 0, root: 'mlflow-artifacts:/0' }, 1));
      assert.deepEqual(await best(database, 0, 9), ['c=3']);
      assert.deepEqual([await best(database, 1), await best(database, 1, 9)], [['b=2'], ['b=2', 'a=1']]);
      const { runs, loggedModels } = database.read;
      for (const [experiment, count] of [
        [0, 0],
        [1, 1],
      ] as const) {
        for (const filter of ["params.lr = '1'", "tags.note = 'x'", 'metrics.f1 = 1']) {
          const page = await runs.search({ experiments: [experiment], filter: parseFilter(runSearch, filter), orders: [], limit: 1 });
          assert.equal(page.items.length, count, filter);
        }
      }
      assert.deepEqual(
        (await runs.datasets([0, 1, 2], 9)).map(({ experiment, digest }) => `${experiment}:${digest}`),
        ['1:d1', '1:d2'],
      );
      assert.deepEqual(
        (await runs.detail('a'))?.datasets.map(({ source }) => source),
        ['first', 'own'],
      );
      assert.equal((await runs.head('a'))?.artifactUri, blank.artifactUri);
      assert.deepEqual(
        [(await loggedModels.get('m-a'))?.experiment, (await loggedModels.get('m-a'))?.artifactRoot],
        [1, 'mlflow-artifacts:/0'],
      );
      assert.deepEqual([(await loggedModels.get('m-c'))?.experiment, (await loggedModels.get('m-c'))?.artifactRoot], [0, undefined]);
      // On from there: the files are still where they were first.
      await database.transaction((tx) => tx.runMoves.move(['a'], { experiment: 1, root: 'mlflow-artifacts:/1' }, 2));
      assert.equal((await loggedModels.get('m-a'))?.artifactRoot, 'mlflow-artifacts:/0');
      assert.deepEqual((await runs.detail('a'))?.datasets.length, 2);
    }));

  test('a family is a run and all that is nested in it, also where tags go in a circle', () =>
    withDatabase(open, async (database) => {
      await fill(database, { a: 'd', b: 'a', c: 'b', d: 'c', e: null, f: 'none' });
      await database.transaction(async (tx) => {
        const ids = async (...runs: string[]) => (await tx.runMoves.family(runs)).map(({ id }) => id).join('');
        assert.deepEqual([await ids('b'), await ids('e', 'f', 'absent'), await ids()], ['abcd', 'ef', '']);
        await tx.runs.move('e', 'deleted', 1);
        assert.deepEqual(await tx.runMoves.places(['e', 'absent']), [{ id: 'e', experiment: 0, lifecycle: 'deleted' }]);
      });
    }));

  test('what is logged while a run moves is found with it', () =>
    withDatabase(open, async (database, { another }) => {
      await fill(database, { a: null });
      const other = await another();
      const log = async (): Promise<void> => {
        for (let step = 0; step < 10; step++) {
          await other.transaction((tx) =>
            tx.runs.record('a', { metrics: [{ run: 'a', key: step % 2 === 0 ? 'f1' : `k${step}`, value: step, step, time: 0 }] }),
          );
        }
      };
      const move = async (): Promise<void> => {
        for (let turn = 0; turn < 10; turn++) {
          const [from, to] = turn % 2 === 0 ? [0, 1] : [1, 0];
          await database.transaction((tx) => tx.runMoves.move(['a'], { experiment: from, root: 'r' }, to));
        }
        await database.transaction((tx) => tx.runMoves.move(['a'], { experiment: 0, root: 'r' }, 1));
      };
      await Promise.all([log(), move()]);
      // By the index, which has the experiment of each value.
      const orders = (key: string) => parseOrder(runSearch, [`metrics.${key}`]);
      for (const key of ['f1', ...Array.from({ length: 5 }, (_, at) => `k${at * 2 + 1}`)]) {
        const page = await database.read.runs.search({ experiments: [1], filter: undefined, orders: orders(key), limit: 1 });
        assert.deepEqual(page.items[0]?.run.id, 'a');
        assert.equal(
          (await database.read.runs.search({ experiments: [0], filter: undefined, orders: orders(key), limit: 1 })).items.length,
          0,
        );
      }
      assert.equal((await database.read.runs.latestMetrics('a')).length, 6);
    }));
}
