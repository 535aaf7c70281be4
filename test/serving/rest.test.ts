import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { toLogisticOnnx } from './onnx-file.ts';
import type { Stand } from './stand.ts';
import { arm, routeTo, startStand, toRequest } from './stand.ts';

const features = [{ view: 'sender_activity', entity: 'sender_domain', features: ['mails_7d'] }];
const sigmoid = (z: number): number => Math.fround(1 / (1 + Math.exp(-z)));
let stand: Stand;
let featuresFail = false;
let lookedUpAt: number | undefined;

before(async () => {
  stand = await startStand({
    packages: { 3: { onnx: toLogisticOnnx({ a: 1, b: -2, mails_7d: 0.5 }, 0.25), features } },
    routes: [routeTo(arm('stable', 3)), { ...routeTo(), endpoint: 'empty' }],
    features: {
      lookup: async (_view, keys, at) => {
        if (featuresFail) throw new Error('store is away');
        lookedUpAt = at;
        return keys.map((key) => ({ mails_7d: key.length }));
      },
    },
    limits: { maxBodyBytes: 100_000 },
  });
  await stand.ready();
});

after(() => stand.close());

const domain = (...data: readonly string[]) => ({ name: 'sender_domain', shape: [data.length], datatype: 'BYTES', data });
const column = (name: string, ...data: readonly number[]) => ({ name, shape: [data.length], datatype: 'FP64', data });
const good = { inputs: [column('a', 1, 0), column('b', 0, 1), domain('x.org', 'longer.example')] };

interface Answer {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: { readonly prediction_id: string };
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly datatype: string;
    readonly data: readonly number[];
  }[];
}

test('an inference answers every output, looks features up, and is on record row by row', async () => {
  const began = Date.now();
  const response = await stand.infer({ ...good, id: 'client-1' });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  const answer = (await response.json()) as Answer;
  assert.equal(answer.model_name, 'spam');
  assert.equal(answer.model_version, '3');
  assert.equal(answer.id, 'client-1');
  assert.match(answer.parameters.prediction_id, /^[0-9a-f]{12}7[0-9a-f]{19}$/);
  assert.equal(response.headers.get('x-pawl-prediction-id'), answer.parameters.prediction_id);
  assert.deepEqual(
    answer.outputs.map(({ name, shape, datatype }) => ({ name, shape, datatype })),
    [
      { name: 'label', shape: [2], datatype: 'INT64' },
      { name: 'probability', shape: [2, 1], datatype: 'FP32' },
    ],
  );
  const [label, probability] = answer.outputs;
  assert.deepEqual(label?.data, [1, 1]);
  const expected = [sigmoid(1 + 0.5 * 5 + 0.25), sigmoid(-2 + 0.5 * 14 + 0.25)];
  probability?.data.forEach((value, row) => assert.ok(Math.abs(value - (expected[row] ?? NaN)) < 1e-6));
  const records = stand.records.filter((record) => record.id === answer.parameters.prediction_id);
  assert.deepEqual(
    records.map((record) => record.inputs),
    [
      { a: 1, b: 0, sender_domain: 'x.org', mails_7d: 5 },
      { a: 0, b: 1, sender_domain: 'longer.example', mails_7d: 14 },
    ],
  );
  assert.deepEqual(
    records.map((record) => record.outputs),
    [0, 1].map((row) => ({ label: 1, probability: probability?.data[row] })),
  );
  const [record] = records;
  assert.deepEqual([record?.code, record?.version, record?.arm, record?.requestId, record?.rollout], ['ok', 3, 'stable', 'client-1', null]);
  assert.ok(record !== undefined && record.latencyMs > 0 && record.time >= began && record.time <= Date.now());
  assert.equal(lookedUpAt, record.time);
});

test('outputs asked for come alone and in order; without an id the prediction id stands in', async () => {
  const answer = (await (await stand.infer({ ...good, outputs: [{ name: 'probability' }] })).json()) as Answer;
  assert.deepEqual(
    answer.outputs.map((output) => output.name),
    ['probability'],
  );
  assert.equal(answer.id, answer.parameters.prediction_id);
  const both = (await (await stand.infer({ ...good, outputs: [{ name: 'probability' }, { name: 'label' }] })).json()) as Answer;
  assert.deepEqual(
    both.outputs.map((output) => output.name),
    ['probability', 'label'],
  );
});

test('NaN goes in as null and comes out as null', async () => {
  const answer = (await (await stand.infer(JSON.stringify(good).replace('"data":[1,0]', '"data":[NaN,null]'))).json()) as Answer;
  assert.deepEqual(answer.outputs[1]?.data, [null, null]);
});

