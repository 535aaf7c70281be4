import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

const json = { 'content-type': 'application/json' };
const TRACE = '5b8efff798038103d269b633813fc6';

interface Told {
  readonly status: number;
  readonly body: Body;
  readonly type: string;
}

async function send(payload: object | Uint8Array | string, headers: Record<string, string> = {}): Promise<Told> {
  const body =
    typeof payload === 'string' || payload instanceof Uint8Array ? Buffer.from(payload as string) : Buffer.from(JSON.stringify(payload));
  const all = { 'x-mlflow-experiment-id': '0', ...json, ...headers };
  const response = await stand.server.inject({ method: 'POST', url: '/v1/traces', headers: all, payload: body });
  const type = String(response.headers['content-type']);
  return { status: response.statusCode, type, body: type.startsWith('application/json') ? response.json() : response.rawPayload };
}

async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<Told> {
  const response = await stand.server.inject({ method, url: `/api/${path}`, headers: json, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, body: response.json(), type: '' };
}

async function ok(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<Body> {
  const { status, body } = await ask(method, path, payload);
  assert.equal(status, 200, `${method} ${path}: ${JSON.stringify(body)}`);
  return body;
}

const span = (trace: string, id: string, more: object = {}): object => ({
  traceId: `${TRACE}${trace}`,
  spanId: `eee19b7ec3c1b1${id}`,
  name: 'work',
  startTimeUnixNano: '1772323200000000001',
  endTimeUnixNano: '1772323200500000001',
  ...more,
});
const batch = (...spans: readonly object[]): object => ({
  resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }, scopeSpans: [{ spans }] }],
});
const idOf = (trace: string): string => `tr-${TRACE}${trace}`;

test('spans alone make a trace, once, however often they are sent', async () => {
  const root = span('01', '01', { attributes: [{ key: 'input.value', value: { stringValue: '{"q":1}' } }] });
  const child = span('01', '02', { parentSpanId: 'eee19b7ec3c1b101', endTimeUnixNano: '1772323201000000001' });
  for (const spans of [[child], [root, child], [root]]) assert.deepEqual((await send(batch(...spans))).body, {});
  const { trace } = await ok('GET', `3.0/mlflow/traces/get?trace_id=${idOf('01')}`);
  assert.deepEqual(trace.trace_info, {
    trace_id: idOf('01'),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } },
    request_preview: '{"q":1}',
    request_time: '2026-03-01T00:00:00.000Z',
    execution_duration: '1.000s',
    state: 'OK',
    trace_metadata: {},
    tags: {
      'service.name': 'shop',
      'mlflow.traceName': 'work',
      'mlflow.artifactLocation': `mlflow-artifacts:/0/traces/${idOf('01')}/artifacts`,
      'mlflow.trace.spansLocation': 'TRACKING_STORE',
    },
  });
  assert.equal(trace.spans.length, 2);
  assert.equal(trace.spans[0].span_id, '7uGbfsPBsQE=');
  const raw = await stand.server.inject({ method: 'GET', url: `/api/3.0/mlflow/traces/batchGet?trace_ids=${idOf('01')}` });
  assert.match(raw.body, /"start_time_unix_nano":1772323200000000001,/);
});

test('packed requests and protobuf answer in kind', async () => {
  assert.equal((await send(gzipSync(JSON.stringify(batch(span('02', '01')))), { 'content-encoding': 'gzip' })).status, 200);
  const protobuf = await send(new Uint8Array(), { 'content-type': 'application/x-protobuf' });
  assert.deepEqual([protobuf.status, protobuf.type, protobuf.body.length], [200, 'application/x-protobuf', 0]);
  const bad = await send('no protobuf', { 'content-type': 'application/x-protobuf' });
  assert.deepEqual([bad.status, bad.type], [400, 'application/x-protobuf']);
  assert.match(bad.body.toString(), /ExportTraceServiceRequest/);
});

test('what cannot be kept is a partial success', async () => {
  const { status, body } = await send(batch(span('03', '01'), { name: 'lost' }));
  assert.equal(status, 200);
  assert.equal(body.partialSuccess.rejectedSpans, '1');
  assert.match(body.partialSuccess.errorMessage, /"lost"/);
  const many = Array.from({ length: 2001 }, (_, at) => ({ key: `k${at}`, value: { boolValue: true } }));
  const told = await send(batch(span('03', '02', { attributes: many })));
  assert.match(told.body.partialSuccess.errorMessage, /more than 2000 attributes/);
  assert.equal((await ok('GET', `3.0/mlflow/traces/get?trace_id=${idOf('03')}`)).trace.spans.length, 1);
});

