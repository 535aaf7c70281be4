import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparePoints } from '@pawl/core';
import type { Database, Experiment, ImportedExperiment, ImportedLoggedModel, ImportedRun, Point, RunPoint } from '@pawl/core';
import { oddTexts, withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const RUN = 'a'.repeat(32);

function experiment(id: string, more: Partial<ImportedExperiment> = {}): ImportedExperiment {
  return { id, name: `e${id}`, artifactLocation: null, lifecycle: 'active', createdAt: 5, updatedAt: 6, tags: {}, ...more };
}

function run(id: string, more: Partial<ImportedRun> = {}): ImportedRun & { artifactUri: string } {
  return {
    id,
    experiment: 4,
    name: 'n',
    status: 'finished',
    user: 'ada',
    startedAt: 1,
    endedAt: 2,
    lifecycle: 'active',
    deletedAt: null,
    code: null,
    environment: {},
    params: {},
    tags: {},
    inputs: [],
    datasets: [],
    modelInputs: [],
    modelOutputs: [],
    ...more,
    artifactUri: 'mlflow-artifacts:/4/x/artifacts',
  };
}

function withExperiment(open: Open, body: (database: Database) => Promise<void>): Promise<void> {
  return withDatabase(open, async (database) => {
    await database.transaction((tx) => tx.imports.insertExperiment(experiment('4'), 4));
    await body(database);
  });
}

export function testImportStore(open: Open): void {
  test('an experiment comes under its own number, or under the next and known by its own', () =>
    withDatabase(open, async (database) => {
      const tags = Object.fromEntries(oddTexts.map((text, at) => [`k${at}`, text]));
      const long = '383456789012345678';
      const numbers = await database.transaction(async (tx) => [
        await tx.imports.insertExperiment(experiment('40', { lifecycle: 'deleted', tags, name: 'a/b' }), 40),
        await tx.imports.insertExperiment(experiment(long, { artifactLocation: `mlflow-artifacts:/${long}` }), undefined),
        await tx.imports.insertExperiment(experiment('40', { name: 'other' }), 40),
        await tx.imports.insertExperiment(experiment('50', { name: 'a/b' }), 50),
      ]);
      assert.deepEqual(numbers, [40, 41, undefined, undefined]);
      const first: Experiment = { ...experiment('40', { lifecycle: 'deleted', tags, name: 'a/b' }), id: 40, folder: 'a' };
      assert.deepStrictEqual(await database.read.experiments.get(40), first);
      assert.equal(await database.read.imports.experimentOf(long), 41);
      assert.equal(await database.read.imports.experimentOf('40'), undefined);
      assert.deepEqual([...(await database.read.imports.foreignIds())], [[41, long]]);
      assert.equal((await database.transaction((tx) => tx.experiments.ensure('next', 1))).id, 42);
      const changed = experiment('40', { name: 'c', tags: { only: '1' }, createdAt: 7 });
      assert.equal(await database.transaction((tx) => tx.imports.putExperiment(40, changed, first)), true);
      assert.deepStrictEqual(await database.read.experiments.get(40), { ...changed, id: 40, folder: 'a' });
      assert.equal(
        await database.transaction((tx) => tx.imports.putExperiment(40, { ...changed, name: 'next' }, { ...first, name: 'c' })),
        false,
      );
    }));

  test('a run comes as it was, and is replaced by what comes again', () =>
    withExperiment(open, async (database) => {
      const data = { name: 'd', digest: 'x', sourceType: 's', source: 'u', schema: null, profile: 'p', tags: { t: '1' } };
      const first = run(RUN, {
        params: { a: '1', b: '2' },
        tags: { t: '1' },
        datasets: [data],
        modelInputs: ['m'],
        deletedAt: 9,
        lifecycle: 'deleted',
      });
      await database.transaction((tx) => tx.imports.putRun(first, true));
      const detail = await database.read.runs.detail(RUN);
      assert.deepEqual(
        [detail?.run.params, detail?.run.tags, detail?.datasets, detail?.modelInputs, detail?.run.lifecycle],
        [first.params, first.tags, [data], ['m'], 'deleted'],
      );
      assert.equal(await database.read.imports.deletedAt(RUN), 9);
      // It fell with its experiment, so it comes back with it.
      await database.transaction((tx) => tx.runs.moveAll(4, 'active', 1));
      assert.equal((await database.read.runs.head(RUN))?.lifecycle, 'active');
      await database.transaction((tx) =>
        tx.imports.putRun(run(RUN, { params: { b: '3' }, name: 'again', modelOutputs: [{ model: 'm', step: 3 }] }), false),
      );
      const again = await database.read.runs.detail(RUN);
      assert.deepEqual(
        [again?.run.name, again?.run.params, again?.run.tags, again?.datasets, again?.modelInputs, again?.modelOutputs],
        ['again', { b: '3' }, {}, [], [], [{ model: 'm', step: 3 }]],
      );
      assert.equal(await database.read.imports.isUsed(4), true);
      assert.equal(await database.read.imports.isUsed(0), false);
    }));

  test('points come in order and in pages, NaN and the infinities among them', () =>
    withExperiment(open, async (database) => {
      const points: readonly Point[] = [
        [0, 1, Number.NaN],
        [0, 1, 0],
        [0, 1, -1],
        [0, 1, Infinity],
        [0, 1, -Infinity],
        [-3, 9, 1e-300],
        [Number.MAX_SAFE_INTEGER, 0, 2],
      ];
      const other = 'b'.repeat(32);
      await database.transaction(async (tx) => {
        for (const id of [RUN, other]) {
          await tx.imports.putRun(run(id), false);
          const metrics = ['k', 'K', 'ü/k'].flatMap((key) => points.map(([step, time, value]) => ({ run: id, key, step, time, value })));
          await tx.runs.record(id, { metrics: [...metrics, ...metrics] });
        }
      });
      for (const limit of [1, 4, 100]) {
        const found: RunPoint[] = [];
        for (let after: RunPoint | undefined; ;) {
          const page = await database.read.imports.points([RUN, other], limit, after);
          found.push(...page);
          after = page.at(-1);
          if (page.length < limit) break;
        }
        assert.equal(found.length, 2 * 3 * points.length);
        const groups = Map.groupBy(found, (one) => `${one.run} ${one.key}`);
        assert.equal(groups.size, 6);
        for (const [name, own] of groups) {
          assert.deepEqual(
            own.map(({ point }) => point),
            points.toSorted(comparePoints),
            name,
          );
          const first = found.indexOf(own[0] as RunPoint);
          assert.deepEqual(found.slice(first, first + own.length), own, 'those of a metric come together');
        }
      }
      assert.deepEqual(await database.read.imports.points([], 5), []);
    }));

  test('what was begun and has not ended is known as such', () =>
    withExperiment(open, async (database) => {
      const model: ImportedLoggedModel = {
        id: 'm-1',
        experiment: 4,
        name: 'x',
        type: '',
        status: 'ready',
        run: null,
        createdAt: 1,
        updatedAt: 2,
        deletedAt: 3,
        params: { p: '1' },
        tags: { t: '1' },
      };
      await database.transaction(async (tx) => {
        await tx.imports.putRun(run(RUN), false);
        await tx.imports.putLoggedModel(model);
        await tx.imports.mark('run', [RUN, RUN], true);
        await tx.imports.mark('run', [RUN], true);
        await tx.imports.mark('model', [], true);
      });
      const known = async (kind: 'run' | 'model', ...ids: string[]) => [...(await database.read.imports.known(kind, ids))];
      assert.deepEqual(await known('run', RUN, 'm-1'), [[RUN, { pending: true }]]);
      assert.deepEqual(await known('model', 'm-1', RUN), [['m-1', { pending: false }]]);
      await database.transaction((tx) => tx.imports.mark('run', [RUN], false));
      assert.deepEqual(await known('run', RUN), [[RUN, { pending: false }]]);
      const { deletedAt: _, ...plain } = model;
      assert.equal(await database.read.loggedModels.get('m-1'), undefined);
      assert.deepStrictEqual(await database.read.loggedModels.get('m-1', 'also deleted'), plain);
      await database.transaction((tx) => tx.imports.putLoggedModel({ ...model, deletedAt: null, tags: {}, status: 'failed' }));
      assert.deepStrictEqual(await database.read.loggedModels.get('m-1'), { ...plain, tags: {}, status: 'failed' });
    }));

  test('two servers that import the same run at once leave it whole and once', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      await database.transaction((tx) => tx.imports.insertExperiment(experiment('4'), 4));
      const points = Array.from({ length: 50 }, (_, step) => ({ run: RUN, key: 'k', step, time: 1, value: step }));
      await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (handles[at % 2] as Database).transaction(async (tx) => {
            await tx.imports.putRun(run(RUN, { params: { p: '1' }, tags: { t: '1' } }), false);
            await tx.runs.record(RUN, { metrics: points });
            await tx.imports.mark('run', [RUN], at % 2 === 0);
          }),
        ),
      );
      assert.deepEqual((await database.read.runs.get(RUN))?.params, { p: '1' });
      assert.equal((await database.read.imports.points([RUN], 1000)).length, 50);
    }));

  test('a registered model is written whole', () =>
    withDatabase(open, async (database) => {
      const model = { name: 'm', description: 'a', tags: { t: '1' }, lastVersion: 3, createdAt: 1, createdBy: 'user:x', updatedAt: 2 };
      await database.transaction((tx) => tx.models.create(model));
      const changed = { ...model, description: 'b', tags: { u: '2' }, lastVersion: 5, createdAt: 4, createdBy: 'user:y', updatedAt: 6 };
      await database.transaction((tx) => tx.imports.putModel(changed));
      assert.deepStrictEqual(await database.read.models.get('m'), changed);
    }));
}
