import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hashSha256 } from '@pawl/drivers';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
  await stand.call('POST', '/datasets/mail/versions', { manifest: await stand.store({ 'a.csv': 'id,domain,at\na,x.org,1\n' }) });
  const view = {
    name: 'view',
    entity: 'domain',
    dataset: 'mail',
    id: 'id',
    streams: { all: { time: 'at' } },
    features: { n: { aggregate: 'count', stream: 'all', window: '7d' } },
  };
  await stand.call('POST', '/apply', { project: { name: 'test', root: '/srv/project', parts: { features: [view] } } });
});
after(() => stand.close());

const none = '0'.repeat(32);
const absent = `sha256:${'0'.repeat(64)}`;

interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly says?: RegExp;
}

const json = { 'content-type': 'application/json' };

const refusals: readonly Refusal[] = [
  { name: 'JSON that is none', status: 400, code: 'invalid_input', method: 'POST', path: '/runs', body: '{"experiment": ', headers: json },
  { name: 'no body', status: 400, code: 'invalid_input', method: 'POST', path: '/runs' },
  { name: 'an empty JSON body', status: 400, code: 'invalid_input', method: 'POST', path: '/runs', body: '', headers: json },
  {
    name: 'a body of another type',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/runs',
    body: 'a=1',
    headers: { 'content-type': 'text/csv' },
  },
  { name: 'a list where an object is due', status: 400, code: 'invalid_input', method: 'POST', path: '/runs', body: [], says: /body/ },
  {
    name: 'a poisoned prototype',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/runs',
    body: '{"__proto__": {"x": 1}}',
    headers: json,
  },
  {
    name: 'a member of the wrong type',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/runs',
    body: { params: { rate: 1 } },
    says: /params\.rate/,
  },
  {
    name: 'text that no database takes',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/runs',
    body: { experiment: 'a\u0000b' },
  },
  {
    name: 'a moment that is none',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/runs',
    body: { started_at: 'yesterday' },
    says: /started_at/,
  },
  {
    name: 'a metric that is no number',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: `/runs/${none}/records`,
    body: { metrics: [{ key: 'x', value: 'much' }] },
  },
  { name: 'an unknown path', status: 404, code: 'not_found', method: 'GET', path: '/nothing', says: /openapi\.json/ },
  { name: 'a wrong method', status: 404, code: 'not_found', method: 'DELETE', path: '/runs' },
  {
    name: 'a name that is none',
    status: 400,
    code: 'invalid_input',
    method: 'GET',
    path: '/datasets/..%2F..%2Fetc/versions',
    says: /path: dataset/,
  },
  { name: 'an id that is none', status: 400, code: 'invalid_input', method: 'GET', path: '/runs/42' },
  { name: 'a version that is none', status: 400, code: 'invalid_input', method: 'GET', path: '/datasets/mail/versions/0' },
  { name: 'a limit of nothing', status: 400, code: 'invalid_input', method: 'GET', path: '/datasets?limit=0', says: /limit/ },
  { name: 'a limit beyond all', status: 400, code: 'invalid_input', method: 'GET', path: '/datasets?limit=1000000' },
  { name: 'a cursor of nobody', status: 400, code: 'invalid_cursor', method: 'GET', path: '/datasets?after=rubbish' },
  { name: 'a cursor of another list', status: 400, code: 'invalid_cursor', method: 'GET', path: '/runs?after=WyJtYWlsIl0' },
  { name: 'a cursor into a whole list', status: 400, code: 'invalid_cursor', method: 'GET', path: '/features?after=rubbish' },
  { name: 'types that are none', status: 400, code: 'invalid_input', method: 'GET', path: '/events?types=;drop', says: /types/ },
  { name: 'a digest that is none', status: 400, code: 'invalid_input', method: 'GET', path: '/blobs/sha256:12' },
  {
    name: 'digests that are none',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/blobs/missing',
    body: { digests: ['md5:1'] },
    says: /digests\[0\]/,
  },
  { name: 'content that is not stored', status: 404, code: 'blob_not_found', method: 'GET', path: `/blobs/${absent}` },
  {
    name: 'content under a wrong digest',
    status: 400,
    code: 'digest_mismatch',
    method: 'PUT',
    path: `/blobs/${absent}`,
    body: 'x',
    headers: { 'content-type': 'application/octet-stream' },
  },
  {
    name: 'a manifest of nothing',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/datasets/new/versions',
    body: { manifest: { entries: [] } },
  },
  {
    name: 'a manifest of what is not stored',
    status: 404,
    code: 'blob_not_found',
    method: 'POST',
    path: '/datasets/new/versions',
    body: { manifest: { entries: [{ path: 'a', digest: absent, size: 1, mode: 0o644 }] } },
  },
  {
    name: 'a path that leaves its folder',
    status: 400,
    code: 'path_unsafe',
    method: 'POST',
    path: '/datasets/new/versions',
    body: { manifest: { entries: [{ path: '../a', digest: absent, size: 1, mode: 0o644 }] } },
  },
  { name: 'an unknown dataset', status: 404, code: 'dataset_not_found', method: 'GET', path: '/datasets/nothing/versions' },
  { name: 'an unknown version', status: 404, code: 'dataset_version_not_found', method: 'GET', path: '/datasets/mail/versions/9' },
  {
    name: 'an unknown suite',
    status: 404,
    code: 'suite_not_found',
    method: 'POST',
    path: '/checks/nothing/runs',
    body: { dataset: 'mail' },
  },
  {
    name: 'a reference that is none',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/checks/nothing/runs',
    body: { dataset: 'mail:latest' },
  },
  {
    name: 'an unknown view',
    status: 404,
    code: 'view_not_found',
    method: 'POST',
    path: '/features/nothing/lookups',
    body: { keys: ['x'] },
  },
  {
    name: 'a join of an unknown view',
    status: 404,
    code: 'view_not_found',
    method: 'POST',
    path: '/features/nothing/joins',
    body: { entities: 'mail', history: 'mail', time_column: 'at' },
  },
  {
    name: 'a join with half a body',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/features/view/joins',
    body: { entities: 'mail' },
    says: /history/,
  },
  {
    name: 'a row without its id',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/features/view/rows',
    body: { rows: [{ domain: 'x', at: 1 }] },
    says: /"id"/,
  },
  {
    name: 'a row with a broken time',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/features/view/rows',
    body: { rows: [{ id: 'a', domain: 'x', at: 1.5 }] },
  },
  { name: 'an unknown run', status: 404, code: 'run_not_found', method: 'GET', path: `/runs/${none}` },
  { name: 'a record of an unknown run', status: 404, code: 'run_not_found', method: 'POST', path: `/runs/${none}/records`, body: {} },
  {
    name: 'an unknown input',
    status: 404,
    code: 'dataset_not_found',
    method: 'POST',
    path: `/runs/${none}/records`,
    body: { inputs: [{ ref: 'nothing', role: 'x' }] },
  },
  {
    name: 'a file of an unknown run',
    status: 404,
    code: 'run_not_found',
    method: 'PUT',
    path: `/runs/${none}/artifacts/a`,
    body: 'x',
    headers: { 'content-type': 'text/plain' },
  },
  { name: 'an unknown pipeline', status: 404, code: 'pipeline_not_found', method: 'POST', path: '/pipelines/nothing/runs', body: {} },
  { name: 'an unknown pipeline run', status: 404, code: 'pipeline_run_not_found', method: 'POST', path: `/pipeline-runs/${none}/cancel` },
  { name: 'an unknown model', status: 404, code: 'model_not_found', method: 'GET', path: '/models/nothing/versions' },
  {
    name: 'an alias of an unknown version',
    status: 404,
    code: 'model_version_not_found',
    method: 'PUT',
    path: '/models/nothing/aliases/best',
    body: { version: 1 },
  },
  {
    name: 'a stage that is none',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/models/nothing/versions/1/stage',
    body: { stage: 'Best' },
    says: /stage/,
  },
  {
    name: 'a model without a gate',
    status: 404,
    code: 'gate_not_found',
    method: 'POST',
    path: '/gates/nothing/decisions',
    body: { candidate: 1 },
  },
  { name: 'an unknown decision', status: 404, code: 'not_found', method: 'GET', path: `/gate-decisions/${none}` },
  {
    name: 'an unknown endpoint',
    status: 404,
    code: 'endpoint_not_found',
    method: 'POST',
    path: '/endpoints/nothing/labels',
    body: { labels: [] },
  },
  {
    name: 'a rollout that nobody declared',
    status: 400,
    code: 'rollout_not_declared',
    method: 'POST',
    path: '/rollouts',
    body: { endpoint: 'nothing', candidate: 1 },
  },
  { name: 'an unknown rollout', status: 404, code: 'rollout_not_found', method: 'GET', path: `/rollouts/${none}` },
  { name: 'an unknown monitor', status: 404, code: 'monitor_not_found', method: 'GET', path: '/monitors/nothing/windows' },
  { name: 'an unknown alert', status: 404, code: 'alert_not_found', method: 'GET', path: `/alerts/${none}` },
  { name: 'an unknown prediction', status: 404, code: 'prediction_not_found', method: 'GET', path: `/lineage/predictions/${none}` },
  {
    name: 'an unknown project member',
    status: 400,
    code: 'invalid_input',
    method: 'POST',
    path: '/apply',
    body: { project: { name: 'p', root: '/', parts: { nothing: [] } } },
    says: /nothing/,
  },
];

