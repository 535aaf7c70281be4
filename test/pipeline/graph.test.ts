import assert from 'node:assert/strict';
import test from 'node:test';
import { isFault } from '@pawl/core';
import type { PipelineSpec, PipelineStep } from '@pawl/core';
import { file, fromStep, manual, pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';

const json = (name: string) => ({ type: 'json', dataset: null, name }) as const;
const each = (list: string | readonly number[], parallelism = 0) => ({ foreach: { in: list, parallelism } });

async function start(rig: Rig, steps: readonly PipelineStep[], more: Partial<PipelineSpec> = {}, key = 'one'): Promise<string> {
  await rig.define({ ...pipeline(steps), ...more });
  return (await rig.pipelines.start({ pipeline: 'p', cause: manual(key) })).run.id;
}

test('a list made at run time fans out, and its results come together in order, of files and of values', async () => {
  await withRig(async (rig) => {
    const steps = [
      step('split', `echo '[{"day": 3}, {"day": 1}, {"day": 2}]' > "$PAWL_OUTPUT_DAYS"`, { outputs: { days: json('days.json') } }),
      step(
        'work',
        'echo "$PAWL_ITEM_DAY" >> ran.txt; echo "[$PAWL_ITEM_DAY]" > "$PAWL_OUTPUT_V"; echo "day $PAWL_ITEM_DAY" > "$PAWL_OUTPUT_T"',
        {
          ...each('steps.split.days'),
          outputs: { v: json('v.json'), t: file('t.txt') },
        },
      ),
      step('join', 'cat "$PAWL_INPUT_V" > all.txt; cat "$PAWL_INPUT_T"/*/t.txt >> all.txt', {
        inputs: { v: fromStep('work', 'v'), t: fromStep('work', 't') },
      }),
    ];
    const id = await start(rig, steps);
    const worker = rig.worker();
    assert.equal((await rig.drive(id, worker)).state, 'succeeded');
    assert.equal(rig.read('all.txt'), '[[3],[1],[2]]day 3\nday 1\nday 2\n');
    const elements = await rig.pipelines.elements(id, 'work', -1, 10);
    assert.deepEqual(
      elements.map(({ index, item, state }) => [index, item, state]),
      [
        [0, { day: 3 }, 'succeeded'],
        [1, { day: 1 }, 'succeeded'],
        [2, { day: 2 }, 'succeeded'],
      ],
    );
    assert.deepEqual((await rig.task(id, 'work')).elements, { total: 3, open: 0, bad: 0 });

    // One element more and another order: only the new one runs.
    const [, ...rest] = steps;
    const longer = [
      step('split', `echo '[{"day": 2}, {"day": 3}, {"day": 1}, {"day": 4}]' > "$PAWL_OUTPUT_DAYS"`, {
        outputs: { days: json('days.json') },
      }),
      ...rest,
    ];
    const second = await start(rig, longer, {}, 'two');
    assert.equal((await rig.drive(second, worker)).state, 'succeeded');
    assert.deepEqual(rig.read('ran.txt').trim().split('\n').toSorted(), ['1', '2', '3', '4']);
    assert.equal(rig.read('all.txt'), '[[2],[3],[1],[4]]day 2\nday 3\nday 1\nday 4\n');
  });
});

test('a fan-out runs no more at once than it may, skips by element, and an empty list is no failure', async () => {
  await withRig(async (rig) => {
    const count = 'echo in >> ran.txt; sleep 0.1; echo out >> ran.txt; echo "$PAWL_ITEM" > "$PAWL_OUTPUT_V"';
    const id = await start(rig, [
      step('work', count, { ...each([0, 1, 2, 3, 4], 2), if: 'item != 1', outputs: { v: json('v.json') }, cache: false }),
      step('none', 'exit 1', each([])),
      step('join', 'cat "$PAWL_INPUT_V" > all.txt', { inputs: { v: fromStep('work', 'v') }, after: ['none'] }),
    ]);
    assert.equal((await rig.drive(id, rig.worker({ slots: 5 }))).state, 'succeeded');
    let most = 0;
    let now = 0;
    for (const line of rig.read('ran.txt').trim().split('\n')) most = Math.max(most, (now += line === 'in' ? 1 : -1));
    assert.equal(most, 2);
    assert.equal(rig.read('all.txt'), '[0,null,2,3,4]');
    assert.deepEqual(await rig.states(id), { work: 'succeeded', none: 'succeeded', join: 'succeeded' });
  });
});

test('a retry runs only the elements that failed', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('work', 'echo "$PAWL_ITEM" >> ran.txt; test "$PAWL_ITEM" != 2 || test -f fixed', each([0, 1, 2, 3], 1)),
      step('after', 'echo after >> ran.txt', { after: ['work'] }),
    ]);
    const worker = rig.worker();
    assert.equal((await rig.drive(id, worker)).state, 'failed');
    assert.match((await rig.task(id, 'work')).error ?? '', /1 of 4 elements failed. The first: Step "work"/);
    assert.deepEqual(await rig.states(id), { work: 'failed', after: 'blocked' });
    rig.write('fixed', '');
    await rig.pipelines.retry(id, 'user:test');
    assert.equal((await rig.drive(id, worker)).state, 'succeeded');
    assert.equal(rig.read('ran.txt'), '0\n1\n2\n3\n2\nafter\n');
  });
});

