import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { isFault } from '@pawl/core';
import type { PipelineStep } from '@pawl/core';
import { file, fromDataset, fromStep, manual, pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';

async function start(rig: Rig, steps: readonly PipelineStep[]): Promise<string> {
  await rig.define(pipeline(steps));
  return (await rig.pipelines.start({ pipeline: 'p', cause: manual('one') })).run.id;
}

test('a failing step is tried again after its back-off, then what waits for it is blocked; a retry runs only what has no result', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('sound', 'echo sound >> ran.txt'),
      step('shaky', 'echo shaky >> ran.txt; echo "no luck" >&2; test -f fixed && echo ok > "$PAWL_OUTPUT_X"', {
        outputs: { x: file('x') },
        retries: 2,
        after: ['sound'],
      }),
      step('last', 'cat "$PAWL_INPUT_X" >> ran.txt', { inputs: { x: fromStep('shaky', 'x') } }),
    ]);
    const worker = rig.worker();
    const ended = await rig.drive(id, worker, { name: 'hurry', tick: async () => (rig.clock.advance(100), false) });
    assert.equal(ended.state, 'failed');
    assert.deepEqual(await rig.states(id), { sound: 'succeeded', shaky: 'failed', last: 'blocked' });
    assert.equal(rig.read('ran.txt'), 'sound\nshaky\nshaky\nshaky\n');
    const failed = await rig.task(id, 'shaky');
    assert.deepEqual([failed.attempt, failed.error], [3, 'Step "shaky" ended with exit code 1. It said: no luck']);
    assert.deepEqual(
      (await rig.pipelines.logs(id, 'shaky', 0, 100)).map((line) => [line.attempt, line.text]),
      [
        [1, 'no luck'],
        [2, 'no luck'],
        [3, 'no luck'],
      ],
    );
    assert.equal((await rig.runs.get(id)).status, 'failed');
    assert.match((await rig.pipelines.explain(id))[2]?.reason ?? '', /not started: shaky did not succeed/);

    rig.write('fixed', '');
    assert.equal((await rig.pipelines.retry(id, 'user:test')).state, 'running');
    assert.equal((await rig.runs.get(id)).status, 'running');
    assert.equal((await rig.drive(id, worker)).state, 'succeeded');
    assert.equal(rig.read('ran.txt'), 'sound\nshaky\nshaky\nshaky\nshaky\nok\n');
    assert.equal((await rig.runs.get(id)).status, 'finished');
    await assert.rejects(rig.pipelines.retry(id, 'user:test'), (error) => isFault(error, 'run_not_retryable'));
  });
});

test('an attempt waits for its back-off', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [step('shaky', 'exit 1', { retries: 1 })]);
    const worker = rig.worker();
    const before = rig.clock.now();
    await worker.tick();
    await worker.idle();
    const waiting = await rig.task(id, 'shaky');
    assert.equal(waiting.state, 'ready');
    // Base 1 s, random 0.5: three quarters of it.
    const wait = waiting.readyAt - rig.clock.now();
    assert.ok(waiting.readyAt - before >= 750 && wait <= 750, `${wait}`);
    assert.equal(await worker.tick(), false);
    rig.clock.advance(wait + 1);
    assert.equal(await worker.tick(), true);
    await worker.idle();
    assert.equal((await rig.pipelines.run(id)).state, 'failed');
  });
});

test('every way to fail says what was wrong', async () => {
  const cases: readonly (readonly [PipelineStep, RegExp])[] = [
    [
      step('s', 'true', { outputs: { table: file('t.csv') } }),
      /Step "s" ended well but did not write its declared output "table" \(PAWL_OUTPUT_TABLE\)/,
    ],
    [step('s', 'true', { outputs: { all: { type: 'folder', dataset: null, name: 'all' } } }), /did not write its declared output "all"/],
    [
      step('s', 'mkdir "$PAWL_OUTPUT_T"; echo x > "$PAWL_OUTPUT_T/x"', { outputs: { t: file('t.csv') } }),
      /Output "t" of step "s" cannot be taken: it is declared as a file, but a folder was written/,
    ],
    [
      step('s', 'echo x > "$PAWL_OUTPUT_M/x"', { outputs: { m: { type: 'model', dataset: null, name: 'm' } } }),
      /a model is a folder with a file "MLmodel" in it/,
    ],
    [
      step('s', 'echo "{" > "$PAWL_OUTPUT_M"', { outputs: { m: { type: 'metrics', dataset: null, name: 'm.json' } } }),
      /Output "m" of step "s" cannot be taken: it is not JSON/,
    ],
    [
      step('s', 'no-such-command --now', { retries: 5 }),
      /Step "s": the command was not found \(exit code 127\)\. It said: .*no-such-command/,
    ],
    [step('s', 'exit 3'), /Step "s" ended with exit code 3\./],
    [step('s', 'kill -9 $$'), /Step "s" was ended by SIGKILL\.|exit code 137/],
    [step('s', 'sleep 30', { timeoutMs: 200 }), /Step "s" took longer than its timeout of 0\.2 s and was stopped/],
    [step('s', 'true', { code: ['missing.py'] }), /missing\.py/],
    [
      step('s', 'printf "a,b\\n1\\n\\"" > "$PAWL_OUTPUT_T"', { outputs: { t: file('t.parquet', 'broken') } }),
      /broken\/t\.parquet cannot be read as a table/,
    ],
  ];
  for (const [failing, message] of cases) {
    await withRig(async (rig) => {
      const id = await start(rig, [failing]);
      assert.equal((await rig.drive(id, rig.worker())).state, 'failed', failing.run);
      const task = await rig.task(id, 's');
      assert.match(task.error ?? '', message);
      assert.equal(task.attempt, 1, 'no attempt more than makes sense');
    });
  }
});