for (const { name, status, code, method, path, body, headers, says } of refusals) {
  test(`${name} is refused: ${status} ${code}`, async () => {
    const message = await stand.refuse(status, code, method, path, body, headers);
    if (says !== undefined) assert.match(message, says);
    assert.deepEqual(stand.errors, []);
  });
}

test('a body beyond the limit is refused with the limit of its route', async () => {
  const message = await stand.refuse(413, 'too_large', 'POST', '/runs', { name: 'x'.repeat(9 * 1024 * 1024) });
  assert.match(message, /8388608 bytes/);
});

test('a table that is none names the file, and no place on the server', async () => {
  const manifest = await stand.store({ 'mails/a.parquet': 'this is no parquet' });
  const message = await stand.refuse(400, 'table_unreadable', 'POST', '/datasets/broken/versions', { manifest });
  assert.match(message, /broken\/mails/);
  await stand.refuse(404, 'dataset_not_found', 'GET', '/datasets/broken/versions');
});

test('a storage that cannot be written is told as such, and logged with its place', async () => {
  const other = await startStand();
  try {
    rmSync(join(other.home, 'blobs'), { recursive: true, force: true });
    writeFileSync(join(other.home, 'blobs'), 'in the way');
    const headers = { 'content-type': 'application/octet-stream' };
    const message = await other.refuse(507, 'not_writable', 'PUT', `/blobs/${hashSha256('x')}`, 'x', headers);
    assert.match(message, /storage/);
    assert.equal(other.errors.length, 1);
  } finally {
    await other.close();
  }
});

test('a database that has gone is told as such', async () => {
  const other = await startStand();
  try {
    await other.database.close();
    await other.refuse(503, 'database_unreachable', 'GET', '/datasets');
    assert.equal(other.errors.length, 1);
  } finally {
    await other.close();
  }
});

test('an upload that breaks off leaves nothing, and the server goes on', async () => {
  const url = new URL(await stand.listen());
  const digest = hashSha256('parts');
  await new Promise<void>((resolve) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(
        `PUT /api/v1/blobs/${digest} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 5\r\n\r\npar`,
      );
      setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve());
  });
  const { missing } = (await (
    await fetch(`${url.href}api/v1/blobs/missing`, { method: 'POST', headers: json, body: JSON.stringify({ digests: [digest] }) })
  ).json()) as Body;
  assert.deepEqual(missing, [digest]);
});
