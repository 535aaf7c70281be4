import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;
let run: string;

before(async () => {
  stand = await startStand();
  await ask('POST', 'experiments/create', { name: 'models' });
  run = (await ask('POST', 'runs/create', { experiment_id: '1' })).run.info.run_id;
});
after(() => stand.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

async function answer(method: Method, path: string, body?: object): Promise<readonly [number, Body]> {
  const headers = { 'content-type': 'application/json' };
  const payload = body === undefined ? {} : { payload: body };
  const response = await stand.server.inject({ method, url: `/api/2.0/mlflow/${path}`, headers, ...payload });
  return [response.statusCode, response.json()];
}

async function ask(method: Method, path: string, body?: object): Promise<Body> {
  const [status, told] = await answer(method, path, body);
  assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(told)}`);
  return told;
}

async function refuse(method: Method, path: string, body?: object): Promise<readonly [number, string, string]> {
  const [status, { error_code: code, message }] = await answer(method, path, body);
  return [status, code, message];
}

const create = async (body: object = {}): Promise<Body> => (await ask('POST', 'logged-models', { experiment_id: '1', ...body })).model;

test('a logged model from its first call to its last', async () => {
  const texts = [{ key: 'k', value: 'v' }];
  const { info, data } = await create({ name: 'clf', model_type: 'sklearn', source_run_id: run, params: texts, tags: texts });
  const id = info.model_id;
  assert.match(id, /^m-[0-9a-f]{32}$/);
  const { creation_timestamp_ms: at } = info;
  assert.deepEqual(info, {
    model_id: id,
    experiment_id: '1',
    name: 'clf',
    creation_timestamp_ms: at,
    last_updated_timestamp_ms: at,
    artifact_uri: `mlflow-artifacts:/1/models/${id}/artifacts`,
    status: 'LOGGED_MODEL_PENDING',
    model_type: 'sklearn',
    source_run_id: run,
    tags: texts,
  });
  assert.deepEqual(data, { params: texts });
  const done = await ask('PATCH', `logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
  assert.equal(done.model.info.status, 'LOGGED_MODEL_READY');
  assert.equal((await ask('PATCH', `logged-models/${id}`, { status: 3 })).model.info.status, 'LOGGED_MODEL_UPLOAD_FAILED');
  await ask('PATCH', `logged-models/${id}/tags`, { model_id: id, tags: [{ key: 'a/b', value: '2' }] });
  await ask('DELETE', `logged-models/${id}/tags/k`);
  await ask('POST', `logged-models/${id}/params`, { model_id: id, params: [...texts, { key: 'p' }] });
  const { model } = await ask('GET', `logged-models/${id}`);
  assert.deepEqual(model.info.tags, [{ key: 'a/b', value: '2' }]);
  assert.deepEqual(model.data.params, [...texts, { key: 'p', value: '' }]);
  await ask('DELETE', `logged-models/${id}/tags/a%2Fb`);
  assert.deepEqual(await ask('DELETE', `logged-models/${id}`), {});
  assert.deepEqual(await refuse('GET', `logged-models/${id}`), [404, 'RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${id}' not found.`]);
  assert.equal((await refuse('DELETE', `logged-models/${id}`))[0], 404);
  assert.equal((await ask('GET', `logged-models/${id}?allow_deleted=true`)).model.info.name, 'clf');
});

test('a name is invented, or refused', async () => {
  assert.match((await create()).info.name, /^[a-z]+-[a-z]+-[0-9]+$/);
  for (const name of ['a/b', 'a:b', 'a.b', '100%', `it's`]) {
    const [status, code, message] = await refuse('POST', 'logged-models', { experiment_id: '1', name });
    assert.deepEqual([status, code], [400, 'INVALID_PARAMETER_VALUE']);
    assert.ok(message.startsWith(`Invalid model name (${JSON.stringify(name)}) provided.`), message);
  }
  assert.deepEqual(await refuse('POST', 'logged-models', { experiment_id: '77' }), [
    404,
    'RESOURCE_DOES_NOT_EXIST',
    'No Experiment with id=77 exists',
  ]);
  assert.equal(
    (await refuse('POST', 'logged-models', { name: 'a' }))[2].split('. ')[0],
    `Missing value for required parameter 'experiment_id'`,
  );
});

test('what a model does not take', async () => {
  const { info } = await create({ params: [{ key: 'p', value: '1' }] });
  const path = `logged-models/${info.model_id}`;
  assert.equal((await refuse('PATCH', path, { status: 'BAD' }))[0], 400);
  assert.equal((await refuse('PATCH', path, {}))[0], 400);
  assert.equal((await refuse('DELETE', `${path}/tags/none`))[0], 404);
  const [status, , message] = await refuse('POST', `${path}/params`, { params: [{ key: 'p', value: '2' }] });
  assert.equal(status, 400);
  assert.match(message, /^Changing param values is not allowed\. Param with key='p' was already logged with value='1'/);
  assert.equal((await refuse('POST', `${path}/params`, { params: [{ key: '../p', value: '2' }] }))[0], 400);
  assert.equal((await refuse('GET', `logged-models/m-${'0'.repeat(32)}`))[0], 404);
});