test('health and metadata', async () => {
  const get = async (path: string) => {
    const response = await fetch(stand.url + path);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await get('/v2/health/live'), [200, { live: true }]);
  assert.deepEqual(await get('/v2/health/ready'), [200, { ready: true, live: true }]);
  assert.deepEqual(await get('/v2'), [200, { name: 'pawl', version: '0.1.0', extensions: EXTENSIONS }]);
  assert.deepEqual(await get('/v2/models'), [200, { models: ['empty', 'spam'] }]);
  assert.deepEqual(await get('/v2/models/spam/ready'), [200, { name: 'spam', ready: true }]);
  const metadata = {
    name: 'spam',
    versions: ['3'],
    platform: 'onnx_onnxv1',
    inputs: [
      { name: 'a', datatype: 'FP32', shape: [-1, 1] },
      { name: 'b', datatype: 'FP32', shape: [-1, 1] },
      { name: 'sender_domain', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probability', datatype: 'FP32', shape: [-1, 1] },
    ],
    properties: { model: 'spam-filter', engine: 'pawl' },
  };
  assert.deepEqual(await get('/v2/models/spam'), [200, metadata]);
  assert.deepEqual(await get('/v2/models/spam/versions/3'), [200, metadata]);
});

test('a version can be named; it must be one that is served', async () => {
  assert.equal((await stand.infer(good, {}, '/v2/models/spam/versions/3/infer')).status, 200);
  assert.equal((await stand.infer(good, {}, '/v2/models/spam/versions/2/infer')).status, 404);
});

interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly error: RegExp;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Code in the record, when an arm was chosen. */
  readonly recorded?: string;
}

const EXTENSIONS = ['binary_tensor_data', 'classification', 'model_configuration', 'model_repository', 'parameters', 'statistics'];

