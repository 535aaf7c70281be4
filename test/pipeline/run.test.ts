import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { isFault } from '@pawl/core';
import { createTrackingService } from '@pawl/engine';
import { manual, pipeline, step, withRig } from './rig.ts';

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

const blank = {
  experiment: 'by hand',
  name: 'try',
  code: null,
  environment: {},
  params: { a: '1' },
  tags: {},
  actor: 'user:test',
} as const;

test('a run by hand takes parameters, metrics with steps, inputs and files until it ends', async () => {
  await withRig(async ({ runs, ports, add }) => {
    await add('mail', { 'a.csv': 'id\n1\n' });
    const run = await runs.create(blank);
    await runs.record(run.id, {
      params: { a: '2', b: '3' },
      tags: { note: 'x' },
      metrics: [1, 2, 3].map((at) => ({ key: 'loss', value: 1 / at, step: at })),
    });
    await runs.record(run.id, { inputs: [{ dataset: 'mail', version: 1, role: 'training' }] });
    const artifact = await runs.addArtifact(run.id, 'plots/loss.txt', bytes('old'));
    const newer = await runs.addArtifact(run.id, 'plots/loss.txt', bytes('new'));
    assert.notEqual(artifact.digest, newer.digest);
    assert.deepEqual(await runs.artifacts(run.id), [newer]);
    assert.equal(new TextDecoder().decode(await ports.blobs.read(newer.digest)), 'new');
    assert.deepEqual((await runs.get(run.id)).params, { a: '1', b: '3' }, 'a parameter keeps its first value');
    assert.deepEqual(
      (await runs.metricHistory(run.id, 'loss')).map((metric) => metric.step),
      [1, 2, 3],
    );
    assert.deepEqual(
      (await runs.latestMetrics(run.id)).filter(({ key }) => !key.startsWith('system/')).map((metric) => metric.value),
      [1 / 3],
    );
    assert.deepEqual(await runs.inputs(run.id), [{ dataset: 'mail', version: 1, role: 'training' }]);

    assert.equal((await runs.end(run.id, 'finished', 'user:test')).status, 'finished');
    assert.equal((await runs.end(run.id, 'failed', 'user:test')).status, 'finished', 'the first end holds');
    for (const late of [runs.record(run.id, { tags: { late: '1' } }), runs.addArtifact(run.id, 'late.txt', bytes('x'))])
      await assert.rejects(late, (error) => isFault(error, 'run_ended'));
    const types = (await ports.database.read.events.list({ subject: `run/${run.id}` }, { limit: 10 })).items.map((event) => event.type);
    assert.deepEqual(types, ['run.created', 'run.ended']);
  });
});

test('what is not there is said', async () => {
  await withRig(async ({ runs }) => {
    const run = await runs.create(blank);
    await assert.rejects(runs.get('none'), (error) => isFault(error, 'run_not_found'));
    await assert.rejects(runs.record('none', {}), (error) => isFault(error, 'run_not_found'));
    await assert.rejects(runs.end('none', 'finished', 'user:test'), (error) => isFault(error, 'run_not_found'));
    await assert.rejects(runs.addArtifact(run.id, '../out', bytes('x')), (error) => isFault(error, 'path_unsafe'));
    await assert.rejects(runs.experiment('nothing'), (error) => isFault(error, 'experiment_not_found'));
    assert.equal((await runs.experiment('by hand')).id, run.experiment);
    assert.equal((await runs.experiment(run.experiment)).name, 'by hand');
  });
});

test('a pipeline run records the commit, and the patch when the tree is not clean', async () => {
  await withRig(async (rig) => {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: rig.root, encoding: 'utf8' });
    git('init', '--quiet', '--initial-branch=main');
    rig.write('train.sh', 'true\n');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
    await rig.define(pipeline([step('train', 'sh train.sh')]));
    const clean = await rig.pipelines.start({ pipeline: 'p', cause: manual('clean') });
    const commit = git('rev-parse', 'HEAD').trim();
    assert.deepEqual((await rig.runs.get(clean.run.id)).code, { commit, branch: 'main', patch: null });
    rig.write('train.sh', 'echo changed\n');
    const dirty = await rig.pipelines.start({ pipeline: 'p', cause: manual('dirty') });
    const code = (await rig.runs.get(dirty.run.id)).code;
    assert.equal(code?.commit, commit);
    assert.match(new TextDecoder().decode(await rig.ports.blobs.read(code?.patch ?? 'sha256:')), /\+echo changed/);
  });
});

test('a client of tracking logs to the run of a pipeline, and does not end it', async () => {
  await withRig(async (rig) => {
    const tracking = createTrackingService({ ...rig.ports, artifactRoot: 'mlflow-artifacts:/' });
    await rig.define(pipeline([step('train', 'true')]));
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('go') });
    const metrics = [{ key: 'loss', value: 1, step: 0, time: 1 }];
    await tracking.update(run.id, { status: 'running' }, 'user:test');
    await tracking.log(run.id, { metrics, params: [{ key: 'p', value: '1' }], tags: [] }, false);
    const told = await tracking.update(run.id, { name: 'renamed', status: 'finished', endedAt: 5 }, 'user:test');
    assert.deepEqual([told.name, told.status, told.endedAt], ['renamed', 'running', null]);
    await rig.drive(run.id, rig.worker());
    const { run: ended, metrics: logged } = await tracking.get(run.id);
    assert.deepEqual([ended.status, ended.params['p'], logged[0]?.value], ['finished', '1', 1]);
    await tracking.log(run.id, { metrics: [], params: [], tags: [{ key: 'late', value: 'x' }] }, true);
    assert.equal((await tracking.get(run.id)).run.tags['late'], 'x', 'a run takes notes after its end');
  });
});

test('two that log one run at once keep all of it, and one value of a parameter', async () => {
  await withRig(async (rig) => {
    const tracking = createTrackingService({ ...rig.ports, artifactRoot: 'mlflow-artifacts:/' });
    const blankRun = { experiment: 0, name: '', user: 'ann', tags: {}, actor: 'user:test' };
    const { id } = await tracking.create(blankRun);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => {
        const metrics = [{ key: 'loss', value: at, step: at, time: 0 }];
        return tracking.log(id, { metrics, params: [{ key: 'winner', value: `${at}` }], tags: [] }, false);
      }),
    );
    const won = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
    assert.equal(won.length, 1);
    for (const outcome of outcomes) assert.ok(outcome.status === 'fulfilled' || isFault(outcome.reason, 'run_params_changed'));
    assert.equal((await tracking.get(id)).run.params['winner'], `${won[0]}`);
    const history = await tracking.history(id, 'loss', { limit: 100 });
    assert.deepEqual(
      history.items.map(({ step: at }) => at),
      won,
      'what is refused leaves nothing',
    );
  });
});
