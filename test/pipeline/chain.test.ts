import assert from 'node:assert/strict';
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { file, fromDataset, fromStep, manual, pipeline, step, withRig } from './rig.ts';
import type { Rig } from './rig.ts';

/** mail → extract → train → evaluate, and `notes` beside them; each leaves its name in ran.txt. */
const spec = pipeline(
  [
    step('extract', 'sh code/extract.sh', {
      inputs: { mail: fromDataset('mail') },
      outputs: { table: file('words.csv', 'words') },
      code: ['code/extract.sh'],
    }),
    step('train', 'sh code/train.sh', {
      inputs: { table: fromStep('extract', 'table') },
      outputs: { model: { type: 'model', dataset: null, name: 'model' } },
      params: ['rate'],
      code: ['code/train.sh'],
    }),
    step('evaluate', 'sh code/evaluate.sh', {
      inputs: { model: fromStep('train', 'model'), table: fromStep('extract', 'table') },
      outputs: { scores: { type: 'metrics', dataset: null, name: 'scores.json' } },
      code: ['code/evaluate.sh'],
    }),
    step('notes', 'echo notes >> ran.txt; cat "$PAWL_INPUT_NOTES" > "$PAWL_OUTPUT_COPY"', {
      inputs: { notes: fromDataset('notes') },
      outputs: { copy: file('copy.txt') },
    }),
  ],
  { rate: '0.1', unread: '1' },
);

async function prepare(rig: Rig): Promise<void> {
  rig.write(
    'code/extract.sh',
    'echo extract >> ran.txt\necho word > "$PAWL_OUTPUT_TABLE"\ncat "$PAWL_INPUT_MAIL"/mails/*.txt | sort | uniq >> "$PAWL_OUTPUT_TABLE"\n',
  );
  rig.write(
    'code/train.sh',
    'echo train >> ran.txt\nwc -l < "$PAWL_INPUT_TABLE" > "$PAWL_OUTPUT_MODEL/MLmodel"\necho "$PAWL_PARAM_RATE" > "$PAWL_OUTPUT_MODEL/rate"\n',
  );
  rig.write(
    'code/evaluate.sh',
    'echo evaluate >> ran.txt\necho "{\\"lines\\": $(cat "$PAWL_INPUT_MODEL/MLmodel")}" > "$PAWL_OUTPUT_SCORES"\n',
  );
  await rig.add('mail', { 'mails/1.txt': 'offer\nhello\n', 'mails/2.txt': 'hello\n' });
  await rig.add('notes', { 'notes.txt': 'one\n' });
  await rig.define(spec);
}

let key = 0;
/** Runs the pipeline; says which steps' commands were run, and the run's id. */
async function runAll(
  rig: Rig,
  input: { readonly params?: Record<string, string>; readonly datasets?: Record<string, number> } = {},
): Promise<{ readonly id: string; readonly ran: readonly string[] }> {
  rig.write('ran.txt', '');
  const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual(`k${++key}`), ...input });
  const ended = await rig.drive(run.id, rig.worker());
  assert.equal(ended.state, 'succeeded', JSON.stringify(await rig.pipelines.tasks(run.id)));
  return {
    id: run.id,
    ran: rig
      .read('ran.txt')
      .split('\n')
      .filter((line) => line !== '')
      .toSorted(),
  };
}

test('files of code that change places are other code, and so is a lock file among them', async () => {
  await withRig(async (rig) => {
    await rig.define(
      pipeline([
        step('say', 'echo say >> ran.txt; cat code/a.txt code/b.txt > "$PAWL_OUTPUT_TEXT"', {
          outputs: { text: file('text.txt') },
          code: ['code', 'uv.lock'],
        }),
      ]),
    );
    rig.write('code/a.txt', '1\n');
    rig.write('code/b.txt', '2\n');
    rig.write('uv.lock', 'numpy 1\n');
    assert.deepEqual((await runAll(rig)).ran, ['say']);
    assert.deepEqual((await runAll(rig)).ran, []);
    rig.write('code/a.txt', '2\n');
    rig.write('code/b.txt', '1\n');
    assert.deepEqual((await runAll(rig)).ran, ['say']);
    rig.write('uv.lock', 'numpy 2\n');
    assert.deepEqual((await runAll(rig)).ran, ['say']);
  });
});

