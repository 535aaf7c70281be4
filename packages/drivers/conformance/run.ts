import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Database, Metric, Run, RunRecord } from '@pawl/core';
import { allPages, oddTexts, withDatabase } from './harness.ts';
import type { Open, Opened } from './harness.ts';

function run(id: string, more: Partial<Run> = {}): Run {
  return {
    id,
    experiment: 0,
    name: id,
    status: 'running',
    startedAt: 1,
    endedAt: null,
    code: null,
    environment: {},
    user: '',
    lifecycle: 'active',
    artifactUri: `mlflow-artifacts:/0/${id}/artifacts`,
    params: {},
    tags: {},
    ...more,
  };
}

const metric = (key: string, value: number, step = 0, time = 0): Metric => ({ run: 'r', key, value, step, time });

/** A database with experiments 0 and 1. */
async function withExperiments(open: Open, body: (database: Database, opened: Opened) => Promise<void>): Promise<void> {
  await withDatabase(open, async (database, opened) => {
    await database.transaction(async (tx) => {
      await tx.experiments.ensure('Default', 1);
      await tx.experiments.ensure('other', 1);
    });
    await body(database, opened);
  });
}

export function testRunStore(open: Open): void {
  const record = (database: Database, what: RunRecord, id = 'r'): Promise<void> => database.transaction((tx) => tx.runs.record(id, what));

  test('a run comes back as it was', () =>
    withExperiments(open, async (database) => {
      const odd = Object.fromEntries(oddTexts.map((text) => [text.slice(0, 500), text]));
      const full = run('r', {
        name: oddTexts[4] as string,
        startedAt: Number.MAX_SAFE_INTEGER,
        code: { commit: 'abc', branch: null, patch: 'sha256:p' },
        environment: odd,
        params: { ...odd, ['__proto__']: 'kept', constructor: 'too' },
        tags: { '': 'empty key', empty: '' },
      });
      await database.transaction((tx) => tx.runs.insert(full));
      const found = (await database.read.runs.get('r')) as Run;
      // Not deepEqual on the objects: an own "__proto__" is easily lost on the way into one.
      assert.deepEqual(new Map(Object.entries(found.params)), new Map(Object.entries(full.params)));
      assert.deepStrictEqual({ ...found, params: {} }, { ...full, params: {} });
      assert.equal(await database.read.runs.get('none'), undefined);
    }));

  test('a run id is taken once', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r', { params: { a: '1' } })));
      await assert.rejects(
        database.transaction((tx) => tx.runs.insert(run('r', { params: { b: '1' } }))),
        (error) => isFault(error, 'write_conflict'),
      );
      assert.deepStrictEqual((await database.read.runs.get('r'))?.params, { a: '1' });
    }));

  test('pages of runs end, newest first, of one experiment or all', () =>
    withExperiments(open, async (database) => {
      const runs = Array.from({ length: 14 }, (_, at) =>
        run(`r${String(at).padStart(2, '0')}`, { startedAt: Math.floor(at / 3), experiment: at % 2, tags: { at: `${at}` } }),
      );
      await database.transaction(async (tx) => {
        for (const one of runs) await tx.runs.insert(one);
      });
      for (const limit of [1, 3, 14, 15]) {
        assert.deepStrictEqual(await allPages((page) => database.read.runs.list(undefined, page), limit), runs.toReversed());
      }
      const odd = runs.filter(({ experiment }) => experiment === 1).toReversed();
      assert.deepStrictEqual(await allPages((page) => database.read.runs.list(1, page), 2), odd);
      assert.deepStrictEqual(await database.read.runs.list(7, { limit: 2 }), { items: [] });
      await assert.rejects(database.read.runs.list(1, { limit: 2, after: 'x' }), (error) => isFault(error, 'invalid_cursor'));
    }));

  test('a run ends once, and reopens once', () =>
    withExperiments(open, async (database, { another }) => {
      const handles = [database, await another()];
      await database.transaction((tx) => tx.runs.insert(run('r')));
      assert.equal(await database.transaction((tx) => tx.runs.reopen('r')), false);
      const ended = await Promise.all(
        Array.from({ length: 8 }, (_, at) => (handles[at % 2] as Database).transaction((tx) => tx.runs.end('r', 'finished', 100 + at))),
      );
      assert.equal(ended.filter(Boolean).length, 1);
      const found = await database.read.runs.get('r');
      assert.equal(found?.status, 'finished');
      assert.equal(found?.endedAt, 100 + ended.indexOf(true));
      assert.equal(await database.transaction((tx) => tx.runs.reopen('r')), true);
      assert.deepStrictEqual(await database.read.runs.get('r'), run('r'));
      assert.equal(await database.transaction((tx) => tx.runs.end('none', 'failed', 1)), false);
    }));

  test('a param keeps its first value, a tag its last', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r', { params: { a: '1' }, tags: { t: '1' } })));
      await record(database, { params: { a: '2', b: '2' }, tags: { t: '2', u: '2' } });
      await record(database, { params: { b: '3', c: '3' }, tags: { u: '3' } });
      await record(database, {});
      const found = await database.read.runs.get('r');
      assert.deepStrictEqual(found?.params, { a: '1', b: '2', c: '3' });
      assert.deepStrictEqual(found?.tags, { t: '2', u: '3' });
    }));

  test('metrics keep every value, NaN and infinities too, and each once', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r')));
      const history = [
        metric('m', 0.1, 0, 5),
        metric('m', Number.POSITIVE_INFINITY, 1, 1),
        metric('m', Number.NEGATIVE_INFINITY, 1, 2),
        metric('m', 0, 2, 1),
        metric('m', Number.NaN, 2, 1),
        metric('m', 5e-324, 3, 1),
        metric('m', Number.MAX_VALUE, 4, Number.MAX_SAFE_INTEGER),
      ];
      await record(database, { metrics: history.toReversed() });
      await record(database, { metrics: [...history, metric('m', 7, -1, 0), metric('other', 2 ** 60)] });
      assert.deepStrictEqual(await database.read.runs.metricHistory('r', 'm'), [metric('m', 7, -1, 0), ...history]);
      assert.deepStrictEqual(await database.read.runs.metricHistory('r', 'other'), [metric('other', 2 ** 60)]);
      assert.deepStrictEqual(await database.read.runs.metricHistory('r', 'none'), []);
      assert.deepStrictEqual(await database.read.runs.latestMetrics('r'), [history.at(-1), metric('other', 2 ** 60)]);
    }));

  test('the latest metric is that of the highest step, then of the latest time', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r')));
      await record(database, { metrics: [metric('a', 1, 5, 1), metric('a', 2, 4, 9), metric('b', 3, 0, 2), metric('b', 4, 0, 1)] });
      await record(database, { metrics: [metric('c', Number.NaN)] });
      assert.deepStrictEqual(await database.read.runs.latestMetrics('r'), [
        metric('a', 1, 5, 1),
        metric('b', 3, 0, 2),
        metric('c', Number.NaN),
      ]);
      assert.deepStrictEqual(await database.read.runs.latestMetrics('none'), []);
    }));

  test('a step or time that is no whole number is refused, and nothing of the record stays', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r')));
      for (const bad of [metric('m', 1, 0.5), metric('m', 1, 2 ** 53), metric('m', 1, 0, Number.NaN)]) {
        await assert.rejects(record(database, { params: { p: '1' }, metrics: [bad] }), (error) => isFault(error, 'invalid_input'));
      }
      assert.deepStrictEqual((await database.read.runs.get('r'))?.params, {});
    }));

  test('a record for a run that is not there is refused', () =>
    withExperiments(open, async (database) => {
      await assert.rejects(record(database, { params: { a: '1' } }, 'none'), (error) => isFault(error, 'run_not_found'));
    }));

  test('inputs are kept once each, artifacts by path with the last content', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r')));
      const input = { dataset: 'mail', version: 3, role: 'training' };
      const artifact = (path: string, digest: string) => ({
        run: 'r',
        path,
        digest: `sha256:${digest}` as const,
        size: Number.MAX_SAFE_INTEGER,
      });
      await record(database, { inputs: [input, { ...input, role: 'evaluation' }], artifacts: [artifact('b', '1'), artifact('a', '1')] });
      await record(database, { inputs: [input], artifacts: [artifact('b', '2'), artifact('b', '3')] });
      assert.deepStrictEqual(await database.read.runs.inputs('r'), [{ ...input, role: 'evaluation' }, input]);
      assert.deepStrictEqual(await database.read.runs.artifacts('r'), [artifact('a', '1'), artifact('b', '3')]);
    }));

  test('many that record at once lose nothing', () =>
    withExperiments(open, async (database, { another }) => {
      const handles = [database, await another()];
      await database.transaction((tx) => tx.runs.insert(run('r')));
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          record(handles[at % 2] as Database, {
            params: { [`p${at}`]: `${at}`, shared: `${at}` },
            tags: { shared: `${at}` },
            metrics: Array.from({ length: 50 }, (_none, step) => metric('loss', at, step, at)),
          }),
        ),
      );
      assert.equal(Object.keys((await database.read.runs.get('r'))?.params ?? {}).length, 21);
      assert.equal((await database.read.runs.metricHistory('r', 'loss')).length, 1000);
    }));

  test('a large record arrives whole', () =>
    withExperiments(open, async (database) => {
      await database.transaction((tx) => tx.runs.insert(run('r')));
      await record(database, { metrics: Array.from({ length: 12_345 }, (_, step) => metric('loss', step / 3, step)) });
      const history = await database.read.runs.metricHistory('r', 'loss');
      assert.equal(history.length, 12_345);
      assert.deepStrictEqual(history.at(-1), metric('loss', 12_344 / 3, 12_344));
    }));
}
