import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRecordingReaper } from '@pawl/engine';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

const idOf = (letter: string): string => letter.repeat(32);
const at = '2026-03-01T00:00:10Z';
const usage = {
  wall_ms: 3_600_000,
  cpu_ms: 1_800_000,
  peak_memory_bytes: 5,
  memory_byte_seconds: 6,
  read_bytes: 7,
  write_bytes: 8,
  gpu_ms: 0,
};
const line = (text: string, stream = 'stdout') => ({ time: at, stream, text });
const open = (run: string, body: Body = {}) => stand.call('POST', `/runs/${run}/recording`, { command: 'train', ...body });
const report = (run: string, body: Body) => stand.call('POST', `/runs/${run}/reports`, body);

test('a recording is opened once, and each report is taken once', async () => {
  const run = idOf('a');
  const opened = await open(run, { experiment: 'rec', name: 'n', params: { p: '1' } });
  assert.deepEqual(await open(run, { experiment: 'other', name: 'm' }), opened);
  assert.equal(opened.name, 'n');
  const first = { report: 1, console: { first: 1, lines: [line('one'), line('two', 'stderr')] } };
  await report(run, first);
  await report(run, first);
  // What a client sent twice under new numbers overlaps.
  const told = await report(run, { report: 2, console: { first: 2, lines: [line('two', 'stderr'), line('three')] } });
  assert.deepEqual([told.report, told.lines, told.state], [2, 3, 'open']);
  await report(run, { report: 1, console: { first: 4, lines: [line('of a report that was taken long ago')] } });
  const log = await stand.call('GET', `/runs/${run}/logs?limit=2`);
  assert.deepEqual(
    log.items.map(({ seq, stream, text }: Body) => [seq, stream, text]),
    [
      [1, 'stdout', 'one'],
      [2, 'stderr', 'two'],
    ],
  );
  const rest = await stand.call('GET', `/runs/${run}/logs?after=${log.next}`);
  assert.deepEqual([rest.items.length, rest.items[0].text, rest.next], [1, 'three', undefined]);
  const tail = await stand.call('GET', `/runs/${run}/logs?tail=1`);
  assert.deepEqual([tail.items[0].text, tail.position], ['three', rest.position]);
  await stand.refuse(404, 'log_source_not_found', 'GET', `/runs/${run}/logs?source=train`);
  await stand.refuse(400, 'invalid_cursor', 'GET', `/runs/${run}/logs?after=x`);
});

test('use has a cost by the table of prices, to search and order runs by', async () => {
  const run = idOf('b');
  await open(run, { experiment: 'rec' });
  await report(run, { report: 1, usage });
  const { cost, usage: rows } = await stand.call('GET', `/runs/${run}/recording`);
  assert.equal(cost.currency, 'EUR');
  assert.ok(Math.abs(cost.amount - (3.6 + 0.18)) < 1e-9, `${cost.amount}`);
  assert.deepEqual([rows[0].source, rows[0].cpu_ms, rows[0].cost.currency], ['', 1_800_000, 'EUR']);
  const found = await stand.call('POST', '/runs/search', { experiments: ['rec'], filter: 'metrics.`system/cost` > 3.7' });
  assert.deepEqual(
    found.items.map(({ run: one }: Body) => one.id),
    [run],
  );
});

test('the end of the command is the end of the run, whatever the script said before', async () => {
  const run = idOf('c');
  await open(run);
  const post = (path: string, payload: object) => stand.server.inject({ method: 'POST', url: `/api/2.0/mlflow/${path}`, payload });
  await post('runs/update', { run_id: run, status: 'FINISHED', end_time: 5 });
  await report(run, { report: 1, console: { first: 1, lines: [line('still working')] } });
  await report(run, { report: 2, end: { at, exit_code: 1, signal: null, stopped: false } });
  const { run: one } = await stand.call('GET', `/runs/${run}`);
  assert.deepEqual([one.status, one.ended_at], ['failed', new Date(at).toISOString()]);
});

test('who is silent is lost after the lease, and comes back with the next report', async () => {
  const run = idOf('d');
  await open(run, { lease_ms: 1000 });
  let now = stand.ports.clock.now();
  const reaper = createRecordingReaper({ ...stand.ports, database: stand.database, clock: { now: () => now } });
  const status = async () => (await stand.call('GET', `/runs/${run}`)).run.status;
  now += 100_000;
  await reaper.tick();
  assert.equal(await status(), 'running', 'a server that was away itself gives everybody a lease');
  now += 3000;
  await reaper.tick();
  assert.equal(await status(), 'killed');
  assert.equal((await stand.call('GET', `/runs/${run}/recording`)).recording.state, 'lost');
  assert.equal((await report(run, { report: 1 })).state, 'open');
  assert.equal(await status(), 'running');
});

