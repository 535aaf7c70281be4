import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { START, startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

test('experiments are made once, and found by number or name', async () => {
  const made = await stand.call('POST', '/experiments', { name: 'a/b experiment' });
  assert.deepEqual(await stand.call('POST', '/experiments', { name: 'a/b experiment' }), made);
  assert.deepEqual(await stand.call('GET', `/experiments/${made.id}`), made);
  assert.deepEqual(await stand.call('GET', `/experiments/${encodeURIComponent(made.name)}`), made);
  assert.ok((await stand.call('GET', '/experiments')).items.some((one: Body) => one.name === made.name));
  await stand.refuse(404, 'experiment_not_found', 'GET', '/experiments/nothing');
});

test('a run keeps what is recorded, until it ends', async () => {
  await stand.call('POST', '/datasets/mail/versions', { manifest: await stand.store({ 'a.csv': 'a\n1\n' }) });
  const commit = 'c'.repeat(40);
  const run = await stand.call(
    'POST',
    '/runs',
    { experiment: 'spam', name: 'first', params: { rate: '0.1' }, code: { commit } },
    { 'x-pawl-actor': 'user:ann' },
  );
  assert.equal(run.status, 'running');
  assert.equal(run.started_at.slice(0, 10), '2026-03-01');
  assert.deepEqual(run.code, { commit, branch: null, patch: null });
  const recorded = await stand.call('POST', `/runs/${run.id}/records`, {
    params: { rate: '0.2', depth: '3' },
    tags: { who: 'ann' },
    inputs: [{ ref: 'mail', role: 'training' }],
    metrics: [
      { key: 'loss', value: 0.5, step: 1 },
      { key: 'loss', value: 'NaN', step: 2, time: '2026-03-01T02:00:00+02:00' },
      { key: 'val/loss ratio', value: 'Infinity' },
    ],
  });
  assert.deepEqual(recorded.run.params, { rate: '0.1', depth: '3' });
  assert.deepEqual(recorded.inputs, [{ ref: 'mail:1', role: 'training' }]);
  assert.deepEqual(
    recorded.metrics.map((one: Body) => [one.key, one.value]),
    [
      ['loss', 'NaN'],
      ['val/loss ratio', 'Infinity'],
    ],
  );
  assert.deepEqual(await stand.call('GET', `/runs/${run.id}`), recorded);
  const page = await stand.call('GET', `/runs/${run.id}/metrics/loss?limit=1`);
  assert.equal(page.items[0].value, 0.5);
  const rest = await stand.call('GET', `/runs/${run.id}/metrics/loss?limit=1&after=${page.next}`);
  assert.deepEqual([rest.items[0].value, rest.items[0].time, rest.next], ['NaN', new Date(START).toISOString(), undefined]);
  assert.equal((await stand.call('GET', `/runs/${run.id}/metrics/${encodeURIComponent('val/loss ratio')}`)).items.length, 1);
  const ended = await stand.call('POST', `/runs/${run.id}/end`, { status: 'failed' });
  assert.equal(ended.status, 'failed');
  assert.equal((await stand.call('POST', `/runs/${run.id}/end`, {})).status, 'failed');
  await stand.refuse(409, 'run_ended', 'POST', `/runs/${run.id}/records`, { tags: { late: 'yes' } });
  const events = await stand.call('GET', `/events?subject=run/${run.id}`);
  assert.deepEqual(
    events.items.map((one: Body) => [one.type, one.actor]),
    [
      ['run.created', 'user:ann'],
      ['run.ended', 'user:anonymous'],
    ],
  );
});

test('a moment that RFC 3339 cannot write does not hide the run', async () => {
  const run = await stand.call('POST', '/runs', {});
  await stand.services.runs.record(run.id, { metrics: [{ key: 'x', value: 1, time: 8_999_999_999_999_999 }] });
  assert.equal((await stand.call('GET', `/runs/${run.id}`)).metrics[0].time, '9999-12-31T23:59:59.999Z');
});

test('files of a run go in under their path and come out by their digest', async () => {
  const run = await stand.call('POST', '/runs', { experiment: 'files' });
  const put = (path: string, payload: string) =>
    stand.server.inject({
      method: 'PUT',
      url: `/api/v1/runs/${run.id}/artifacts/${path}`,
      payload,
      headers: { 'content-type': 'text/plain' },
    });
  const plot = (await put('plots/roc%20curve.svg', '<svg/>')).json<Body>();
  assert.equal(plot.path, 'plots/roc curve.svg');
  await put('model.txt', 'one');
  const two = (await put('model.txt', 'two')).json<Body>();
  const listed = await stand.call('GET', `/runs/${run.id}/artifacts`);
  assert.deepEqual(listed.items, [two, plot]);
  assert.equal((await stand.server.inject({ url: `/api/v1/blobs/${plot.digest}` })).body, '<svg/>');
  for (const path of ['..%2F..%2Fetc', 'a%5Cb', 'a/%2e%2e%2fb', 'C:%2Fx'])
    assert.equal((await put(path, 'x')).json<Body>().error?.code, 'path_unsafe', path);
  assert.equal((await put('a', 'x'.repeat(10))).statusCode, 200);
});

test('runs are listed newest first, of all experiments or one', async () => {
  const ids: string[] = [];
  for (let made = 0; made < 3; made++) ids.unshift((await stand.call('POST', '/runs', { experiment: 'listed' })).id);
  const page = await stand.call('GET', '/runs?experiment=listed&limit=2');
  assert.deepEqual(
    page.items.map((one: Body) => one.id),
    ids.slice(0, 2),
  );
  const rest = await stand.call('GET', `/runs?experiment=listed&limit=2&after=${encodeURIComponent(page.next)}`);
  assert.deepEqual(
    rest.items.map((one: Body) => one.id),
    ids.slice(2),
  );
  assert.ok((await stand.call('GET', '/runs')).items.length > 3);
  await stand.refuse(404, 'experiment_not_found', 'GET', '/runs?experiment=nothing');
});

test('runs are found by what was logged, with the columns asked for, and put away', async () => {
  const ids: string[] = [];
  for (const [at, kind] of ['a', 'b', 'a', 'c'].entries()) {
    const made = await stand.call('POST', '/runs', { experiment: 'found', name: `r${at}`, params: { kind, more: 'x' } });
    await stand.call('POST', `/runs/${made.id}/records`, { metrics: [1, 5 - at].map((value, step) => ({ key: 'm', value, step })) });
    ids.push(made.id);
  }
  const query = { experiments: ['found'], filter: "params.kind IN ('a', 'b') OR metrics_min.m > 4", order_by: ['metrics.m'], limit: 2 };
  const columns = { metrics: ['m'], params: ['kind'], tags: [] };
  const first = await stand.call('POST', '/runs/search', { ...query, columns });
  const second = await stand.call('POST', '/runs/search', { ...query, columns, after: first.next });
  assert.deepEqual(
    [...first.items, ...second.items].map(({ run, metrics }) => [run.name, run.params, metrics[0].value]),
    [
      ['r2', { kind: 'a' }, 3],
      ['r1', { kind: 'b' }, 4],
      ['r0', { kind: 'a' }, 5],
    ],
  );
  await stand.refuse(400, 'invalid_cursor', 'POST', '/runs/search', { ...query, filter: '', after: first.next });
  const gone = ids[0] as string;
  assert.equal((await stand.call('DELETE', `/runs/${gone}`)).lifecycle, 'deleted');
  await stand.call('DELETE', `/runs/${gone}`);
  const deleted = await stand.call('POST', '/runs/search', { ...query, lifecycle: 'deleted' });
  assert.deepEqual(
    deleted.items.map((each: Body) => each.run.id),
    [gone],
  );
  assert.equal((await stand.call('POST', `/runs/${gone}/restore`)).lifecycle, 'active');
  await stand.refuse(404, 'run_not_found', 'DELETE', `/runs/${'f'.repeat(32)}`);
  await stand.refuse(404, 'experiment_not_found', 'POST', '/runs/search', { ...query, experiments: ['none'] });
  const told = await stand.refuse(400, 'search_filter_invalid', 'POST', '/runs/search', { ...query, filter: 'metrics.m > x' });
  assert.match(told, /Found x \(at character 13 of the filter\)\.$/);
});
