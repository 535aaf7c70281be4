import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
  for (const name of ['from', 'to', 'team/a', 'team/b']) await stand.call('POST', '/experiments', { name });
});
after(() => stand.close());

const json = { 'content-type': 'application/json' };
const mlflow = async (path: string, payload: object): Promise<Body> =>
  (await stand.server.inject({ method: 'POST', url: `/api/2.0/mlflow/${path}`, payload, headers: json })).json();
const start = async (experiment: string, tags: object = {}): Promise<Body> => stand.call('POST', '/runs', { experiment, tags });
const found = async (search: object): Promise<readonly string[]> =>
  (await stand.call('POST', '/runs/search', search)).items.map((one: Body) => one.run.id);
const file = (uri: string, path: string): string => `/api/2.0/mlflow-artifacts/artifacts/${uri.replace('mlflow-artifacts:/', '')}/${path}`;

test('a moved run keeps everything, and its files and models are where clients knew them', async () => {
  const run = await start('from');
  const { run: seen } = await mlflow('runs/update', { run_id: run.id })
    .then(() => stand.server.inject(`/api/2.0/mlflow/runs/get?run_id=${run.id}`))
    .then((answer) => answer.json<Body>());
  const uri = seen.info.artifact_uri;
  const put = { method: 'PUT', url: file(uri, 'note.txt'), payload: 'kept', headers: { 'content-type': 'text/plain' } } as const;
  assert.equal((await stand.server.inject(put)).statusCode, 200);
  const from = (await stand.call('GET', '/experiments/from')).id;
  const { model } = await mlflow('logged-models', { experiment_id: String(from), name: 'm', source_run_id: run.id });
  const modelFile = file(model.info.artifact_uri, 'MLmodel');
  await stand.server.inject({ ...put, url: modelFile });
  await stand.call('POST', `/runs/${run.id}/records`, { metrics: [{ key: 'f1', value: 0.9 }], params: { lr: '0.1' } });
  const moved = await stand.call('POST', '/runs/move', { runs: [run.id], to: 'to' }, { 'x-pawl-actor': 'user:ann' });
  assert.deepEqual(moved, { changed: 1, runs: [run.id] });
  const to = (await stand.call('GET', '/experiments/to')).id;
  const after = await stand.call('GET', `/runs/${run.id}`);
  assert.deepEqual([after.run.experiment, after.run.params, after.metrics[0].value], [to, { lr: '0.1' }, 0.9]);
  assert.equal((await stand.server.inject(file(uri, 'note.txt'))).body, 'kept');
  assert.equal((await stand.server.inject(modelFile)).body, 'kept');
  const models = await mlflow('logged-models/search', { experiment_ids: [String(to)] });
  assert.equal(models.models[0].info.artifact_uri, model.info.artifact_uri);
  assert.deepEqual(await found({ experiments: ['to'], filter: 'metrics.f1 > 0.5' }), [run.id]);
  const events = await stand.call('GET', `/events?subject=run/${run.id}&types=run.moved`);
  assert.deepEqual([events.items[0].actor, events.items[0].data], ['user:ann', { run: run.id, from: 'from', to: 'to' }]);
  // It goes on to log, and the files of a new model go to the experiment it is in now.
  await stand.call('POST', `/runs/${run.id}/records`, { metrics: [{ key: 'f1', value: 0.95, step: 1 }] });
  assert.deepEqual(await found({ experiments: ['to'], order_by: ['metrics.f1 DESC'], limit: 1 }), [run.id]);
});

test('nested runs go along, unless they are to stay', async () => {
  const parent = await start('from');
  const child = await start('from', { 'mlflow.parentRunId': parent.id });
  const grandchild = await start('from', { 'mlflow.parentRunId': child.id });
  assert.equal((await stand.call('POST', '/runs/move', { runs: [grandchild.id], to: 'team/a', children: false })).changed, 1);
  const rehearsed = await stand.call('POST', '/runs/move', { runs: [parent.id], to: 'team/a', dry_run: true });
  assert.deepEqual(new Set(rehearsed.runs), new Set([parent.id, child.id]));
  assert.equal((await found({ experiments: ['team/a'] })).length, 1);
  assert.deepEqual((await stand.call('POST', '/runs/move', { runs: [parent.id], to: 'team/a' })).runs, rehearsed.runs);
  assert.equal((await stand.call('POST', '/runs/move', { runs: [parent.id], to: 'team/a' })).changed, 0);
});

test('all that a search finds moves, is tagged, deleted and restored', async () => {
  const ids: string[] = [];
  for (let at = 0; at < 5; at++) {
    const { id } = await start('team/b', { even: String(at % 2 === 0) });
    ids.push(id);
  }
  const search = { folder: 'team', filter: "tags.even = 'true'" };
  assert.equal((await stand.call('POST', '/runs/tag', { search, set: { seen: 'yes' }, remove: ['even'] })).changed, 3);
  assert.deepEqual(new Set(await found({ filter: "tags.seen = 'yes' AND tags.even IS NULL" })), new Set([ids[0], ids[2], ids[4]]));
  const seen = { experiments: ['team/b'], filter: "tags.seen = 'yes'" };
  assert.equal((await stand.call('POST', '/runs/move', { search: seen, to: 'to', dry_run: true })).changed, 3);
  assert.equal((await stand.call('POST', '/runs/move', { search: seen, to: 'to' })).changed, 3);
  assert.deepEqual(await found(seen), []);
  const all = { search: { experiments: ['to'], filter: "tags.seen = 'yes'" } };
  assert.equal((await stand.call('POST', '/runs/delete', all)).changed, 3);
  assert.equal((await stand.call('POST', '/runs/restore', { search: { ...all.search, lifecycle: 'deleted' } })).changed, 3);
  assert.equal((await found({ experiments: ['to'], filter: "tags.seen = 'yes'" })).length, 3);
});

test('runs are renamed for every client', async () => {
  const { id } = await start('from');
  assert.equal((await stand.call('POST', `/runs/${id}/rename`, { name: 'better' })).name, 'better');
  await stand.call('POST', '/runs/tag', { runs: [id], set: { 'mlflow.runName': 'best' } });
  const { run } = await stand.call('GET', `/runs/${id}`);
  assert.deepEqual([run.name, run.tags['mlflow.runName']], ['best', 'best']);
});

test('what cannot be moved is refused, and nothing moves', async () => {
  const [kept, deleted] = [await start('from'), await start('from')];
  await stand.call('DELETE', `/runs/${deleted.id}`);
  const move = (body: object, status: number, code: string): Promise<string> => stand.refuse(status, code, 'POST', '/runs/move', body);
  await move({ runs: [kept.id, '0'.repeat(32)], to: 'to' }, 404, 'run_not_found');
  await move({ runs: [kept.id, deleted.id], to: 'to' }, 400, 'run_deleted');
  await move({ runs: [kept.id], to: 'nowhere' }, 404, 'experiment_not_found');
  await move({ to: 'to' }, 400, 'invalid_input');
  await move({ runs: [kept.id], search: {}, to: 'to' }, 400, 'invalid_input');
  await move({ search: { filter: 'metrics.' }, to: 'to' }, 400, 'search_filter_invalid');
  await stand.call('POST', '/experiments', { name: 'gone' });
  await stand.call('DELETE', '/experiments/gone');
  await move({ runs: [kept.id], to: 'gone' }, 400, 'experiment_deleted');
  assert.equal((await stand.call('GET', `/runs/${kept.id}`)).run.experiment, kept.experiment);
});