test('a version that MLflow’s client names is a version that the run read', async () => {
  await stand.call('POST', '/datasets/linked/versions', { manifest: await stand.store({ 'a.csv': 'a\n1\n' }) });
  const version = await stand.call('GET', '/datasets/linked/versions/1');
  const post = async (path: string, payload: object) => {
    const response = await stand.server.inject({ method: 'POST', url: `/api/2.0/mlflow/${path}`, payload });
    assert.equal(response.statusCode, 200, response.body);
    return response.json<Body>();
  };
  const make = async () => (await post('runs/create', { experiment_id: '0' })).run.info.run_id as string;
  const log = (run: string, dataset: object) =>
    post('runs/log-inputs', { run_id: run, datasets: [{ tags: [{ key: 'mlflow.data.context', value: 'eval' }], dataset }] });
  const [bySource, byDigest, other] = [await make(), await make(), await make()];
  await log(bySource, { name: 'x', digest: '1', source_type: 'code', source: '{"uri":"pawl:linked:1"}' });
  await log(byDigest, { name: 'linked', digest: version.manifest.slice(7, 39), source_type: 'local', source: '{"uri":"/tmp/a"}' });
  await log(other, { name: 'linked', digest: '0123abcd', source_type: 'local', source: '{"uri":"pawl:linked:9"}' });
  for (const run of [bySource, byDigest])
    assert.deepEqual((await stand.call('GET', `/runs/${run}`)).inputs, [{ ref: 'linked:1', role: 'eval' }]);
  assert.deepEqual((await stand.call('GET', `/runs/${other}`)).inputs, []);
  const users = await stand.call('GET', '/datasets/linked/versions/1/runs');
  assert.deepEqual(users.items.map(({ run }: Body) => run).toSorted(), [bySource, byDigest].toSorted());

  // And the other way: what the native API links, MLflow's clients read.
  const run = await stand.call('POST', '/runs', { experiment: 'rec' });
  await stand.call('POST', `/runs/${run.id}/inputs`, { inputs: [{ ref: 'linked:1', role: 'training' }] });
  const seen = (await stand.server.inject(`/api/2.0/mlflow/runs/get?run_id=${run.id}`)).json<Body>().run.inputs.dataset_inputs;
  assert.equal(seen.length, 1);
  assert.deepEqual([seen[0].dataset.name, seen[0].dataset.source_type, seen[0].tags[0].value], ['linked', 'pawl', 'training']);
  assert.equal(seen[0].dataset.digest, version.manifest.slice(7, 39));
});

test('reports that cannot be taken are refused, and change nothing', async () => {
  const run = idOf('e');
  await stand.refuse(404, 'recording_not_found', 'POST', `/runs/${run}/reports`, { report: 1 });
  await stand.refuse(404, 'run_not_found', 'GET', `/runs/${run}/recording`);
  await stand.refuse(404, 'run_not_found', 'GET', `/runs/${run}/logs`);
  await stand.refuse(404, 'dataset_not_found', 'POST', `/runs/${run}/recording`, { command: 'x', inputs: [{ ref: 'no', role: 'r' }] });
  const { id: taken } = await stand.call('POST', '/runs', {});
  await stand.refuse(409, 'run_id_taken', 'POST', `/runs/${taken}/recording`, { command: 'x' });
  await open(run);
  const lines = { first: 1, lines: [line('x')] };
  const digest = `sha256:${'0'.repeat(64)}`;
  const bad: readonly (readonly [number, string, Body])[] = [
    [404, 'blob_not_found', { artifacts: [{ path: 'a', digest, size: 1 }] }],
    [400, 'path_unsafe', { artifacts: [{ path: '../a', digest, size: 1 }] }],
    [400, 'invalid_input', { console: { first: 0, lines: [line('x')] } }],
    [400, 'invalid_input', { usage: { ...usage, wall_ms: -1 } }],
    [400, 'invalid_input', { samples: [{ step: 0, time: at, usage, resident_bytes: 1, cpu_percent: 1, machine: { 'A B': 1 } }] }],
    [404, 'dataset_not_found', { inputs: [{ ref: 'no', role: 'r' }] }],
  ];
  for (const [status, code, body] of bad)
    await stand.refuse(status, code, 'POST', `/runs/${run}/reports`, { report: 1, console: lines, ...body });
  const told = await report(run, { report: 1, console: lines });
  assert.equal(told.lines, 1);
  await stand.call('DELETE', `/runs/${run}`);
  await stand.refuse(400, 'run_deleted', 'POST', `/runs/${run}/reports`, { report: 2 });
});
