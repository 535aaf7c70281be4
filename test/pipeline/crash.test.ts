import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PipelineRun } from '@pawl/core';
import { file, fromStep, manual, pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';

async function startWorker(rig: Rig, worker: string, leaseMs: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('kill-worker.ts', import.meta.url)), rig.home, worker, String(leaseMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

async function ended(rig: Rig, run: string, seconds: number): Promise<PipelineRun> {
  for (const until = Date.now() + seconds * 1000; ; await sleep(20)) {
    const found = await rig.pipelines.run(run);
    if (found.state !== 'running') return found;
    assert.ok(Date.now() < until, `the run did not end: ${JSON.stringify(await rig.pipelines.tasks(run))}`);
  }
}

/** A repeatable random source (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const metrics = { type: 'metrics', dataset: null, name: 'm.json' } as const;
const chain = pipeline(
  [
    step('a', 'sleep 0.1; echo "word" > "$PAWL_OUTPUT_T"; echo "$PAWL_PARAM_ROUND" >> "$PAWL_OUTPUT_T"', {
      outputs: { t: file('t.csv', 'table-a') },
      params: ['round'],
    }),
    step('b', 'sleep 0.1; cat "$PAWL_INPUT_T" > "$PAWL_OUTPUT_T"; echo more >> "$PAWL_OUTPUT_T"', {
      inputs: { t: fromStep('a', 't') },
      outputs: { t: file('t.csv', 'table-b') },
    }),
    step('c', 'sleep 0.1; echo "{\\"lines\\": $(wc -l < "$PAWL_INPUT_T")}" > "$PAWL_OUTPUT_M"', {
      inputs: { t: fromStep('b', 't') },
      outputs: { m: metrics },
    }),
  ],
  { round: '0' },
);

test('kill -9 of the worker at random points: after a restart each run ends, and nothing has happened twice', async () => {
  await withRig(async (rig) => {
    await rig.define(chain);
    const random = seeded(20_260_725);
    const rounds = 3;
    let kills = 0;
    for (let round = 1; round <= rounds; round++) {
      const { run } = await rig.pipelines.start({ pipeline: 'p', params: { round: String(round) }, cause: manual(`round ${round}`) });
      for (let kill = 0; kill < 3; kill++) {
        const worker = await startWorker(rig, 'w1', 30_000);
        await sleep(random() * 300);
        await end(worker, 'SIGKILL');
        kills += 1;
      }
      const worker = await startWorker(rig, 'w1', 30_000);
      // Long before the lease of 30 s: a worker that starts again under its name takes back what it held.
      assert.equal((await ended(rig, run.id, 20)).state, 'succeeded');
      await end(worker, 'SIGTERM');

      assert.deepEqual(await rig.states(run.id), { a: 'succeeded', b: 'succeeded', c: 'succeeded' });
      assert.deepEqual(
        (await rig.runs.metricHistory(run.id, 'lines')).map((metric) => metric.value),
        [3],
      );
      assert.equal((await rig.runs.get(run.id)).status, 'finished');
      const about = (subject: string) => rig.database.read.events.list({ subject }, { limit: 1000 });
      assert.equal((await about(`pipeline-run/${run.id}`)).items.filter((event) => event.type === 'pipeline.run_ended').length, 1);
      for (const task of await rig.pipelines.tasks(run.id)) {
        const states = (await about(`task/${task.id}`)).items.map((event) => event.data['state']);
        assert.equal(states.filter((state) => state === 'succeeded').length, 1, JSON.stringify(states));
        assert.equal(task.attempt, task.lost + 1);
      }
    }
    assert.equal(kills, 9);
    for (const dataset of ['table-a', 'table-b']) {
      const { items } = await rig.datasets.versions(dataset, { limit: 100 });
      assert.deepEqual(items.map((version) => version.version).toReversed(), [1, 2, 3], 'one version for each round');
    }
  });
});

test('two workers share the tasks: each runs once; when one is killed, the other takes over after the lease', async () => {
  await withRig(async (rig) => {
    const names = Array.from({ length: 24 }, (_, index) => `s${index}`);
    const steps = names.map((name) =>
      step(name, `echo ${name} >> ran.txt; sleep 0.03; echo ${name} > "$PAWL_OUTPUT_X"`, { outputs: { x: file('x.txt') } }),
    );
    await rig.define(pipeline(steps));
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('shared') });
    const workers = [await startWorker(rig, 'w1', 5_000), await startWorker(rig, 'w2', 5_000)];
    assert.equal((await ended(rig, run.id, 30)).state, 'succeeded');
    assert.deepEqual(rig.read('ran.txt').trim().split('\n').toSorted(), names.toSorted());
    assert.deepEqual(new Set((await rig.pipelines.tasks(run.id)).map((task) => task.worker)), new Set(['w1', 'w2']));
    for (const worker of workers) await end(worker, 'SIGTERM');

    await rig.define(pipeline([step('long', 'echo x >> long.txt; test $(wc -l < long.txt) -gt 1 || sleep 60')]));
    const second = await rig.pipelines.start({ pipeline: 'p', cause: manual('taken over') });
    const doomed = await startWorker(rig, 'w1', 1_000);
    while (rig.read('long.txt') === '') await sleep(10);
    await end(doomed, 'SIGKILL');
    const heir = await startWorker(rig, 'w2', 1_000);
    assert.equal((await ended(rig, second.run.id, 20)).state, 'succeeded');
    await end(heir, 'SIGTERM');
    const task = await rig.task(second.run.id, 'long');
    assert.deepEqual([task.worker, task.attempt, task.lost], ['w2', 2, 1]);
  });
});

test('a worker whose task was taken away commits nothing, however well its command ended', async () => {
  await withRig(async (rig) => {
    const say = 'echo x >> ran.txt; while ! test -f go; do sleep 0.02; done; echo "$PAWL_TASK_ID" > "$PAWL_OUTPUT_T"';
    await rig.define(pipeline([step('slow', say, { outputs: { t: file('t.csv', 'table') }, cache: false })]));
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('one') });
    const silent = rig.worker({ worker: 'silent', leaseMs: 1_000 });
    await silent.tick();
    while (rig.read('ran.txt') === '') await sleep(5);
    rig.clock.advance(2_000);
    const reaper = rig.reaper();
    await reaper.tick();
    assert.equal((await rig.task(run.id, 'slow')).state, 'running', 'the first look only suspects');
    rig.clock.advance(400);
    await reaper.tick();
    assert.equal((await rig.task(run.id, 'slow')).state, 'running', 'a worker that lives has had no time to renew');
    rig.clock.advance(100);
    await reaper.tick();
    assert.equal((await rig.task(run.id, 'slow')).state, 'ready');
    const other = rig.worker({ worker: 'other' });
    await rig.until(() => rig.read('ran.txt') === 'x\nx\n', other);
    rig.write('go', '');
    await silent.idle();
    assert.equal((await rig.drive(run.id, other)).state, 'succeeded');
    const after = await rig.task(run.id, 'slow');
    assert.deepEqual([after.worker, after.fence, after.attempt], ['other', 2, 2]);
    assert.equal((await rig.database.read.datasets.latest('table'))?.version, 1);
  });
});

test('a living worker keeps its task through a jump of the clock', async () => {
  await withRig(async (rig) => {
    await rig.define(pipeline([step('slow', 'echo x >> ran.txt; while ! test -f go; do sleep 0.02; done')]));
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('one') });
    const [worker, reaper] = [rig.worker({ leaseMs: 1_000 }), rig.reaper()];
    await worker.tick();
    for (let day = 0; day < 5; day++) {
      rig.clock.advance(86_400_000);
      await reaper.tick();
      await worker.tick();
      await reaper.tick();
    }
    rig.write('go', '');
    assert.equal((await rig.drive(run.id, worker, reaper)).state, 'succeeded');
    assert.deepEqual([(await rig.task(run.id, 'slow')).lost, rig.read('ran.txt')], [0, 'x\n']);
  });
});

test('a worker whose clock is behind keeps its task', async () => {
  await withRig(async (rig) => {
    await rig.define(pipeline([step('slow', 'echo x >> ran.txt; while ! test -f go; do sleep 0.02; done')]));
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('one') });
    // Each of its leases has run out when it is written.
    const [worker, reaper] = [rig.worker({ leaseMs: 1_000 }), rig.reaper(1_000, 60_000)];
    await worker.tick();
    for (let ms = 0; ms < 5000; ms += 100) {
      rig.clock.advance(100);
      await worker.tick();
      await reaper.tick();
      await reaper.tick();
    }
    rig.write('go', '');
    assert.equal((await rig.drive(run.id, worker, reaper)).state, 'succeeded');
    assert.deepEqual([(await rig.task(run.id, 'slow')).lost, rig.read('ran.txt')], [0, 'x\n']);
  });
});
