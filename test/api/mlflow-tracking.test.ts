import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

const json = { 'content-type': 'application/json' };

async function answer(method: 'GET' | 'POST', path: string, body?: object | string): Promise<{ status: number; body: Body }> {
  const response = await stand.server.inject({
    method,
    url: `/api/2.0/mlflow/${path}`,
    ...(body === undefined ? {} : { headers: json, payload: body }),
  });
  return { status: response.statusCode, body: response.json() };
}

async function ok(path: string, body?: object | string): Promise<Body> {
  const { status, body: told } = await answer(body === undefined ? 'GET' : 'POST', path, body);
  assert.equal(status, 200, `${path}: ${JSON.stringify(told)}`);
  return told;
}

async function refused(status: number, code: string, message: RegExp, path: string, body?: object | string): Promise<void> {
  const told = await answer(body === undefined ? 'GET' : 'POST', path, body);
  assert.deepEqual([told.status, told.body.error_code], [status, code], `${path}: ${JSON.stringify(told.body)}`);
  assert.match(told.body.message, message);
}

const INVALID = [400, 'INVALID_PARAMETER_VALUE'] as const;
const ABSENT = [404, 'RESOURCE_DOES_NOT_EXIST'] as const;

async function newRun(more: object = {}): Promise<string> {
  return (await ok('runs/create', { experiment_id: '0', ...more })).run.info.run_id;
}

test('experiment 0 is there from the beginning', async () => {
  const { experiment } = await ok('experiments/get?experiment_id=0');
  assert.deepEqual(
    [experiment.experiment_id, experiment.name, experiment.artifact_location, experiment.lifecycle_stage],
    ['0', 'Default', 'mlflow-artifacts:/0', 'active'],
  );
});

test('an experiment is made, found, renamed, deleted with its runs and restored', async () => {
  const tags = [{ key: 'team', value: 'mail' }];
  const { experiment_id: id } = await ok('experiments/create', { name: 'life', artifact_location: 's3://bucket/x/', tags });
  const { experiment } = await ok('experiments/get-by-name?experiment_name=life');
  assert.deepEqual([experiment.experiment_id, experiment.artifact_location, experiment.tags], [id, 's3://bucket/x', tags]);
  const [kept, fallen] = [await newRun({ experiment_id: id }), await newRun({ experiment_id: id })];
  assert.equal((await ok(`runs/get?run_id=${kept}`)).run.info.artifact_uri, `s3://bucket/x/${kept}/artifacts`);
  await ok('runs/delete', { run_id: fallen });
  await ok('runs/delete', { run_id: fallen });
  await refused(400, 'RESOURCE_ALREADY_EXISTS', /^Experiment\(name=life\) already exists\.$/, 'experiments/create', { name: 'life' });
  await refused(...INVALID, /'artifact_location'|artifact location/, 'experiments/create', { name: 'out', artifact_location: '../x' });
  await ok('experiments/update', { experiment_id: id, new_name: 'lives' });
  await refused(...ABSENT, /^Could not find experiment with name 'life'$/, 'experiments/get-by-name?experiment_name=life');
  await ok('experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' });
  await ok('experiments/delete-experiment-tag', { experiment_id: id, key: 'k' });
  await refused(...ABSENT, /^No tag with name: k in experiment/, 'experiments/delete-experiment-tag', { experiment_id: id, key: 'k' });
  await ok('experiments/delete', { experiment_id: id });
  await refused(...ABSENT, new RegExp(`^No Experiment with id=${id} exists$`), 'experiments/delete', { experiment_id: id });
  await refused(...INVALID, /must be in the 'active' state/, 'runs/create', { experiment_id: id });
  await refused(...INVALID, /must be in the 'active' state. Current state is deleted/, 'runs/set-tag', {
    run_id: kept,
    key: 'a',
    value: '',
  });
  assert.equal((await ok(`experiments/get?experiment_id=${id}`)).experiment.lifecycle_stage, 'deleted');
  await ok('experiments/restore', { experiment_id: id });
  await refused(...ABSENT, /No Experiment/, 'experiments/restore', { experiment_id: id });
  const stages = await Promise.all([kept, fallen].map(async (run) => (await ok(`runs/get?run_id=${run}`)).run.info.lifecycle_stage));
  assert.deepEqual(stages, ['active', 'deleted']);
});