test('conditions choose a branch; what waits for the other is skipped, and what always runs is told how it went', async () => {
  await withRig(async (rig) => {
    const steps = (score: number) => [
      step('score', `echo '{"f1": ${score}}' > "$PAWL_OUTPUT_M"`, { outputs: { m: { type: 'metrics', dataset: null, name: 'm.json' } } }),
      step('good', 'echo good >> ran.txt', { if: 'steps.score.m.f1 > params.least' }),
      step('bad', 'echo bad >> ran.txt; exit 3', { if: '!(steps.score.m.f1 > params.least)' }),
      step('publish', 'echo publish >> ran.txt', { after: ['good'] }),
      step('tell', 'echo "$PAWL_RUN_STATE $PAWL_RUN_FAILED_STEP $PAWL_RUN_ERROR" >> ran.txt', { always: true }),
    ];
    const typed = { params: { least: '0.5' }, parameters: { least: { type: 'float' } } } as const;
    const worker = rig.worker();
    const first = await start(rig, steps(0.9), typed);
    assert.equal((await rig.drive(first, worker)).state, 'succeeded');
    assert.deepEqual(await rig.states(first), {
      score: 'succeeded',
      good: 'succeeded',
      bad: 'skipped',
      publish: 'succeeded',
      tell: 'succeeded',
    });
    const second = await start(rig, steps(0.1), typed, 'two');
    assert.equal((await rig.drive(second, worker)).state, 'failed');
    assert.deepEqual(await rig.states(second), {
      score: 'succeeded',
      good: 'skipped',
      bad: 'failed',
      publish: 'skipped',
      tell: 'succeeded',
    });
    assert.equal(rig.read('ran.txt'), 'good\npublish\nsucceeded  \nbad\nfailed bad Step "bad" ended with exit code 3.\n');
    await rig.pipelines.retry(second, 'user:test');
    assert.equal((await rig.drive(second, worker)).state, 'failed');
    assert.equal(
      rig
        .read('ran.txt')
        .split('\n')
        .filter((line) => line.startsWith('failed')).length,
      2,
    );
  });
});

test('an expression without a value fails its step and says where', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('score', `echo '{"f1": 1}' > "$PAWL_OUTPUT_M"`, { outputs: { m: json('m.json') } }),
      step('use', 'true', { if: 'steps.score.m.f2 > 1' }),
    ]);
    assert.equal((await rig.drive(id, rig.worker())).state, 'failed');
    assert.match((await rig.task(id, 'use')).error ?? '', /character 15: there is no "f2"; there is f1/);
  });
});