test('what failed leaves no version and fills no cache', async () => {
  await withRig(async (rig) => {
    const outputs = { table: file('t.csv', 'table'), more: file('more.txt') };
    const id = await start(rig, [step('half', 'echo a > "$PAWL_OUTPUT_TABLE"; echo x >> ran.txt', { outputs })]);
    assert.equal((await rig.drive(id, rig.worker())).state, 'failed');
    await assert.rejects(rig.datasets.resolve('table'), (error) => isFault(error, 'dataset_not_found'));
    await rig.pipelines.retry(id, 'user:test');
    await rig.drive(id, rig.worker());
    assert.equal(rig.read('ran.txt'), 'x\nx\n');
  });
});

test('a canceled run stops its command, starts nothing more, and can be taken up again', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('long', 'echo begun >> ran.txt; sleep 60; echo ended >> ran.txt'),
      step('next', 'echo next >> ran.txt', { after: ['long'] }),
    ]);
    const worker = rig.worker({ stopGraceMs: 200 });
    await rig.until(() => rig.read('ran.txt') !== '', worker);
    assert.equal((await rig.pipelines.cancel(id, 'user:test')).state, 'canceling');
    assert.equal((await rig.pipelines.cancel(id, 'user:test')).state, 'canceling', 'twice is once');
    assert.deepEqual(await rig.states(id), { long: 'canceling', next: 'canceled' });
    await worker.tick();
    await worker.idle();
    assert.equal((await rig.pipelines.run(id)).state, 'canceled');
    assert.deepEqual(await rig.states(id), { long: 'canceled', next: 'canceled' });
    assert.equal(rig.read('ran.txt'), 'begun\n');
    assert.equal((await rig.runs.get(id)).status, 'killed');
    await rig.pipelines.retry(id, 'user:test');
    assert.deepEqual(await rig.states(id), { long: 'ready', next: 'waiting' });
    await rig.pipelines.cancel(id, 'user:test');
  });
});

test('data that a check rejected feeds no step, however far behind it', async () => {
  await withRig(async (rig) => {
    await rig.add('mail', { 'mails/1.txt': 'a\n' });
    const steps = [
      step('extract', 'echo word > "$PAWL_OUTPUT_TABLE"; echo x >> "$PAWL_OUTPUT_TABLE"', {
        inputs: { mail: fromDataset('mail') },
        outputs: { table: file('t.csv', 'words') },
      }),
      step('clean', 'touch reading; until [ -e go ]; do sleep 0.02; done; cp "$PAWL_INPUT_TABLE" "$PAWL_OUTPUT_CLEAN"', {
        inputs: { table: fromStep('extract', 'table') },
        outputs: { clean: file('c.txt') },
      }),
      step('train', 'echo trained >> ran.txt', { inputs: { clean: fromStep('clean', 'clean') } }),
    ];
    const id = await start(rig, steps);
    const worker = rig.worker({ slots: 1 });
    // What a blocking check does, as soon as `clean` has read the words and before `train` starts.
    await rig.until(() => existsSync(join(rig.root, 'reading')), worker);
    await rig.database.transaction((tx) => tx.datasets.setStatus({ dataset: 'words', version: 1 }, 'rejected'));
    rig.write('go', '');
    assert.equal((await rig.drive(id, worker)).state, 'failed');
    assert.match((await rig.task(id, 'train')).error ?? '', /Version 1 of dataset "words" failed its check/);
    assert.equal(rig.read('ran.txt'), '');

    await rig.database.transaction((tx) => tx.datasets.setStatus({ dataset: 'mail', version: 1 }, 'rejected'));
    await assert.rejects(rig.pipelines.start({ pipeline: 'p', cause: manual('two') }), (error) => isFault(error, 'dataset_rejected'));
  });
});

test('of a step that talks too much the beginning and the end are kept, and it says so', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [
      step('chatty', 'seq 1 20000'),
      step('wide', 'yes "$(seq -s - 1 60)" | head -n 9000'),
      step('just', 'seq 1 10000'),
    ]);
    assert.equal((await rig.drive(id, rig.worker())).state, 'succeeded');
    const lines = await rig.logText(id, 'chatty');
    assert.deepEqual([lines.length, lines[9_999], lines[10_001], lines.at(-1)], [11_001, '10000', '19001', '20000']);
    assert.match(lines[10_000] ?? '', /^\[9000 lines with 45000 characters are not kept here: the step wrote more than 10000 lines/);
    const wide = await rig.logText(id, 'wide');
    assert.ok(wide.join('').length <= 1_100_400);
    assert.match(wide.findLast((line) => line.startsWith('[')) ?? '', /^\[2530 lines with 430100 characters are not kept here/);
    assert.equal((await rig.logText(id, 'just')).length, 10_000);
  });
});

test('a worker that closes gives its tasks back, and the attempt does not count', async () => {
  await withRig(async (rig) => {
    const id = await start(rig, [step('long', 'echo begun >> ran.txt; test -f quick || sleep 60')]);
    const first = rig.worker({ worker: 'first' });
    await rig.until(() => rig.read('ran.txt') !== '', first);
    await first.close(200);
    const released = await rig.task(id, 'long');
    assert.deepEqual([released.state, released.attempt, released.lost, released.error], ['ready', 0, 0, null]);
    assert.equal(await first.tick(), false, 'a closed worker claims nothing');
    rig.write('quick', '');
    assert.equal((await rig.drive(id, rig.worker({ worker: 'second' }))).state, 'succeeded');
  });
});