test('a run is answered in the shape of MLflow', async () => {
  const made = (await ok('runs/create', { experiment_id: '0', user_id: 'ann', start_time: '7', run_name: 'try' })).run;
  const { run_id: id } = made.info;
  assert.match(id, /^[0-9a-f]{32}$/);
  const info = {
    run_id: id,
    run_uuid: id,
    run_name: 'try',
    experiment_id: '0',
    user_id: 'ann',
    status: 'RUNNING',
    start_time: 7,
    artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
    lifecycle_stage: 'active',
  };
  const tags = [{ key: 'mlflow.runName', value: 'try' }];
  assert.deepEqual(made, { info, data: { tags }, inputs: {} });
  assert.deepEqual((await ok(`runs/get?run_uuid=${id}`)).run, { info, data: { tags }, inputs: {}, outputs: {} });
  const ended = await ok('runs/update', { run_id: id, status: 'FINISHED', end_time: 9, run_name: 'tried' });
  assert.deepEqual(ended.run_info, { ...info, run_name: 'tried', status: 'FINISHED', end_time: 9 });
  const again = await ok('runs/update', { run_id: id, status: 1, end_time: 9 });
  assert.deepEqual(again.run_info, { ...info, run_name: 'tried' }, 'what runs again has no end');
  await ok('runs/set-tag', { run_id: id, key: 'mlflow.runName', value: 'third' });
  await ok('runs/delete-tag', { run_id: id, key: 'mlflow.runName' });
  const named = (await ok(`runs/get?run_id=${id}`)).run;
  assert.deepEqual([named.info.run_name, named.data], ['third', {}], 'a name outlives its tag');
  await refused(...ABSENT, /^No tag with name: mlflow.runName in run with id/, 'runs/delete-tag', { run_id: id, key: 'mlflow.runName' });
  await refused(...INVALID, /^Both 'run_name' argument and 'mlflow.runName' tag/, 'runs/create', {
    experiment_id: '0',
    run_name: 'a',
    tags: [{ key: 'mlflow.runName', value: 'b' }],
  });
  await refused(...INVALID, /parameter 'status'/, 'runs/update', { run_id: id, status: 'BAD' });
  await refused(...ABSENT, /^Run with id=none not found$/, 'runs/get?run_id=none');
});

test('a batch is kept whole or not at all', async () => {
  const run = await newRun();
  const logBatch = (more: object): object => ({ run_id: run, ...more });
  await ok(
    'runs/log-batch',
    logBatch({
      params: [{ key: 'p', value: '1' }],
      tags: [
        { key: 't', value: 'a' },
        { key: 't', value: 'b' },
      ],
    }),
  );
  const metrics = [{ key: 'm', value: 1, timestamp: 1 }];
  for (const [message, batch] of [
    [
      /^Changing param values is not allowed. Params were already logged='\[\{'key': 'p', 'old_value': '1', 'new_value': '2'\}\]'/,
      { metrics, params: [{ key: 'p', value: '2' }] },
    ],
    [
      /^Duplicate parameter keys have been submitted: \['d'\]/,
      {
        metrics,
        params: [
          { key: 'd', value: '1' },
          { key: 'd', value: '1' },
        ],
      },
    ],
    [/^Missing value for required parameter 'metrics\[1\].value'/, { metrics: [...metrics, { key: 'n', timestamp: 1 }] }],
    [/parameter 'metrics\[0\].name' supplied: Names may only contain/, { metrics: [{ key: 'a$', value: 1, timestamp: 1 }] }],
    [/^'Metric name' exceeds the maximum length of 250/, { metrics: [{ key: 'a'.repeat(251), value: 1, timestamp: 1 }] }],
    [
      /at most 1000 metrics. Got 1001 metrics/,
      { metrics: Array.from({ length: 1001 }, (_, step) => ({ key: 'm', value: 1, timestamp: 1, step })) },
    ],
    [/must be a nonnegative long/, { metrics: [{ key: 'm', value: 1, timestamp: -1 }] }],
  ] as const)
    await refused(...INVALID, message, 'runs/log-batch', logBatch({ ...batch, tags: [{ key: 'late', value: '' }] }));
  await refused(404, 'RESOURCE_DOES_NOT_EXIST', /Logged model with ID 'm-x' not found/, 'runs/log-metric', {
    run_id: run,
    ...metrics[0],
    model_id: 'm-x',
  });
  await refused(...INVALID, /Param with key='p' was already logged with value='1'/, 'runs/log-parameter', {
    run_id: run,
    key: 'p',
    value: '2',
  });
  await ok('runs/log-parameter', { run_id: run, key: 'p', value: '1' });
  const { data } = (await ok(`runs/get?run_id=${run}`)).run;
  assert.deepEqual([data.params, data.metrics], [[{ key: 'p', value: '1' }], undefined]);
  assert.deepEqual(
    data.tags.filter((tag: Body) => tag.key !== 'mlflow.runName'),
    [{ key: 't', value: 'b' }],
  );
});