test('a person lets a run go on or ends it', async () => {
  await withRig(async (rig) => {
    const steps = [step('ask', '', { approve: 'Publish it?' }), step('publish', 'echo published >> ran.txt', { after: ['ask'] })];
    const worker = rig.worker();
    const id = await start(rig, steps);
    await worker.tick();
    assert.deepEqual(await rig.states(id), { ask: 'paused', publish: 'waiting' });
    const decided = await rig.pipelines.decide(id, { step: 'ask', approved: true, note: '' }, 'user:ann');
    assert.deepEqual([decided.state, decided.worker], ['succeeded', 'user:ann']);
    assert.equal((await rig.drive(id, worker)).state, 'succeeded');
    await assert.rejects(rig.pipelines.decide(id, { step: 'ask', approved: true, note: '' }, 'user:ann'), (error) =>
      isFault(error, 'step_not_asking'),
    );
    const second = await start(rig, steps, {}, 'two');
    await rig.pipelines.decide(second, { step: 'ask', approved: false, note: 'not today' }, 'user:ann');
    assert.equal((await rig.pipelines.run(second)).state, 'failed');
    assert.equal((await rig.task(second, 'ask')).error, 'user:ann refused: not today.');
    assert.equal(rig.read('ran.txt'), 'published\n');
  });
});

test('a paused run starts nothing, keeps its place, and goes on', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('work', 'echo "$PAWL_ITEM" >> ran.txt; sleep 0.2', { ...each([0, 1, 2, 3], 1), cache: false }),
      step('last', 'echo last >> ran.txt', { after: ['work'] }),
    ]);
    const worker = rig.worker();
    await rig.until(() => rig.read('ran.txt') !== '', worker);
    assert.equal((await rig.pipelines.pause(id, 'user:test')).state, 'paused');
    await worker.idle();
    for (let tick = 0; tick < 3; tick++) assert.equal(await worker.tick(), false);
    assert.equal(rig.read('ran.txt'), '0\n');
    assert.equal((await rig.pipelines.resume(id, 'user:test')).state, 'running');
    assert.equal((await rig.drive(id, worker)).state, 'succeeded');
    assert.equal(rig.read('ran.txt'), '0\n1\n2\n3\nlast\n');
    await assert.rejects(rig.pipelines.pause(id, 'user:test'), (error) => isFault(error, 'run_not_pausable'));
  });
});

test('a canceled fan-out ends when its commands have, and then what runs even so', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('work', 'echo "$PAWL_ITEM" >> ran.txt; sleep 60', each([0, 1, 2, 3])),
      step('tidy', 'echo "$PAWL_RUN_STATE" >> ran.txt', { always: true, onCancel: true }),
      step('other', 'echo other >> ran.txt', { always: true }),
    ]);
    const worker = rig.worker({ stopGraceMs: 200 });
    await rig.until(() => rig.read('ran.txt').split('\n').length === 3, worker);
    assert.equal((await rig.pipelines.cancel(id, 'user:test')).state, 'canceling');
    assert.equal((await rig.drive(id, worker)).state, 'canceled');
    assert.deepEqual(await rig.states(id), { work: 'canceled', tidy: 'succeeded', other: 'canceled' });
    assert.deepEqual(rig.read('ran.txt').trim().split('\n').toSorted(), ['0', '1', 'canceled']);
  });
});

test('a run that takes too long is stopped and has failed', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [step('long', 'sleep 60')], { timeoutMs: 5000 });
    const worker = rig.worker({ stopGraceMs: 200 });
    const reaper = rig.reaper(60_000);
    await worker.tick();
    await reaper.tick();
    assert.equal((await rig.pipelines.run(id)).state, 'running');
    rig.clock.advance(5001);
    await reaper.tick();
    const ended = await rig.drive(id, worker);
    assert.deepEqual([ended.state, ended.options.error], ['failed', 'The run took longer than its timeout of 5 s and was stopped.']);
  });
});

