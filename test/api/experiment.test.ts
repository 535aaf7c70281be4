import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

const mlflow = async (path: string, payload?: object): Promise<Body> => {
  const headers = { 'content-type': 'application/json' };
  const url = `/api/2.0/mlflow/experiments/${path}`;
  return (await stand.server.inject(payload === undefined ? { method: 'GET', url } : { method: 'POST', url, payload, headers })).json();
};
const make = (name: string, more: object = {}): Promise<Body> => stand.call('POST', '/experiments', { name, ...more });
const names = async (query: string): Promise<readonly string[]> =>
  (await stand.call('GET', `/experiments?${query}`)).items.map((one: Body) => one.name);

test('an experiment lies where its name says, and is found by number, name, and folder and label', async () => {
  const made = await make('find/deep/xgb', { tags: { owner: 'ann' } });
  assert.deepEqual([made.folder, made.label, made.tags], ['find/deep', 'xgb', { owner: 'ann' }]);
  assert.deepEqual(await make('find/deep/xgb', { folder: 'elsewhere' }), made);
  const placed = await make('plain', { folder: '/find/deep/' });
  assert.equal(placed.folder, 'find/deep');
  for (const which of [String(placed.id), 'plain', 'find/deep/plain', '/find/deep/plain']) {
    assert.deepEqual(await stand.call('GET', `/experiments/${encodeURIComponent(which)}`), placed);
  }
  await make('other/xgb', { folder: 'find/deep' });
  assert.match(await stand.refuse(400, 'experiment_ambiguous', 'GET', `/experiments/${encodeURIComponent('/find/deep/xgb')}`), /number/);
  await stand.refuse(404, 'experiment_not_found', 'GET', `/experiments/${encodeURIComponent('find/deep/none')}`);
  assert.deepEqual(await names('folder=find'), []);
  assert.deepEqual(await names('folder=find&deep=true'), ['find/deep/xgb', 'plain', 'other/xgb']);
  assert.deepEqual((await stand.call('GET', '/experiment-folders?folder=find')).items, [
    { folder: 'find/deep', name: 'deep', experiments: 3 },
  ]);
});

test('moving leaves the name, so that MLflow finds the experiment; MLflow sees, sets and drops the folder as a tag', async () => {
  const made = await make('moved');
  await stand.call('POST', `/experiments/${made.id}/move`, { folder: 'team/growth' }, { 'x-pawl-actor': 'user:ann' });
  const seen = await mlflow('get-by-name?experiment_name=moved');
  assert.deepEqual(seen.experiment.tags, [{ key: 'pawl.folder', value: 'team/growth' }]);
  assert.deepEqual(
    (await mlflow('search', { filter: "tags.`pawl.folder` = 'team/growth'" })).experiments.map((one: Body) => one.name),
    ['moved'],
  );
  const events = await stand.call('GET', `/events?subject=experiment/${made.id}`);
  assert.deepEqual(
    events.items.map((one: Body) => [one.type, one.actor, one.data.from, one.data.folder]),
    [
      ['experiment.created', 'user:anonymous', undefined, undefined],
      ['experiment.moved', 'user:ann', '', 'team/growth'],
    ],
  );
  const tag = (path: string, value?: string): Promise<Body> =>
    mlflow(path, { experiment_id: String(made.id), key: 'pawl.folder', ...(value === undefined ? {} : { value }) });
  await tag('set-experiment-tag', 'archive/');
  assert.equal((await stand.call('GET', '/experiments/moved')).folder, 'archive');
  assert.match((await tag('set-experiment-tag', 'a/../b')).message, /no names of folders/);
  await tag('delete-experiment-tag');
  assert.equal((await stand.call('GET', '/experiments/moved')).folder, '');
  assert.equal((await mlflow('get-by-name?experiment_name=moved')).experiment.tags, undefined);
  const { experiment_id } = await mlflow('create', { name: 'made/by/client', tags: [{ key: 'pawl.folder', value: 'inbox' }] });
  assert.equal((await stand.call('GET', `/experiments/${experiment_id}`)).folder, 'inbox');
});