test('NaN and infinities go in bare or as text, and come back as text; a point sent again counts once', async () => {
  const run = await newRun();
  for (let again = 0; again < 2; again++) {
    await ok('runs/log-metric', `{"run_id":"${run}","key":"m","value":NaN,"timestamp":1,"step":2}`);
    await ok('runs/log-metric', { run_id: run, key: 'm', value: '-Infinity', timestamp: 1, step: 1 });
    await ok('runs/log-metric', `{"run_id":"${run}","key":"m","value":Infinity,"timestamp":"1"}`);
  }
  const point = (value: string, step: number): object => ({ key: 'm', value, timestamp: 1, step });
  const all = [point('Infinity', 0), point('-Infinity', 1), point('NaN', 2)];
  const path = `metrics/get-history?run_id=${run}&metric_key=m`;
  assert.deepEqual(await ok(path), { metrics: all });
  const first = await ok(`${path}&max_results=2`);
  assert.deepEqual(first.metrics, all.slice(0, 2));
  assert.deepEqual(await ok(`${path}&max_results=2&page_token=${first.next_page_token}`), { metrics: all.slice(2) });
  await refused(...INVALID, /^Invalid page token/, `${path}&page_token=x`);
  await refused(...ABSENT, /not found/, 'metrics/get-history?run_id=none&metric_key=m');
  assert.deepEqual((await ok(`runs/get?run_id=${run}`)).run.data.metrics, [point('NaN', 2)]);
  const found = async (filter: string): Promise<number> =>
    ((await ok('runs/search', { experiment_ids: ['0'], filter: `run_id = '${run}' AND ${filter}` })).runs ?? []).length;
  assert.deepEqual([await found('metrics.m > -1'), await found('metrics.m != 0'), await found('metrics_max.m > 1e300')], [0, 1, 1]);
});

test('series of many runs are sampled evenly, with the ends of each', async () => {
  const runs = [await newRun(), await newRun()];
  for (const [at, run] of runs.entries()) {
    const metrics = Array.from({ length: 500 }, (_, step) => ({ key: 'loss', value: step / 10, timestamp: step, step: step * 2 + at }));
    await ok('runs/log-batch', { run_id: run, metrics });
  }
  const query = `metrics/get-history-bulk-interval?${runs.map((run) => `run_ids=${run}`).join('&')}&metric_key=loss`;
  const { metrics } = await ok(`${query}&max_results=10`);
  const steps = (run: string | undefined): number[] => metrics.filter((each: Body) => each.run_id === run).map((each: Body) => each.step);
  assert.deepEqual(steps(runs[0]), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 998]);
  assert.deepEqual(steps(runs[1]), [1, 999]);
  assert.equal((await ok(`${query}&start_step=10&end_step=13`)).metrics.length, 4);
  await refused(...INVALID, /both must be specified/, `${query}&start_step=10`);
  await refused(...INVALID, /max_results/, `${query}&max_results=2501`);
  await refused(...INVALID, /'run_ids'/, 'metrics/get-history-bulk-interval?metric_key=loss');
});