const refusals: readonly Refusal[] = [
  { name: 'no JSON', body: '{"inputs":', status: 400, error: /not JSON/ },
  { name: 'an empty body', body: '', status: 400, error: /empty/ },
  { name: 'no object', body: [1], status: 400, error: /JSON object/ },
  { name: 'a missing tensor', body: { inputs: good.inputs.slice(1) }, status: 400, error: /"a" is missing/, recorded: 'tensor_missing' },
  {
    name: 'an unknown tensor',
    body: { inputs: [...good.inputs, column('z', 1, 2)] },
    status: 400,
    error: /"z"/,
    recorded: 'tensor_unknown',
  },
  { name: 'a looked-up feature', body: { inputs: [...good.inputs, column('mails_7d', 1, 2)] }, status: 400, error: /"mails_7d"/ },
  {
    name: 'a wrong datatype',
    body: { inputs: [domain('x', 'y'), column('a', 1, 2), { ...column('b', 1, 2), datatype: 'INT64' }] },
    status: 400,
    error: /"b": expected datatype FP32, got INT64/,
  },
  {
    name: 'a wrong shape',
    body: { inputs: [domain('x'), column('a', 1), { ...column('b', 1), shape: [1, 1, 1] }] },
    status: 400,
    error: /"b": expected shape \[-1, 1\]/,
  },
  {
    name: 'rows that differ',
    body: { inputs: [domain('x'), column('a', 1), column('b', 1, 2)] },
    status: 400,
    error: /"b": expected 1 rows/,
  },
  { name: 'too deep', body: `{"inputs":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, status: 400, error: /inputs\[0\]/ },
  {
    name: 'an unknown output',
    body: { ...good, outputs: [{ name: 'nope' }] },
    status: 400,
    error: /Output "nope"/,
    recorded: 'output_unknown',
  },
  { name: 'an output twice', body: { ...good, outputs: [{ name: 'label' }, { name: 'label' }] }, status: 400, error: /Output "label"/ },
  { name: 'an unknown endpoint', body: good, path: '/v2/models/nope/infer', status: 404, error: /"nope"/ },
  { name: 'an unknown path', body: good, path: '/v2/models/spam/generate', status: 404, error: /nothing at this path/ },
  { name: 'broken percent-encoding', body: good, path: '/v2/models/%zz/infer', status: 400, error: /percent-encoding/ },
  { name: 'an endpoint without a version', body: good, path: '/v2/models/empty/infer', status: 503, error: /promoted/ },
  { name: 'a huge body', body: JSON.stringify({ inputs: [], id: 'x'.repeat(200_000) }), status: 413, error: /limit of 100000 bytes/ },
  { name: 'a body of gigabytes', body: 'x'.repeat(2_000_000), status: 413, error: /limit/ },
  { name: 'an unknown encoding', body: good, headers: { 'content-encoding': 'br' }, status: 415, error: /gzip or deflate/ },
  { name: 'a body that is not compressed', body: good, headers: { 'content-encoding': 'gzip' }, status: 400, error: /is not gzip/ },
  { name: 'a bomb', body: gzipSync(' '.repeat(5_000_000)), headers: { 'content-encoding': 'gzip' }, status: 413, error: /limit/ },
  { name: 'a header that lies', body: good, headers: { 'inference-header-content-length': '99999999' }, status: 400, error: /at most the/ },
  { name: 'a cut in the JSON', body: good, headers: { 'inference-header-content-length': '12' }, status: 400, error: /not JSON/ },
  {
    name: 'a raw request for three inputs',
    body: good,
    headers: { 'inference-header-content-length': '0' },
    status: 400,
    error: /one input/,
  },
  { name: 'loading by hand', body: '', path: '/v2/repository/models/spam/load', status: 501, error: /come and go with rollouts/ },
];

for (const { name, body, headers, path, status, error, recorded } of refusals) {
  test(`${name} is refused with ${status} and an "error"`, async () => {
    const response = await stand.infer(body, headers, path);
    assert.equal(response.status, status);
    assert.equal(response.headers.get('content-type'), 'application/json');
    const answer = (await response.json()) as { readonly error: string };
    assert.deepEqual(Object.keys(answer), ['error']);
    assert.match(answer.error, error);
    if (status === 503) assert.ok(Number(response.headers.get('retry-after')) > 0);
    if (recorded !== undefined) {
      const record = stand.records.find((candidate) => candidate.id === response.headers.get('x-pawl-prediction-id'));
      assert.equal(record?.code, recorded);
    }
    assert.equal((await stand.infer(good)).status, 200);
  });
}

test('a wrong verb says which are right', async () => {
  const posted = await fetch(`${stand.url}/v2/models/spam`, { method: 'POST', body: '{}' });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  const got = await fetch(`${stand.url}/v2/models/spam/infer`);
  assert.deepEqual([got.status, got.headers.get('allow')], [405, 'POST']);
  assert.match(((await got.json()) as { readonly error: string }).error, /POST/);
});

test('paths outside /v2 are left to others', async () => {
  assert.equal((await fetch(`${stand.url}/api`)).status, 418);
});

test('a feature store that is away is 503, on record, and no crash', async () => {
  featuresFail = true;
  try {
    const response = await stand.infer(good);
    assert.equal(response.status, 503);
    assert.match(((await response.json()) as { readonly error: string }).error, /sender_activity/);
    const records = stand.records.filter((record) => record.id === response.headers.get('x-pawl-prediction-id'));
    assert.deepEqual(
      records.map((record) => record.code),
      ['features_unavailable', 'features_unavailable'],
    );
  } finally {
    featuresFail = false;
  }
});

test('a client that goes away in the middle of its body harms nobody', async () => {
  const { port, hostname } = new URL(stand.url);
  for (let round = 0; round < 20; round++) {
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve) =>
      socket.write('POST /v2/models/spam/infer HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"inp', () => resolve()),
    );
    socket.destroy();
  }
  assert.equal((await stand.infer(toRequest({ a: [1], b: [1] }))).status, 400);
  assert.equal((await stand.infer(good)).status, 200);
});

test('the repository, statistics, configuration and metrics tell of what was answered', async () => {
  const get = async (path: string, init: RequestInit = {}) => (await fetch(stand.url + path, init)).json();
  const index = await get('/v2/repository/index', { method: 'POST' });
  assert.deepEqual(index, [{ name: 'spam', version: '3', state: 'READY', reason: '' }]);
  assert.deepEqual(await get('/v2/repository/index', { method: 'POST', body: '{"ready":true}' }), index);
  const before = (await get('/v2/models/spam/stats')) as { readonly model_stats: readonly { readonly inference_count: number }[] };
  assert.equal((await stand.infer(good)).status, 200);
  const [after] = ((await get('/v2/models/spam/versions/3/stats')) as typeof before).model_stats;
  assert.equal(after?.inference_count, (before.model_stats[0]?.inference_count ?? NaN) + 2);
  const config = (await get('/v2/models/spam/config')) as { readonly name: string; readonly input: readonly object[] };
  assert.deepEqual([config.name, config.input.length], ['spam', 3]);
  const metrics = await (await fetch(`${stand.url}/metrics`)).text();
  assert.match(metrics, /^pawl_inference_requests_total\{model="spam",version="3",code="ok"\} \d+$/m);
  assert.match(metrics, /^pawl_inference_duration_seconds_bucket\{model="spam",version="3",le="\+Inf"\} \d+$/m);
});
