import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRuns } from './compare.ts';
import type { ComparedRun } from './compare.ts';
import { goalOf } from './goal.ts';
import type { Run } from './types.ts';

type Values = Readonly<Record<string, number>>;

function compared(metrics: Values, more: Partial<Run> = {}, best: Values = {}): ComparedRun {
  const run: Run = {
    id: 'a',
    experiment: 0,
    name: '',
    status: 'finished',
    startedAt: 0,
    endedAt: 1,
    code: null,
    environment: {},
    user: '',
    lifecycle: 'active',
    artifactUri: '',
    params: {},
    tags: {},
    ...more,
  };
  const points = Object.entries(metrics).map(([key, value]) => ({ run: 'a', key, value, step: 0, time: 0 }));
  return {
    detail: { run, metrics: points, datasets: [], modelInputs: [], modelOutputs: [] },
    extremes: points.map(({ key, value }) => ({ run: 'a', key, least: best[key] ?? value, greatest: value })),
    inputs: [],
  };
}

test('a name tells which way a metric is better', () => {
  for (const key of ['loss', 'val/loss', 'train_rmse', 'evalLoss', 'mean absolute error', 'p99 latency'])
    assert.equal(goalOf(key), 'min', key);
  for (const key of ['accuracy', 'val_acc', 'f1', 'test.roc_auc', 'r2_score', 'mAP/map']) assert.equal(goalOf(key), 'max', key);
  for (const key of ['lr', 'epoch', 'loss_accuracy', 'lossy', 'n']) assert.equal(goalOf(key), null, key);
});

test('the best is marked by goal, ties together, and nothing where all are alike or nobody knows', () => {
  const runs = [
    compared({ loss: 3, acc: 1, lr: 1, same_loss: 1 }),
    compared({ loss: 1, acc: 1, lr: 2, same_loss: 1 }),
    compared({ loss: 1, acc: Number.NaN }),
  ];
  const { metrics } = compareRuns(runs, { by: 'last', baseline: 0 });
  assert.deepEqual(
    metrics.map(({ key, best, deltas }) => [key, best, deltas]),
    [
      ['acc', [], [0, 0, null]],
      ['loss', [1, 2], [0, -2, -2]],
      ['lr', [], [0, 1, null]],
      ['same_loss', [], [0, 0, null]],
    ],
  );
  assert.deepEqual(compareRuns(runs, { by: 'last', goals: { lr: 'min' } }).metrics[2]?.best, [0]);
  assert.deepEqual(compareRuns(runs, { by: 'last' }).metrics[1]?.deltas, [null, null, null]);
});

test('runs may be compared by the best they ever had', () => {
  const runs = [compared({ loss: 3 }, {}, { loss: 0.5 }), compared({ loss: 1 })];
  assert.deepEqual([compareRuns(runs, { by: 'last' }).metrics[0]?.best, compareRuns(runs, { by: 'best' }).metrics[0]?.best], [[1], [0]]);
});

test('params, code and environment are set beside each other by key', () => {
  const commit = { commit: 'c1', branch: null, patch: null };
  const runs = [
    compared({}, { params: { lr: '1', kind: 'x' }, code: commit, environment: { node: '24' }, tags: { 'mlflow.runName': 'a' } }),
    compared({}, { params: { lr: '2', kind: 'x', ['__proto__']: 'y' }, code: { ...commit, commit: 'c2' }, environment: { node: '24' } }),
  ];
  const found = compareRuns(runs, { by: 'last' });
  assert.deepEqual(found.params.slice(-2), [
    { key: 'kind', values: ['x', 'x'], differs: false },
    { key: 'lr', values: ['1', '2'], differs: true },
  ]);
  assert.deepEqual(found.code, [{ key: 'commit', values: ['c1', 'c2'], differs: true }]);
  assert.deepEqual([found.environment[0]?.differs, found.tags], [false, []]);
});

test('data is told by version and use', () => {
  const [a, b] = [compared({}), compared({})];
  const input = { dataset: 'mail', version: 2, role: 'training' };
  const logged = {
    name: 'csv',
    digest: 'd',
    sourceType: '',
    source: '',
    schema: null,
    profile: null,
    tags: { 'mlflow.data.context': 'eval' },
  };
  const runs = [
    { ...a, inputs: [input] },
    { ...b, inputs: [input], detail: { ...b.detail, datasets: [logged] } },
  ];
  assert.deepEqual(compareRuns(runs, { by: 'last' }).data, [
    { name: 'csv', version: 'd', role: 'eval', used: [false, true] },
    { name: 'mail', version: '2', role: 'training', used: [true, true] },
  ]);
});