test('what is no request of spans is refused, in one line, and keeps nothing', async () => {
  const good = batch(span('04', '01'));
  const zeros = gzipSync(new Uint8Array(80 * 1024 * 1024));
  const cases: readonly (readonly [number, RegExp, object | Uint8Array | string, Record<string, string>])[] = [
    [422, /x-mlflow-experiment-id/, good, { 'x-mlflow-experiment-id': '' }],
    [422, /x-mlflow-experiment-id/, good, { 'x-mlflow-experiment-id': 'mail' }],
    [404, /no experiment/, good, { 'x-mlflow-experiment-id': '4711' }],
    [404, /no run/, good, { 'x-mlflow-run-id': 'none' }],
    [415, /Content-Type/, good, { 'content-type': 'text/plain' }],
    [400, /no JSON/, '{', {}],
    [400, /Content-Encoding/, good, { 'content-encoding': 'br' }],
    [400, /not packed/, good, { 'content-encoding': 'gzip' }],
    [413, /bytes/, zeros, { 'content-encoding': 'gzip' }],
    [413, /spans/, batch(...Array.from({ length: 20_001 }, () => ({}))), {}],
  ];
  for (const [status, message, payload, headers] of cases) {
    const told = await send(payload, headers);
    assert.equal(told.status, status, JSON.stringify(told.body));
    assert.match(told.body.message, message);
    assert.doesNotMatch(told.body.message, /\n|node_modules|\.ts:/);
  }
  assert.deepEqual(await ask('GET', `3.0/mlflow/traces/${idOf('04')}`), {
    status: 404,
    type: '',
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Trace with ID '${idOf('04')}' not found.` },
  });
  assert.deepEqual(stand.errors, []);
});

test('a client tells its trace before, between and after its spans, with its assessments once', async () => {
  const told = {
    trace: {
      trace_info: {
        trace_id: idOf('05'),
        trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } },
        request_time: '2026-02-01T00:00:00.1235Z',
        execution_duration: '0.512s',
        state: 'ERROR',
        trace_metadata: { a: 'b' },
        tags: { c: 'd', 'mlflow.artifactLocation': 'evil' },
        assessments: [{ assessment_name: 'q', feedback: { value: 1 }, source: { source_type: 'HUMAN', source_id: 'ann' } }],
      },
    },
  };
  for (let times = 0; times < 2; times++) await ok('POST', '3.0/mlflow/traces', told);
  await send(batch(span('05', '01')));
  const { trace } = await ok('GET', `3.0/mlflow/traces/${idOf('05')}`);
  const { assessments, tags, ...info } = trace.trace_info;
  assert.deepEqual([info.request_time, info.execution_duration, info.state], ['2026-02-01T00:00:00.123Z', '0.512s', 'ERROR']);
  assert.deepEqual([tags.c, tags['mlflow.artifactLocation']], ['d', `mlflow-artifacts:/0/traces/${idOf('05')}/artifacts`]);
  assert.equal(assessments.length, 1);
});

test('a trace whose spans are not all here is told so, and left out of batches', async () => {
  const stats = { 'mlflow.trace.sizeStats': '{"num_spans": 2}' };
  const info = { trace_id: idOf('06'), trace_location: { mlflow_experiment: { experiment_id: '0' } }, trace_metadata: stats };
  await ok('POST', '3.0/mlflow/traces', { trace: { trace_info: info } });
  await send(batch(span('06', '01')));
  assert.deepEqual(await ok('GET', `3.0/mlflow/traces/batchGet?trace_ids=${idOf('06')}`), {});
  const path = `3.0/mlflow/traces/get?trace_id=${idOf('06')}`;
  assert.equal((await ok('GET', `${path}&allow_partial=true`)).trace.spans.length, 1);
  // The last span comes while its reader waits.
  const [read] = await Promise.all([ok('GET', path), send(batch(span('06', '02')))]);
  assert.equal(read.trace.spans.length, 2);
});

test('requests that cannot be meant are refused in MLflow’s words', async () => {
  const cases: readonly (readonly ['GET' | 'POST' | 'PATCH' | 'DELETE', string, object | undefined, number, RegExp])[] = [
    ['POST', '3.0/mlflow/traces', {}, 400, /'trace'/],
    ['POST', '3.0/mlflow/traces', { trace: { trace_info: { trace_id: 'tr-1' } } }, 400, /trace_location/],
    ['POST', '3.0/mlflow/traces/search', {}, 400, /'locations'/],
    ['POST', '3.0/mlflow/traces/search', { locations: [{}], max_results: 501 }, 400, /500/],
    ['POST', '3.0/mlflow/traces/search', { locations: [{}], filter: "colour = 'x'" }, 400, /colour.*character 1/],
    ['POST', '3.0/mlflow/traces/search', { locations: [{}], order_by: ['span.name'] }, 400, /order_by/],
    ['GET', '3.0/mlflow/traces/batchGet', undefined, 400, /'trace_ids'/],
    ['PATCH', `2.0/mlflow/traces/${idOf('01')}/tags`, { key: 'mlflow.trace.spansLocation', value: 'x' }, 400, /immutable/],
    ['PATCH', '2.0/mlflow/traces/none/tags', { key: 'a', value: 'x' }, 404, /'none' not found/],
    ['DELETE', `3.0/mlflow/traces/${idOf('01')}/tags`, { key: 'absent' }, 404, /No trace tag with key 'absent'/],
    ['POST', '2.0/mlflow/traces/delete-traces', { experiment_id: '0' }, 400, /Either/],
    ['POST', '2.0/mlflow/traces/delete-traces', { experiment_id: '0', request_ids: ['a'], max_timestamp_millis: 1 }, 400, /Only one/],
    ['POST', '2.0/mlflow/traces/delete-traces', { experiment_id: '0', max_timestamp_millis: 1, max_traces: 0 }, 400, /positive/],
    ['POST', '2.0/mlflow/traces/link-to-run', { trace_ids: ['a'], run_id: 'none' }, 404, /Run with id=none not found/],
    ['POST', '2.0/mlflow/traces/link-to-run', { trace_ids: Array.from({ length: 101 }, String), run_id: 'r' }, 400, /100 traces/],
    ['POST', `3.0/mlflow/traces/${idOf('01')}/assessments`, { assessment: { assessment_name: 'q' } }, 400, /feedback/],
    ['POST', '3.0/mlflow/traces/none/assessments', { assessment: { assessment_name: 'q', feedback: { value: 1 } } }, 404, /'none'/],
    ['GET', `3.0/mlflow/traces/${idOf('01')}/assessments/none`, undefined, 404, /Assessment with ID 'none' not found/],
    ['PATCH', `3.0/mlflow/traces/${idOf('01')}/assessments/none`, { assessment: {} }, 400, /update_mask/],
  ];
  for (const [method, path, payload, status, message] of cases) {
    const told = await ask(method, path, payload);
    assert.equal(told.status, status, `${method} ${path}: ${JSON.stringify(told.body)}`);
    assert.match(told.body.message, message, path);
  }
});

test('the native API finds, shows, tags and deletes the same traces', async () => {
  for (const id of ['11', '12']) {
    await send(
      batch(
        span(
          '10',
          id,
          id === '11'
            ? {}
            : {
                parentSpanId: 'eee19b7ec3c1b111',
                status: { code: 2, message: 'boom' },
                attributes: [{ key: 'big', value: { intValue: '9007199254740993' } }],
              },
        ),
      ),
    );
  }
  const search = { experiments: ['Default'], filter: "span.status = 'ERROR' AND span.attributes.big = '9007199254740993'" };
  const { items } = await stand.call('POST', '/traces/search', search);
  assert.deepEqual(
    items.map((one: Body) => [one.id, one.name, one.state, one.spans, one.started_at]),
    [[idOf('10'), 'work', 'ok', 2, '2026-03-01T00:00:00.000Z']],
  );
  const { spans } = await stand.call('GET', `/traces/${idOf('10')}`);
  assert.deepEqual(
    [spans[1].started_at_ns, spans[1].message, spans[1].attributes],
    ['1772323200000000001', 'boom', { big: '9007199254740993' }],
  );
  const tagged = await stand.call('POST', `/traces/${idOf('10')}/tags`, { set: { a: '1', b: '2' }, remove: ['service.name'] });
  assert.deepEqual(tagged.tags, { 'mlflow.traceName': 'work', a: '1', b: '2' });
  const all = { experiment: '0', until: '2026-03-01T00:00:00Z', most: 1, dry_run: true };
  assert.deepEqual(await stand.call('POST', '/traces/delete', all), { deleted: 1, dry_run: true });
  assert.deepEqual(await stand.call('POST', '/traces/delete', { traces: [idOf('10'), 'none'] }), { deleted: 1, dry_run: false });
  await stand.refuse(404, 'trace_not_found', 'GET', `/traces/${idOf('10')}`);
  await stand.refuse(404, 'experiment_not_found', 'POST', '/traces/search', { experiments: ['none'] });
  await stand.refuse(400, 'search_filter_invalid', 'POST', '/traces/search', { experiments: ['0'], filter: "colour = 'x'" });
  await stand.refuse(400, 'invalid_input', 'POST', '/traces/delete', { experiment: '0' });
  await stand.refuse(400, 'invalid_input', 'POST', '/traces/delete', { traces: ['a'], experiment: '0', until: '2026-03-01T00:00:00Z' });
});

test('deleting traces takes their files, and counts', async () => {
  const file = `/api/2.0/mlflow-artifacts/artifacts/0/traces/${idOf('07')}/artifacts/attachments/a.bin`;
  await send(batch(span('07', '01')));
  await stand.server.inject({ method: 'PUT', url: file, payload: Buffer.from('x') });
  assert.equal((await stand.server.inject({ method: 'GET', url: file })).statusCode, 200);
  const removal = { experiment_id: '0', request_ids: [idOf('07'), 'none'] };
  assert.deepEqual(await ok('POST', '2.0/mlflow/traces/delete-traces', removal), { traces_deleted: 1 });
  assert.deepEqual(await ok('POST', '3.0/mlflow/traces/delete-traces', removal), { traces_deleted: 0 });
  assert.equal((await stand.server.inject({ method: 'GET', url: file })).statusCode, 404);
  const { items } = await stand.services.events.list({ types: ['trace.deleted'] }, { limit: 10 });
  assert.deepEqual(items.at(-1)?.data, { experiment: 0, count: 1 });
});