test('a pool holds over runs, and a rerun from a step keeps what does not depend on it', async () => {
  await withRig(async (rig) => {
    const pool = { name: 'gpu-${params.kind}', slots: 1 };
    const steps = [
      step('read', 'echo read >> ran.txt; date +%N > "$PAWL_OUTPUT_R"', { outputs: { r: file('r') }, cache: false, pool }),
      step('work', 'echo work >> ran.txt; cat "$PAWL_INPUT_R" > "$PAWL_OUTPUT_W"', {
        ...each([0, 1]),
        inputs: { r: fromStep('read', 'r') },
        outputs: { w: file('w') },
        cache: false,
      }),
      step('end', 'echo end >> ran.txt; cat "$PAWL_INPUT_W"/*/w > "all-$PAWL_RUN_ID.txt"', {
        inputs: { w: fromStep('work', 'w') },
        cache: false,
      }),
    ];
    const typed = { params: { kind: 'a' } };
    const first = await start(rig, steps, typed);
    const second = await start(rig, steps, typed, 'two');
    const worker = rig.worker({ slots: 4 });
    await worker.tick();
    assert.deepEqual([(await rig.task(first, 'read')).state, (await rig.task(second, 'read')).state].toSorted(), ['ready', 'running']);
    await rig.drive(first, worker);
    await rig.drive(second, worker);
    rig.write('ran.txt', '');
    const again = await rig.pipelines.rerun(second, { from: 'end', cause: manual('again') });
    assert.equal((await rig.drive(again.id, worker)).state, 'succeeded');
    assert.equal(rig.read('ran.txt'), 'end\n');
    assert.equal(rig.read(`all-${again.id}.txt`), rig.read(`all-${second}.txt`));
    assert.notEqual(rig.read(`all-${again.id}.txt`), rig.read(`all-${first}.txt`));
    assert.deepEqual(await rig.states(again.id), { read: 'cached', work: 'cached', end: 'succeeded' });
    assert.deepEqual(again.options, { rerunOf: second, from: 'end' });
    await assert.rejects(rig.pipelines.rerun(second, { from: 'ende', cause: manual('x') }), (error) => isFault(error, 'step_unknown'));
  });
});

test('no-cache runs everything and still fills the cache; a result may be too old', async () => {
  await withRig(async (rig) => {
    const steps = [step('work', 'echo work >> ran.txt', { cacheMs: 60_000 })];
    const worker = rig.worker();
    await rig.drive(await start(rig, steps), worker);
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('two'), noCache: true });
    await rig.drive(run.id, worker);
    assert.equal(rig.read('ran.txt'), 'work\nwork\n');
    await rig.drive(await start(rig, steps, {}, 'three'), worker);
    assert.equal(rig.read('ran.txt'), 'work\nwork\n');
    rig.clock.advance(61_000);
    await rig.drive(await start(rig, steps, {}, 'four'), worker);
    assert.equal(rig.read('ran.txt'), 'work\nwork\nwork\n');
  });
});

test('a secret reaches its step and no log, key or row', async () => {
  await withRig(async (rig) => {
    const surroundings = { ...rig.ports.surroundings, secret: (name: string) => Promise.resolve(name === 'db' ? 'hunter2' : undefined) };
    const worker = rig.worker({}, { surroundings });
    const steps = [step('use', 'echo "it is $TOKEN"; test ${#TOKEN} = 7', { secrets: { TOKEN: 'db' } })];
    const id = await start(rig, steps);
    assert.equal((await rig.drive(id, worker)).state, 'succeeded');
    assert.deepEqual(await rig.logText(id, 'use'), ['it is ***']);
    const { cacheKey } = await rig.task(id, 'use');
    assert.ok(cacheKey);
    const key = new TextDecoder().decode(await rig.ports.blobs.read(cacheKey));
    assert.ok(key.includes('"TOKEN":"db"') && !key.includes('hunter2'));
    const second = await start(rig, [step('use', 'true', { secrets: { TOKEN: 'none' }, retries: 3 })], {}, 'two');
    assert.equal((await rig.drive(second, worker)).state, 'failed');
    assert.match((await rig.task(second, 'use')).error ?? '', /needs the secret "none"/);
  });
});
