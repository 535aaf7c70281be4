import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

async function ask(method: Method, path: string, fields: Readonly<Record<string, unknown>> = {}): Promise<readonly [number, Body]> {
  const query = Object.entries(fields).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [key, String(one)]),
  );
  const response = await stand.server.inject({
    method,
    url: `/api/2.0/mlflow/${path}${method === 'GET' ? `?${new URLSearchParams(query).toString()}` : ''}`,
    ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(fields) }),
  });
  return [response.statusCode, response.json<Body>()];
}

async function call(method: Method, path: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Body> {
  const [status, body] = await ask(method, path, fields);
  assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(body)}`);
  return body;
}

async function refuse(
  expected: readonly [number, string, RegExp],
  method: Method,
  path: string,
  fields: Readonly<Record<string, unknown>> = {},
) {
  const [status, body] = await ask(method, path, fields);
  assert.deepEqual([status, body.error_code], expected.slice(0, 2), JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ['error_code', 'message']);
  assert.match(body.message, expected[2]);
}

test('answers hold just what MLflow’s hold: versions as strings, what is unset left out', async () => {
  const { registered_model: made } = await call('POST', 'registered-models/create', {
    name: 'shape',
    tags: [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ],
  });
  assert.deepEqual(Object.keys(made), ['name', 'creation_timestamp', 'last_updated_timestamp', 'tags']);
  assert.deepEqual(made.tags, [{ key: 'a', value: '2' }]);
  const { model_version: version } = await call('POST', 'model-versions/create', { name: 'shape', source: 's3://b/m' });
  const { creation_timestamp: created, last_updated_timestamp: updated, ...rest } = version;
  assert.deepEqual([typeof created, typeof updated], ['number', 'number']);
  const shown = {
    name: 'shape',
    version: '1',
    current_stage: 'None',
    description: '',
    source: 's3://b/m',
    run_id: '',
    run_link: '',
    status: 'READY',
  };
  assert.deepEqual(rest, shown);
  assert.deepEqual(await call('POST', 'registered-models/alias', { name: 'shape', alias: 'Best', version: '1' }), {});
  const { registered_model: model } = await call('GET', 'registered-models/get', { name: 'shape' });
  assert.deepEqual(model.aliases, [{ alias: 'Best', version: '1' }]);
  assert.equal(model.latest_versions[0].aliases, undefined);
  assert.deepEqual((await call('GET', 'model-versions/get', { name: 'shape', version: '1' })).model_version.aliases, ['Best']);
  assert.deepEqual(await call('GET', 'model-versions/search', { filter: "name = 'nothing'" }), {});
  assert.deepEqual(await call('POST', 'registered-models/get-latest-versions', { name: 'shape', stages: ['production'] }), {});
  const latest = await call('GET', 'registered-models/get-latest-versions', { name: 'shape' });
  assert.deepEqual(latest.model_versions[0].aliases, ['Best']);
  assert.deepEqual(await call('GET', 'model-versions/get-download-uri', { name: 'shape', version: '1' }), { artifact_uri: 's3://b/m' });
});

test('a description stays when it is not sent, and goes when it is sent empty', async () => {
  await call('POST', 'registered-models/create', { name: 'text', description: 'words' });
  await call('PATCH', 'registered-models/update', { name: 'text' });
  assert.equal((await call('GET', 'registered-models/get', { name: 'text' })).registered_model.description, 'words');
  await call('PATCH', 'registered-models/update', { name: 'text', description: '' });
  assert.equal((await call('GET', 'registered-models/get', { name: 'text' })).registered_model.description, undefined);
});

test('R sends everything as a string; stages in any case', async () => {
  await call('POST', 'registered-models/create', { name: 'r' });
  for (let count = 0; count < 2; count++) await call('POST', 'model-versions/create', { name: 'r', source: 's3://b/m' });
  const move = (version: string, archive: string) =>
    call('POST', 'model-versions/transition-stage', { name: 'r', version, stage: 'STAGING', archive_existing_versions: archive });
  await move('1', 'FALSE');
  assert.equal((await move('2', 'TRUE')).model_version.current_stage, 'Staging');
  const { model_versions: all } = await call('GET', 'model-versions/search', { filter: "name='r'", order_by: ['version_number ASC'] });
  assert.deepEqual(
    all.map((one: Body) => one.current_stage),
    ['Archived', 'Staging'],
  );
});

test('pages hold every row once; a token of another query is refused', async () => {
  await call('POST', 'registered-models/create', { name: 'pages' });
  for (let count = 0; count < 7; count++)
    await call('POST', 'model-versions/create', { name: 'pages', source: 's3://b/m', run_id: `r${count % 2}` });
  const seen: string[] = [];
  let token: string | undefined;
  do {
    const page = await call('GET', 'model-versions/search', {
      filter: "name = 'pages'",
      max_results: 3,
      ...(token === undefined ? {} : { page_token: token }),
    });
    seen.push(...page.model_versions.map((one: Body) => one.version));
    token = page.next_page_token;
  } while (token !== undefined);
  assert.deepEqual(seen.toSorted(), ['1', '2', '3', '4', '5', '6', '7']);
  const { next_page_token: first } = await call('GET', 'model-versions/search', { filter: "name = 'pages'", max_results: 3 });
  await refuse([400, 'INVALID_PARAMETER_VALUE', /./], 'GET', 'model-versions/search', {
    filter: "run_id = 'r1'",
    max_results: 3,
    page_token: first,
  });
});

test('what is refused, in MLflow’s words and never as a failure of the server', async () => {
  await call('POST', 'registered-models/create', { name: 'bad' });
  await call('POST', 'model-versions/create', { name: 'bad', source: 's3://b/m' });
  const invalid = (message: RegExp) => [400, 'INVALID_PARAMETER_VALUE', message] as const;
  const absent = (message: RegExp) => [404, 'RESOURCE_DOES_NOT_EXIST', message] as const;
  const v1 = { name: 'bad', version: '1' };
  await refuse([400, 'RESOURCE_ALREADY_EXISTS', /^Registered Model \(name=bad\) already exists\.$/], 'POST', 'registered-models/create', {
    name: 'bad',
  });
  const prompt = [{ key: 'mlflow.prompt.is_prompt', value: 'true' }];
  await refuse([400, 'RESOURCE_ALREADY_EXISTS', /prompt with name 'bad'.*registered model/], 'POST', 'registered-models/create', {
    name: 'bad',
    tags: prompt,
  });
  await refuse(absent(/^Registered Model with name=none not found$/), 'GET', 'registered-models/get', { name: 'none' });
  await refuse(absent(/^Model Version \(name=bad, version=9\) not found$/), 'GET', 'model-versions/get', { name: 'bad', version: '9' });
  await refuse(invalid(/^Parameter 'version' must be an integer, got 'abc'\.$/), 'GET', 'model-versions/get', {
    name: 'bad',
    version: 'abc',
  });
  await refuse(invalid(/Missing value for required parameter 'source'/), 'POST', 'model-versions/create', { name: 'bad' });
  await refuse(invalid(/Invalid model version source: 's3:\/\/b'/), 'POST', 'model-versions/create', { name: 'bad', source: 's3://b' });
  await refuse(invalid(/Invalid model version source: 'file:\/\/\/etc\/passwd'/), 'POST', 'model-versions/create', {
    name: 'bad',
    source: 'file:///etc/passwd',
  });
  await refuse(absent(/Logged model with ID/), 'POST', 'model-versions/create', { name: 'bad', source: `models:/m-${'0'.repeat(32)}` });
  await refuse(invalid(/^Registered model alias none not found\.$/), 'GET', 'registered-models/alias', { name: 'bad', alias: 'none' });
  await refuse(invalid(/^Version alias name 'V1' is reserved\.$/), 'POST', 'registered-models/alias', { ...v1, alias: 'V1' });
  await refuse(invalid(/^'latest' alias name \(case insensitive\) is reserved\.$/), 'POST', 'registered-models/alias', {
    ...v1,
    alias: 'LATEST',
  });
  await refuse(invalid(/Invalid Model Version stage: prod\./), 'POST', 'model-versions/transition-stage', { ...v1, stage: 'prod' });
  await refuse(
    invalid(/cannot archive existing model versions because 'None' is not an Active stage/),
    'POST',
    'model-versions/transition-stage',
    {
      ...v1,
      stage: 'None',
      archive_existing_versions: true,
    },
  );
  await refuse(invalid(/at most 1000, but got value 1001/), 'GET', 'registered-models/search', { max_results: 1001 });
  await refuse(invalid(/positive integer, but got 0/), 'GET', 'model-versions/search', { max_results: 0 });
  await refuse(invalid(/Invalid attribute key 'stage'/), 'GET', 'model-versions/search', { filter: "stage = 'x'" });
  await refuse(invalid(/Invalid order by key 'run_id'/), 'GET', 'model-versions/search', { order_by: ['run_id'] });
  await refuse(invalid(/'value' exceeds the maximum length of 100000/), 'POST', 'registered-models/set-tag', {
    name: 'bad',
    key: 'k',
    value: 'x'.repeat(100_001),
  });
  await refuse(absent(/^Webhook with ID none not found\.$/), 'GET', 'webhooks/none');
  await refuse(invalid(/Missing value for required parameter 'events'/), 'POST', 'webhooks', { name: 'w', url: 'http://127.0.0.1:1/' });
  await refuse(invalid(/Invalid action 'set' for entity 'model_version'/), 'POST', 'webhooks', {
    name: 'w',
    url: 'http://127.0.0.1:1/',
    events: [{ entity: 'MODEL_VERSION', action: 'SET' }],
  });
});

test('a webhook’s secret is taken and never shown; enums by number too', async () => {
  const { webhook } = await call('POST', 'webhooks', {
    name: 'w',
    url: 'http://127.0.0.1:1/',
    events: [{ entity: 2, action: 1 }],
    secret: 'sesame',
  });
  assert.deepEqual(webhook.events, [{ entity: 'MODEL_VERSION', action: 'CREATED' }]);
  const { webhooks } = await call('GET', 'webhooks');
  assert.deepEqual(webhooks, [webhook]);
  assert.ok(!JSON.stringify(webhooks).includes('sesame'));
  assert.equal((await call('PATCH', `webhooks/${webhook.webhook_id}`, { status: 'DISABLED' })).webhook.status, 'DISABLED');
  const { result } = await call('POST', `webhooks/${webhook.webhook_id}/test`);
  assert.equal(result.success, false);
  assert.match(result.error_message, /nothing listens there/);
  assert.deepEqual(await call('DELETE', `webhooks/${webhook.webhook_id}`), {});
});

test('one record, two protocols: a package registered by the native API is loaded over MLflow’s, and its gate is asked there too', async () => {
  const rows = Array.from({ length: 400 }, (_, row) => (row % 2 === 0 ? '1,true' : '-1,false'));
  await stand.call('POST', '/datasets/held-out/versions', { manifest: await stand.store({ 'rows.csv': `x,spam\n${rows.join('\n')}\n` }) });
  const parts = { gates: [{ name: 'gate', model: 'filter', label: 'spam', floors: { f1: 0.8, max_false_positive_rate: '5%' } }] };
  await stand.call('POST', '/apply', { project: { name: 'test', root: '/srv/project', parts } });
  const MLmodel = JSON.stringify({ flavors: { onnx: { data: 'model.onnx', onnx_version: '1.17.0' } } });
  const manifest = await stand.store({ MLmodel, 'model.onnx': toLogisticOnnx({ x: 8 }, 0) });
  await stand.call('POST', '/models/filter/versions', { manifest, evaluation: 'held-out', description: 'native' });

  const v1 = { name: 'filter', version: '1' };
  assert.equal((await call('GET', 'model-versions/get', v1)).model_version.description, 'native');
  const { artifact_uri: uri } = await call('GET', 'model-versions/get-download-uri', v1);
  const path = uri.replace('mlflow-artifacts:/', '');
  const listed = await stand.server.inject({ url: `/api/2.0/mlflow-artifacts/artifacts?path=${path}` });
  assert.deepEqual(
    listed.json<Body>().files.map((file: Body) => file.path),
    ['MLmodel', 'model.onnx'],
  );
  assert.equal((await stand.server.inject({ url: `/api/2.0/mlflow-artifacts/artifacts/${path}/MLmodel` })).body, MLmodel);

  for (const method of ['PUT', 'DELETE'] as const) {
    for (const below of [`${path}/MLmodel`, `${path}/more`, path.split('/')[0]]) {
      const { statusCode } = await stand.server.inject({
        method,
        url: `/api/2.0/mlflow-artifacts/artifacts/${below}`,
        ...(method === 'PUT' ? { payload: 'x' } : {}),
      });
      assert.equal(statusCode, 400, `${method} ${below}`);
    }
  }

  const denied = [403, 'PERMISSION_DENIED', /its gate says nothing yet/] as const;
  await refuse(denied, 'POST', 'model-versions/transition-stage', { ...v1, stage: 'Production' });
  await refuse(denied, 'POST', 'registered-models/alias', { ...v1, alias: 'champion' });
  const governed = [403, 'PERMISSION_DENIED', /governed by a project/] as const;
  await refuse(governed, 'DELETE', 'registered-models/delete', { name: 'filter' });
  await refuse(governed, 'POST', 'registered-models/rename', { name: 'filter', new_name: 'free' });
  await stand.call('POST', '/gates/filter/decisions', { candidate: 1 });
  assert.equal(
    (await call('POST', 'model-versions/transition-stage', { ...v1, stage: 'production' })).model_version.current_stage,
    'Production',
  );
  assert.equal((await stand.call('GET', '/models/filter/versions/Production')).version, 1);
});

test('the native API changes, renames and deletes the same records', async () => {
  await call('POST', 'registered-models/create', { name: 'it is', tags: [{ key: 'a', value: '1' }] });
  await call('POST', 'model-versions/create', { name: 'it is', source: 's3://b/m' });
  const path = '/models/it%20is';
  const changed = await stand.call('PUT', path, { description: 'words', tags: { a: null, b: '2' } });
  assert.deepEqual([changed.description, changed.tags], ['words', { b: '2' }]);
  const version = await stand.call('PUT', `${path}/versions/1`, { description: 'one', tags: { c: '3' } });
  assert.deepEqual([version.description, version.tags, version.package, version.source], ['one', { c: '3' }, null, 's3://b/m']);
  await stand.call('PUT', `${path}/aliases/best`, { version: 1 });
  await stand.call('DELETE', `${path}/aliases/best`);
  assert.equal((await stand.call('POST', `${path}/rename`, { name: 'it was' })).name, 'it was');
  await stand.refuse(404, 'model_not_found', 'GET', path);
  await stand.refuse(409, 'model_exists', 'POST', '/models/it%20was/rename', { name: 'shape' });
  await stand.call('DELETE', '/models/it%20was/versions/1');
  await stand.call('DELETE', '/models/it%20was');
  await refuse([404, 'RESOURCE_DOES_NOT_EXIST', /not found/], 'GET', 'registered-models/get', { name: 'it was' });
});