test('a chain runs once; only what changed, and what depends on it, runs again', async () => {
  await withRig(async (rig) => {
    await prepare(rig);
    const everything = ['evaluate', 'extract', 'notes', 'train'];
    const first = await runAll(rig);
    assert.deepEqual(first.ran, everything);
    assert.deepEqual(
      (await rig.runs.latestMetrics(first.id)).filter(({ key }) => !key.startsWith('system/')).map(({ key: name, value }) => [name, value]),
      [['lines', 3]],
    );

    const second = await runAll(rig);
    assert.deepEqual(second.ran, []);
    assert.deepEqual(await rig.states(second.id), { extract: 'cached', train: 'cached', evaluate: 'cached', notes: 'cached' });
    assert.deepEqual(
      (await rig.runs.latestMetrics(second.id))
        .filter(({ key }) => !key.startsWith('system/'))
        .map(({ key: name, value }) => [name, value]),
      [['lines', 3]],
      'metrics of a cached step join the run too',
    );
    assert.deepEqual((await rig.task(second.id, 'train')).outputs, (await rig.task(first.id, 'train')).outputs);
    assert.match((await rig.pipelines.explain(second.id))[0]?.reason ?? '', /Nothing that decides its result has changed/);

    const future = new Date(Date.now() + 1_000_000);
    for (const name of ['extract', 'train', 'evaluate']) utimesSync(join(rig.root, `code/${name}.sh`), future, future);
    assert.deepEqual((await runAll(rig)).ran, [], 'a touch runs nothing');

    rig.write('code/train.sh', `${rig.read('code/train.sh')}#`);
    const edited = await runAll(rig);
    assert.deepEqual(edited.ran, ['train'], 'the edit made the same model, so what reads the model stays as it is');
    const told = await rig.pipelines.explain(edited.id);
    assert.deepEqual(
      told.map(({ step: name, changes }) => [name, changes]),
      [
        ['extract', []],
        ['train', ['the code']],
        ['evaluate', []],
        ['notes', []],
      ],
    );
    assert.match(told[1]?.reason ?? '', /^Changed since run [0-9a-f]{32}: the code\.$/);

    rig.write('code/train.sh', rig.read('code/train.sh').replace('wc -l < "$PAWL_INPUT_TABLE"', 'echo 7'));
    const changed = await runAll(rig);
    assert.deepEqual(changed.ran, ['evaluate', 'train'], 'one step changed what it writes: exactly it and its dependents');
    assert.deepEqual((await rig.pipelines.explain(changed.id))[2]?.changes, ['input "model"']);

    assert.deepEqual((await runAll(rig, { params: { rate: '0.2' } })).ran, ['evaluate', 'train']);
    assert.deepEqual((await runAll(rig, { params: { rate: '0.2', unread: '9' } })).ran, [], 'a parameter that no step names is in no key');

    await rig.add('mail', { 'mails/1.txt': 'offer\nhellp\n', 'mails/2.txt': 'hello\n' });
    assert.deepEqual((await runAll(rig)).ran, ['evaluate', 'extract', 'train'], 'one byte of the mails');
    await rig.add('mail', { 'mails/x.txt': 'offer\nhellp\n', 'mails/y.txt': 'hello\n' });
    assert.deepEqual((await runAll(rig)).ran, ['extract'], 'a folder is its paths and bytes; the words are the same');
    const back = await runAll(rig, { datasets: { mail: 1 } });
    assert.deepEqual(back.ran, [], 'pinned to the first version: its results are still known');
    assert.deepEqual((await rig.task(back.id, 'extract')).outputs['table']?.dataset, { dataset: 'words', version: 1 });
    await rig.add('notes', { 'renamed.txt': 'one\n' });
    assert.deepEqual((await runAll(rig)).ran, [], 'a renamed file with the same bytes changes nothing');
  });
});

test('a result of which a part is gone is made again', async () => {
  await withRig(async (rig) => {
    await prepare(rig);
    const first = await runAll(rig);
    const table = (await rig.task(first.id, 'extract')).outputs['table'];
    assert.ok(table);
    const { entries } = JSON.parse(new TextDecoder().decode(await rig.ports.blobs.read(table.manifest))) as {
      entries: readonly { digest: `sha256:${string}` }[];
    };
    rmSync(await rig.ports.blobs.localPath(entries[0]?.digest ?? 'sha256:'));
    assert.deepEqual((await runAll(rig)).ran, ['extract']);
    assert.ok(await rig.ports.blobs.has(entries[0]?.digest ?? 'sha256:'));
  });
});

