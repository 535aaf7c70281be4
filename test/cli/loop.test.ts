import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { pawl, start, startServer } from './pawl.ts';
import type { Server } from './pawl.ts';

let server: Server;
before(async () => {
  server = await startServer();
  const rows = Array.from({ length: 400 }, (_, row) => (row % 2 === 0 ? '1,true' : '-1,false'));
  write('held-out/rows.csv', `x,spam\n${rows.join('\n')}\n`);
  write('mails/rows.csv', 'id,domain,at,spam\na,x.org,1000,true\nb,x.org,2000,false\nc,y.org,3000,true\n');
  write('mails-bad/rows.csv', 'id,domain,at,spam\na,x.org,1000,true\na,,2000,false\n');
  await server.run('data', 'add', 'held-out', 'held-out');
  await server.run('data', 'add', 'mails', 'mails');
  writeProject();
});
after(() => server.stop());

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(join(server.folder, path, '..'), { recursive: true });
  writeFileSync(join(server.folder, path), content);
}

/** JSON is YAML. */
function writeProject(): void {
  const parts: Readonly<Record<string, object>> = {
    'pawl.yaml': { name: 'demo' },
    'checks/sound.yaml': {
      name: 'sound',
      dataset: 'mails',
      expectations: [
        { type: 'expect_column_values_to_be_unique', kwargs: { column: 'id' } },
        { type: 'expect_column_values_to_not_be_null', kwargs: { column: 'domain' } },
      ],
    },
    'features/activity.yaml': {
      name: 'activity',
      entity: 'domain',
      dataset: 'mails',
      id: 'id',
      streams: { mails: { time: 'at' } },
      features: { mails_1s: { aggregate: 'count', stream: 'mails', window: '1500ms' } },
    },
    'gates/gate.yaml': { name: 'gate', model: 'filter', label: 'spam', floors: { f1: 0.8 } },
    'rollouts/canary.yaml': {
      name: 'canary',
      endpoint: 'spam',
      model: 'filter',
      automatic: false,
      steps: [{ weight: 0.5, min_requests: 1000 }],
      guards: [{ metric: 'failures' }, { metric: 'slow', slo: '250ms', required: false }],
    },
    'monitors/watch.yaml': { name: 'watch', endpoint: 'spam' },
    'pipelines/steps.yaml': {
      name: 'steps',
      params: { word: 'hello' },
      steps: {
        first: {
          run: 'echo "$PAWL_PARAM_WORD" > "$PAWL_OUTPUT_NOTE" && echo said',
          params: ['word'],
          outputs: { note: { file: 'note.txt' } },
        },
        second: {
          run: 'pawl run log -m words=1 && cat "$PAWL_INPUT_NOTE" && test "$(cat "$PAWL_INPUT_NOTE")" != bad',
          inputs: { note: 'first.note' },
        },
      },
      triggers: [{ name: 'on-drift', on: { alert: { monitor: 'watch' } }, cooldown: '1h' }],
    },
  };
  for (const [path, content] of Object.entries(parts)) write(`project/${path}`, JSON.stringify(content));
}

test('apply makes the server match the files, says what it changed, and a dry run only says it', async () => {
  const file = join(server.folder, 'project/pawl.yaml');
  assert.match(await server.run('apply', '-f', file, '--dry-run'), /demo: 7 changes to make\n$/);
  assert.match(await server.run('check', 'list'), /No check suite yet/);
  const said = await server.run('apply', '-f', file);
  assert.match(said, /^created +check +sound$/m);
  assert.match(said, /demo: 7 changes made\n$/);
  assert.match(await server.run('apply', '-f', file), /demo: Nothing to change\n$/);
  assert.match(await server.refuse(1, 'apply', '-f', 'nothing.yaml'), /nothing\.yaml: it does not exist/);
  write('wrong/pawl.yaml', 'name: wrong');
  write('wrong/gates/g.yaml', '{"name": "g", "margin": 7}');
  assert.match(await server.refuse(1, 'apply', '-f', 'wrong/pawl.yaml'), /^Error: gates\/g\.yaml:1: [^\n]*margin/);
});