test('a metric of a run with a model’s id is the model’s too, once, also NaN', async () => {
  const { info } = await create({ name: 'measured', source_run_id: run });
  const metric = { key: 'loss', value: 'NaN', timestamp: 5, step: 1, model_id: info.model_id, dataset_name: 'd', dataset_digest: '1' };
  for (let time = 0; time < 2; time++) await ask('POST', 'runs/log-metric', { run_id: run, ...metric });
  await ask('POST', 'runs/log-batch', { run_id: run, metrics: [{ ...metric, value: 0.5, step: 2 }, metric] });
  const { model } = await ask('GET', `logged-models/${info.model_id}`);
  const { model_id: id, ...same } = metric;
  assert.deepEqual(model.data.metrics, [
    { ...same, model_id: id, run_id: run },
    { ...same, value: 0.5, step: 2, model_id: id, run_id: run },
  ]);
  assert.equal((await ask('GET', `metrics/get-history?run_id=${run}&metric_key=loss`)).metrics.length, 2);
  assert.equal((await refuse('POST', 'runs/log-metric', { run_id: run, ...metric, model_id: `m-${'0'.repeat(32)}` }))[0], 404);
  const search = async (body: object): Promise<string[]> =>
    ((await ask('POST', 'logged-models/search', { experiment_ids: ['1'], ...body })).models ?? []).map((each: Body) => each.info.name);
  assert.deepEqual(await search({ filter: "name = 'measured' AND metrics.loss < 1", datasets: [{ dataset_name: 'd' }] }), ['measured']);
  assert.deepEqual(await search({ filter: 'metrics.loss < 1', datasets: [{ dataset_name: 'other' }] }), []);
  assert.equal((await search({ order_by: [{ field_name: 'metrics.loss', ascending: false }] }))[0], 'measured');
  assert.deepEqual(await ask('POST', 'logged-models/search', { experiment_ids: [] }), {});
  assert.equal((await refuse('POST', 'logged-models/search', {}))[0], 400);
  assert.equal((await refuse('POST', 'logged-models/search', { experiment_ids: ['1'], filter: "colour = 'x'" }))[0], 400);
  assert.equal((await refuse('POST', 'logged-models/search', { experiment_ids: ['1'], order_by: [{ field_name: 'colour' }] }))[0], 400);
  const first = await ask('POST', 'logged-models/search', { experiment_ids: ['1'], max_results: 1 });
  const next = { experiment_ids: ['1'], max_results: 1, page_token: first.next_page_token };
  assert.notEqual((await search(next))[0], first.models[0].info.name);
  assert.equal((await refuse('POST', 'logged-models/search', { ...next, filter: "name = 'x'" }))[0], 400);
});

test('its files', async () => {
  const { info } = await create({ name: 'files' });
  const folder = `/api/2.0/mlflow-artifacts/artifacts/1/models/${info.model_id}/artifacts`;
  for (const name of ['MLmodel', 'code/a.py']) await stand.server.inject({ method: 'PUT', url: `${folder}/${name}`, payload: name });
  const path = `logged-models/${info.model_id}/artifacts/directories`;
  assert.deepEqual(await ask('GET', path), {
    root_uri: info.artifact_uri,
    files: [
      { path: 'MLmodel', is_dir: false, file_size: 7 },
      { path: 'code', is_dir: true },
    ],
  });
  const below = await ask('GET', `${path}?artifact_directory_path=code`);
  assert.deepEqual(below.files, [{ path: 'code/a.py', is_dir: false, file_size: 9 }]);
  const page = `/ajax-api/2.0/mlflow/logged-models/${info.model_id}/artifacts/files?artifact_file_path=code/a.py`;
  assert.equal((await stand.server.inject({ url: page })).body, 'code/a.py');
  assert.equal((await stand.server.inject({ url: page.replace('ajax-api', 'api') })).statusCode, 404);
});

test('an experiment with a root of its own has its files there', async () => {
  const made = await ask('POST', 'experiments/create', { name: 'own', artifact_location: 'mlflow-artifacts:/my/root' });
  const { info } = (await ask('POST', 'runs/create', { experiment_id: made.experiment_id })).run;
  assert.equal(info.artifact_uri, `mlflow-artifacts:/my/root/${info.run_id}/artifacts`);
  const url = (root: string): string => `/api/2.0/mlflow-artifacts/artifacts/${root}/${info.run_id}/artifacts/x`;
  await stand.server.inject({ method: 'PUT', url: url('my/root'), payload: 'mine' });
  await stand.server.inject({ method: 'PUT', url: url(made.experiment_id), payload: 'not mine' });
  const { files } = await ask('GET', `artifacts/list?run_id=${info.run_id}`);
  assert.deepEqual(files, [{ path: 'x', is_dir: false, file_size: 4 }]);
  const model = await create({ experiment_id: made.experiment_id });
  assert.equal(model.info.artifact_uri, `mlflow-artifacts:/my/root/models/${model.info.model_id}/artifacts`);
  for (const location of ['runs:/x', 's3://b/../x', 's3://b/x?y=z', 's3://b/x#y'])
    assert.equal((await refuse('POST', 'experiments/create', { name: 'bad', artifact_location: location }))[0], 400, location);
});