test('a step that reads the outside world is never taken from the cache', async () => {
  await withRig(async (rig) => {
    await rig.define(
      pipeline([
        step('fetch', 'echo fetch >> ran.txt; echo x > "$PAWL_OUTPUT_PAGE"', { outputs: { page: file('page.txt') }, cache: false }),
      ]),
    );
    assert.deepEqual((await runAll(rig)).ran, ['fetch']);
    const again = await runAll(rig);
    assert.deepEqual(again.ran, ['fetch']);
    assert.match((await rig.pipelines.explain(again.id))[0]?.reason ?? '', /always runs/);
  });
});

test('what a run records: cause, data, parameters, environment, artifacts, events', async () => {
  await withRig(async (rig) => {
    await prepare(rig);
    const { id } = await runAll(rig);
    const run = await rig.runs.get(id);
    assert.deepEqual([run.status, run.params, run.environment], ['finished', { rate: '0.1', unread: '1' }, { node: process.version }]);
    assert.equal((await rig.runs.experiment(run.experiment)).name, 'spam');
    assert.deepEqual((await rig.runs.inputs(id)).map(({ dataset, version, role }) => `${dataset}:${version} ${role}`).toSorted(), [
      'mail:1 mail',
      'notes:1 notes',
      'words:1 table',
    ]);
    assert.deepEqual((await rig.runs.artifacts(id)).map((artifact) => artifact.path).toSorted(), [
      'evaluate/scores/scores.json',
      'notes/copy/copy.txt',
      'train/model/MLmodel',
      'train/model/rate',
    ]);
    const words = await rig.datasets.resolve('words');
    assert.deepEqual([words.version, words.task, words.tables[0]?.rows], [1, (await rig.task(id, 'extract')).id, 2]);
    const types = (await rig.database.read.events.list({ subject: `pipeline-run/${id}` }, { limit: 10 })).items.map((event) => event.type);
    assert.deepEqual(types, ['pipeline.run_created', 'pipeline.run_ended']);
    const ended = await rig.database.read.events.latest({ types: ['pipeline.run_ended'] });
    assert.equal(ended?.data['state'], 'succeeded');
  });
});

test('a step knows its run, its task and the server, and finds the Node that Pawl runs on', async () => {
  await withRig(async (rig) => {
    await rig.add('mail', { 'mails/1.txt': 'a\n' });
    const print = `node -e 'console.log(JSON.stringify([process.version, process.env]))'`;
    const outputs = { table: file('table.csv', 'mail-table'), folder: { type: 'folder', dataset: null, name: 'folder' } } as const;
    await rig.define(
      pipeline(
        [
          step('look', `${print}; echo x > "$PAWL_OUTPUT_TABLE"; echo y > "$PAWL_OUTPUT_FOLDER/y"`, {
            inputs: { 'the-mail': fromDataset('mail') },
            outputs,
            params: ['depth'],
          }),
        ],
        { depth: '3', other: '4' },
      ),
    );
    const { id } = await runAll(rig);
    const [version, env] = JSON.parse((await rig.logText(id, 'look'))[0] ?? '') as [string, Readonly<Record<string, string>>];
    assert.equal(version, process.version);
    const run = await rig.runs.get(id);
    assert.deepEqual(
      [
        env['PAWL_RUN_ID'],
        env['PAWL_TASK_ID'],
        env['PAWL_SERVER'],
        env['MLFLOW_TRACKING_URI'],
        env['MLFLOW_RUN_ID'],
        env['MLFLOW_EXPERIMENT_ID'],
        env['PAWL_PARAM_DEPTH'],
        env['PAWL_PARAM_OTHER'],
        env['PAWL_INPUT_THE_MAIL_REF'],
      ],
      [
        id,
        (await rig.task(id, 'look')).id,
        'http://127.0.0.1:5055',
        'http://127.0.0.1:5055',
        id,
        String(run.experiment),
        '3',
        undefined,
        'mail:1',
      ],
    );
    assert.match(env['PAWL_INPUT_THE_MAIL'] ?? '', /\/in\/the-mail$/);
    assert.match(env['PAWL_OUTPUT_TABLE'] ?? '', /\/out\/table\/table\.csv$/);
  });
});