test('renaming takes one along that lies where its name says, and no other', async () => {
  await make('was/here');
  assert.equal((await stand.call('POST', `/experiments/${encodeURIComponent('was/here')}/rename`, { name: 'is/there' })).folder, 'is');
  await make('sits', { folder: 'chair' });
  assert.equal((await stand.call('POST', '/experiments/sits/rename', { name: 'stands/up' })).folder, 'chair');
  await stand.refuse(400, 'experiment_exists', 'POST', `/experiments/${encodeURIComponent('stands/up')}/rename`, { name: 'is/there' });
});

test('a folder moves, falls and comes back with all that is below it', async () => {
  for (const name of ['old/a', 'old/sub/b', 'older/c', 'old/gone']) await make(name);
  const path = (name: string): string => `/experiments/${encodeURIComponent(name)}`;
  await stand.call('DELETE', path('old/gone'));
  const run = await stand.call('POST', '/runs', { experiment: 'old/sub/b' });
  const rehearsed = await stand.call('POST', '/experiment-folders/move', { folder: 'old', to: 'new/home', dry_run: true });
  assert.deepEqual(
    rehearsed.experiments.map((one: Body) => one.folder),
    ['new/home', 'new/home/sub', 'new/home'],
  );
  assert.deepEqual(await names('folder=new&deep=true'), []);
  await stand.call('POST', '/experiment-folders/move', { folder: 'old', to: 'new/home' });
  assert.deepEqual(await names('folder=new&deep=true'), ['old/a', 'old/sub/b']);
  assert.deepEqual(await names('folder=older'), ['older/c']);
  assert.deepEqual(await names('folder=new/home&lifecycle=deleted'), ['old/gone']);
  assert.equal((await stand.call('POST', '/experiment-folders/delete', { folder: 'new' })).experiments.length, 2);
  assert.equal((await stand.call('GET', `/runs/${run.id}`)).run.lifecycle, 'deleted');
  assert.deepEqual(
    (await stand.call('POST', '/experiment-folders/restore', { folder: 'new' })).experiments.map((one: Body) => one.name),
    ['old/a', 'old/sub/b'],
  );
  assert.equal((await stand.call('GET', `/runs/${run.id}`)).run.lifecycle, 'active');
  assert.equal((await stand.call('GET', path('old/gone'))).lifecycle, 'deleted');
});

test('what is no folder, or has nothing in it, is refused and told', async () => {
  await make('kept/here');
  await stand.refuse(404, 'folder_not_found', 'POST', '/experiment-folders/move', { folder: 'nothing', to: 'x' });
  await stand.refuse(400, 'folder_invalid', 'POST', '/experiment-folders/move', { folder: 'kept', to: 'kept/below' });
  await stand.refuse(400, 'folder_invalid', 'POST', '/experiment-folders/delete', { folder: '/' });
  await stand.refuse(400, 'folder_invalid', 'GET', '/experiments?folder=a//b');
  await stand.refuse(400, 'folder_invalid', 'POST', '/experiments/Default/move', { folder: '../up' });
  await stand.refuse(404, 'experiment_not_found', 'POST', '/experiments/nothing/move', { folder: 'x' });
});

test('tags are set and removed; a deleted experiment is restored with its runs', async () => {
  await make('tagged');
  const tagged = await stand.call('POST', '/experiments/tagged/tags', { set: { a: '1', b: '2' } });
  assert.deepEqual(tagged.tags, { a: '1', b: '2' });
  assert.deepEqual((await stand.call('POST', '/experiments/tagged/tags', { remove: ['a'] })).tags, { b: '2' });
  assert.equal((await stand.call('DELETE', '/experiments/tagged')).lifecycle, 'deleted');
  await stand.refuse(400, 'experiment_deleted', 'POST', '/experiments/tagged/move', { folder: 'x' });
  assert.equal((await stand.call('POST', '/experiments/tagged/restore')).lifecycle, 'active');
});