test('a check passes with exit code 0 and fails with 1, and says what broke', async () => {
  assert.match(await server.run('check', 'run', 'sound', 'mails'), /^mails:1 by sound: passed \(2 expectations\)\nOUTCOME/);
  await server.run('data', 'add', 'mails', 'mails-bad');
  const env = { PAWL_SERVER: server.url };
  const failed = await pawl(['check', 'run', 'sound', 'mails:2'], { env });
  assert.deepEqual([failed.code, failed.stderr], [1, '']);
  assert.match(failed.stdout, /^mails:2 by sound: failed \(2 of 2 expectations not met\)\n/);
  assert.match(failed.stdout, /^failed +column_values_to_be_unique id +critical +2 of 2 /m);
  const json = await pawl(['check', 'run', 'sound', 'mails:2', '--json'], { env });
  assert.equal(json.code, 1);
  assert.equal((JSON.parse(json.stdout) as { verdict: string }).verdict, 'failed');
  assert.match(await server.run('data', 'log', 'mails'), /2 .* rejected [^]*1 .* accepted /);
  assert.match(await server.refuse(1, 'check', 'run', 'nothing', 'mails'), /nothing/);
});

test('features are pushed, looked up and joined', async () => {
  const rows = [
    { id: 'p', domain: 'z.org', at: 1000 },
    { id: 'q', domain: 'z.org', at: 2000 },
  ];
  const env = { PAWL_SERVER: server.url };
  const pushed = await pawl(['feature', 'push', 'activity', '-'], {
    env,
    input: `${rows.map((row) => JSON.stringify(row)).join('\n')}\n\n`,
  });
  assert.equal(pushed.stdout, '2 rows pushed to activity: 2 new events\n');
  const broken = await pawl(['feature', 'push', 'activity', '-'], { env, input: '{"id":"r"}\nnonsense\n' });
  assert.deepEqual([broken.code, broken.stderr], [1, 'Error: standard input:2: this line is not JSON.\n']);
  assert.match(await server.refuse(1, 'feature', 'push', 'activity', 'no-file'), /Cannot read no-file: it does not exist/);
  assert.equal((await server.json('feature', 'materialize', 'activity', 'mails:1')).added, 3);
  const { vectors } = await server.json('feature', 'lookup', 'activity', 'z.org', 'x.org', '--at', '2100');
  assert.deepEqual(vectors, [
    { key: 'z.org', values: { mails_1s: 2 } },
    { key: 'x.org', values: { mails_1s: 2 } },
  ]);
  assert.match(await server.run('feature', 'lookup', 'activity', 'z.org', '--at', '2100'), /^KEY +mails_1s\nz\.org +2\n$/);

  const join_ = ['feature', 'join', 'activity', '--entities', 'mails:1', '--history', 'mails:1', '--time-column', 'at', '--out'];
  assert.match(await server.run(...join_, 'joined.parquet'), /^3 rows of mails:1 with activity in joined\.parquet\n$/);
  assert.equal(readFileSync(join(server.folder, 'joined.parquet')).subarray(0, 4).toString(), 'PAR1');
  assert.match(await server.refuse(1, ...join_, 'no/folder/x.parquet'), /Cannot write to no\/folder\/x\.parquet/);
});

test('a pipeline runs to its end, and again from the cache; a failed one is exit code 1', async () => {
  const done = await server.run('pipeline', 'run', 'steps', '--wait', '--note', 'by hand');
  assert.match(done, /^Pipeline steps: succeeded\nRun +[0-9a-f]{32}\n/);
  assert.match(done, /^first +succeeded .* 1 /m);
  const { items } = await server.json('pipeline', 'runs', 'steps');
  const id: string = items[0].id;
  assert.equal(await server.run('pipeline', 'logs', id, 'first'), 'said\n');
  assert.equal(await server.run('pipeline', 'logs', id, 'second', '--follow').then((text) => text.endsWith('hello\n')), true);
  assert.match(await server.run('run', 'show', id), /^words +1$/m);
  assert.match(await server.run('pipeline', 'run', 'steps', '--wait'), /^first +cached /m);
  assert.match(
    await server.run('pipeline', 'explain', (await server.json('pipeline', 'runs')).items[0].id),
    /^first +cached +Nothing that decides its result has changed/m,
  );

  const failed = await pawl(['pipeline', 'run', 'steps', '-p', 'word=bad', '--wait'], { env: { PAWL_SERVER: server.url } });
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /^Pipeline steps: failed\n[^]*^second +failed /m);
  const bad: string = (await server.json('pipeline', 'runs')).items[0].id;
  assert.equal((await pawl(['pipeline', 'retry', bad, '--wait'], { env: { PAWL_SERVER: server.url } })).code, 1);
  assert.match(await server.run('pipeline', 'show', bad), /^first +succeeded/m);
  assert.match(await server.run('pipeline', 'cancel', bad), /is failed/);
  assert.match(await server.run('pipeline', 'list'), /^steps +first → second /m);
  assert.match(await server.run('pipeline', 'triggers'), /^on-drift +steps +alerts of watch \(any\) .*1 h +1, queue/m);
  assert.match(await server.run('pipeline', 'triggers', 'on-drift'), /decided nothing yet/);
  assert.match(await server.refuse(1, 'pipeline', 'run', 'nothing', '--wait'), /There is no pipeline "nothing"/);
});