test('runs are searched page by page to the end; a bad search is told with its place', async () => {
  const { experiment_id: experiment } = await ok('experiments/create', { name: 'search' });
  for (let at = 0; at < 7; at++) {
    const run = await newRun({ experiment_id: experiment, run_name: `r${at}`, start_time: at + 1 });
    await ok('runs/log-metric', { run_id: run, key: 'm', value: at % 3, timestamp: 1 });
    await ok('runs/log-inputs', {
      run_id: run,
      datasets: ['training', 'evaluation'].map((context) => ({
        tags: [{ key: 'mlflow.data.context', value: context }],
        dataset: { name: 'mail', digest: `d${at % 2}`, source_type: 'local', source: '{}' },
      })),
    });
  }
  const query = {
    experiment_ids: [experiment],
    filter: "datasets.digest = 'd0'",
    order_by: ['metrics.m DESC', 'start_time ASC'],
    max_results: 3,
  };
  const first = await ok('runs/search', query);
  const second = await ok('runs/search', { ...query, page_token: first.next_page_token });
  const names = [...first.runs, ...second.runs].map((each: Body) => each.info.run_name);
  assert.deepEqual([names, second.next_page_token], [['r2', 'r4', 'r0', 'r6'], undefined]);
  assert.equal(first.runs[0].inputs.dataset_inputs.length, 2, 'a second context is kept');
  assert.equal((await ok('experiments/search-datasets', { experiment_ids: [experiment] })).dataset_summaries.length, 4);
  assert.deepEqual(await ok('runs/search', { experiment_ids: [] }), {});
  await refused(...INVALID, /^Invalid page token, could not base64-decode$/, 'runs/search', {
    ...query,
    filter: '',
    page_token: first.next_page_token,
  });
  await refused(...INVALID, /^Invalid experiment ID 'abc'. Experiment ID must be a valid integer.$/, 'runs/search', {
    experiment_ids: ['abc'],
  });
  await refused(...INVALID, /^Invalid clause\(s\) in filter string: .*\(at character 15 of the filter\)\.$/, 'runs/search', {
    ...query,
    filter: 'metrics.m > 1 metrics.m < 3',
  });
  await refused(...INVALID, /^Invalid order_by clause/, 'runs/search', { ...query, order_by: ['metrics.m DESC, x'] });
  for (const max_results of [0, 50_001]) await refused(...INVALID, /max_results/, 'runs/search', { ...query, max_results });
  const experiments = await ok('experiments/search', { filter: "name = 'search'", order_by: ['name DESC'] });
  assert.deepEqual(
    experiments.experiments.map((each: Body) => each.experiment_id),
    [experiment],
  );
});

test('descriptions of models of older clients are a list under a tag', async () => {
  const run = await newRun();
  const description = (path: string): string => JSON.stringify({ artifact_path: path, flavors: {}, run_id: run, utc_time_created: 'x' });
  for (const path of ['a', 'b']) await ok('runs/log-model', { run_id: run, model_json: description(path) });
  const { tags } = (await ok(`runs/get?run_id=${run}`)).run.data;
  const { value } = tags.find((tag: Body) => tag.key === 'mlflow.log-model.history');
  assert.deepEqual(
    JSON.parse(value).map((each: Body) => each.artifact_path),
    ['a', 'b'],
  );
  await refused(...INVALID, /^Malformed model info/, 'runs/log-model', { run_id: run, model_json: '[' });
  await refused(...INVALID, /^Model json is missing mandatory fields: flavors/, 'runs/log-model', {
    run_id: run,
    model_json: '{"artifact_path":"a","run_id":"r","utc_time_created":"x"}',
  });
});

test('a run of MLflow is a run of the native API', async () => {
  const run = await newRun({ run_name: 'both', user_id: 'ann' });
  await ok('runs/log-batch', { run_id: run, metrics: [{ key: 'm', value: 0.5, timestamp: 1 }], params: [{ key: 'p', value: '1' }] });
  const native = await stand.call('GET', `/runs/${run}`);
  assert.deepEqual([native.run.name, native.run.user, native.run.params, native.metrics[0].value], ['both', 'ann', { p: '1' }, 0.5]);
  const made = await stand.call('POST', '/runs', { experiment: 'search', name: 'native', tags: { a: 'b' } });
  const { info, data } = (await ok(`runs/get?run_id=${made.id}`)).run;
  assert.deepEqual([info.run_name, info.status, data.tags], ['native', 'RUNNING', [{ key: 'a', value: 'b' }]]);
  await ok('runs/delete', { run_id: made.id });
  const { items } = await stand.call('GET', '/runs?experiment=search');
  assert.ok(
    items.every((each: Body) => each.id !== made.id),
    'lists leave out what is deleted',
  );
});