test('a model goes through gate and rollout, and an answer can be traced back', async () => {
  const spec = {
    flavors: { onnx: { data: 'model.onnx', onnx_version: '1.17.0' } },
    metadata: { pawl: { features: [], positive_output: 'probability' } },
  };
  for (const [name, weight] of [
    ['good', 8],
    ['bad', -8],
  ] as const) {
    write(`${name}/MLmodel`, JSON.stringify(spec));
    write(`${name}/model.onnx`, toLogisticOnnx({ x: weight }, 0));
  }
  const run: string = (await server.json('pipeline', 'runs')).items[0].id;
  const env = { PAWL_SERVER: server.url, PAWL_RUN_ID: run, PAWL_TASK_ID: 'task-1' };
  const args = [
    'model',
    'register',
    'filter',
    join(server.folder, 'good'),
    '--input',
    'training=mails:1',
    '--evaluation',
    'held-out',
    '--json',
  ];
  const inStep = JSON.parse((await pawl(args, { env })).stdout) as { created: boolean; version: Record<string, unknown> };
  assert.deepEqual([inStep.created, inStep.version['run'], inStep.version['task'], inStep.version['key']], [true, run, 'task-1', 'task-1']);
  assert.equal((JSON.parse((await pawl(args, { env })).stdout) as { created: boolean }).created, false);
  assert.match(await server.run('model', 'register', 'filter', 'bad', '--evaluation', 'held-out'), /^filter:2 registered \(2 files, sent /);
  assert.match(await server.refuse(1, 'model', 'register', 'filter', 'held-out'), /cannot be registered/);
  assert.match(await server.refuse(1, 'model', 'stage', 'filter', '2', 'Production'), /may not enter Production/);

  assert.match(await server.run('gate', 'decide', 'filter', '1'), /^Gate gate: PASS\nCandidate +filter:1\nAgainst +the majority baseline/);
  await server.run('rollout', 'start', 'spam', '1');
  assert.match(await server.run('rollout', 'endpoints'), /^spam +filter +1 +–$/m);
  const refused = await pawl(['gate', 'decide', 'filter', '2'], { env });
  assert.deepEqual([refused.code, refused.stderr], [1, '']);
  assert.match(refused.stdout, /^Gate gate: FAIL\n[^]*^FAIL +/m);
  assert.match(await server.refuse(1, 'rollout', 'start', 'spam', '2'), /its gate says FAIL/);
  assert.match(await server.run('gate', 'force', 'filter', '2', '--reason', 'a drill'), /Forced +.* by user:ann: a drill/);
  assert.match(await server.run('gate', 'log', 'filter'), /filter:2 +version 1 +FAIL \(forced\)/);
  assert.match(await server.run('gate', 'show', 'filter:1'), /^Gate gate: PASS/);
  await server.run('rollout', 'start', 'spam', '2');
  const status = await server.run('rollout', 'status', 'spam');
  assert.match(status, /^Endpoint spam: filter version 2 against version 1: running\n/);
  assert.match(status, /^Waits +step 1 of 1 at 50 %: waiting for 1000 more candidate requests$/m);
  assert.match(status, /^failures \* +not enough data +0\/0 +0\/0 /m);
  assert.match(status, /^slow > 250 ms +not enough data /m);
  assert.match(await server.run('rollout', 'rollback', 'spam', '--reason', 'enough'), /is rolled_back: /);
  assert.match(await server.refuse(1, 'rollout', 'promote', 'spam', '--reason', 'x'), /No rollout is under way at endpoint spam/);
  assert.match(await server.run('model', 'show', 'filter'), /^ +1 +Production /m);
  await server.run('model', 'alias', 'filter', 'best', '1');
  assert.match(await server.run('model', 'show', 'filter:best'), /Version +filter:1\nStage +Production\n/);
  await server.run('model', 'change', 'filter:1', '--description', 'the first', '--tag', 'team=mail', '--tag', 'old=1');
  await server.run('model', 'change', 'filter:1', '--untag', 'old');
  assert.match(await server.run('model', 'show', 'filter:1'), /Description +the first\n(.*\n)*Tags +team=mail\n/);
  assert.match(await server.refuse(1, 'model', 'delete', 'filter'), /governed by a project/);
  assert.match(await server.refuse(1, 'model', 'delete', 'filter:1'), /answers at endpoint "spam"/);
  assert.match(await server.refuse(1, 'model', 'delete', 'filter:best'), /answers at endpoint "spam"/);
  await server.run('model', 'unalias', 'filter', 'best');
  assert.match(await server.refuse(1, 'model', 'show', 'filter:best'), /no version or alias best/);

  const answer = await fetch(`${server.url}/v2/models/spam/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] }),
  });
  const id = answer.headers.get('x-pawl-prediction-id') ?? '';
  assert.match(id, /^[0-9a-f]{32}$/, await answer.text());
  assert.match(await server.run('label', 'spam', id, 'true'), /is labelled true/);
  const lineage = await tracedBack(id);
  for (const part of [
    'Truth: labelled true',
    'Model filter version 1 (Production)',
    `Run ${run}`,
    'Data training: mails:1',
    'Gate gate: PASS',
    'promoted',
    'Check sound: passed',
  ]) {
    assert.ok(lineage.includes(part), `${part} is not in\n${lineage}`);
  }
  assert.match(await server.run('lineage', 'filter:2'), /^Model filter version 2 \(.*\)\n[^]*Forced .* by user:ann: a drill/);
  assert.match(await server.refuse(1, 'lineage', '0'.repeat(32)), /0{32}/);
  assert.match(await server.refuse(1, 'label', 'nowhere', id, 'true'), /no endpoint "nowhere"/);
});

/** Predictions are taken in behind the answer. */
async function tracedBack(id: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const { code, stdout, stderr } = await pawl(['lineage', id], { env: { PAWL_SERVER: server.url } });
    if (code === 0 && stdout.includes('labelled')) return stdout;
    if (tries === 40) throw new Error(`the prediction is not known yet: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

test('events are listed, and followed as they happen', async () => {
  assert.match(await server.run('events', '--type', 'gate.forced'), /gate\.forced .* user:ann /);
  const follower = start(['events', '--follow', '--type', 'run.created', '--json', '--after-seq', '0'], {
    env: { PAWL_SERVER: server.url },
  });
  const first = await new Promise<string>((resolve) => follower.child.stdout?.once('data', (text: string) => resolve(text)));
  assert.equal((JSON.parse(first.split('\n')[0] ?? '') as { type: string }).type, 'run.created');
  follower.child.kill('SIGINT');
  const { code, stderr } = await follower.ended;
  assert.deepEqual([code, stderr], [0, '']);
});

test('the lists that are still empty say so, and every answer is JSON when asked', async () => {
  assert.match(await server.run('alert', 'list'), /^No alert\.$/m);
  assert.match(await server.run('monitor', 'windows', 'watch'), /No window has closed yet/);
  assert.match(await server.run('monitor', 'list'), /^watch +spam +1 d /m);
  for (const args of [
    ['run', 'list'],
    ['experiment', 'list'],
    ['model', 'list'],
    ['gate', 'list'],
    ['rollout', 'list'],
    ['monitor', 'list'],
    ['alert', 'list'],
    ['feature', 'list'],
    ['check', 'list'],
    ['events'],
    ['pipeline', 'list'],
    ['rollout', 'status'],
  ]) {
    assert.ok(Array.isArray((await server.json(...args)).items), args.join(' '));
    assert.notEqual(await server.run(...args), '');
  }
});
