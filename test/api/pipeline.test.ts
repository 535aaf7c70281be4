import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { START, startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

const DAY = 86_400_000;

const project = {
  name: 'test',
  root: '/srv/project',
  parts: {
    pipelines: [
      {
        name: 'train',
        params: { rate: 0.1 },
        steps: {
          extract: {
            run: 'node extract.ts',
            inputs: { mail: 'dataset:mail' },
            outputs: { train: { file: 'train.csv', dataset: 'train' } },
          },
          fit: {
            run: 'node fit.ts',
            inputs: { train: 'extract.train' },
            outputs: { model: { model: 'model' } },
            params: ['rate'],
            timeout: '5m',
          },
        },
        triggers: [{ name: 'on-drift', on: { alert: { monitor: 'watch', kinds: ['drift'] } }, cooldown: '1d' }],
      },
    ],
    monitors: [{ name: 'watch', endpoint: 'spam', bucket: '1h', window: '6h', webhook: 'https://example.org/hook' }],
  },
};

before(async () => {
  stand = await startStand();
  await stand.call('POST', '/datasets/mail/versions', { manifest: await stand.store({ 'a.csv': 'a\n1\n' }) });
});
after(() => stand.close());

test('apply tells what it would change, changes it, and then has nothing to do', async () => {
  const wanted = ['watch', 'train', 'on-drift'];
  const told = await stand.call('POST', '/apply', { project, dry_run: true });
  assert.deepEqual(
    told.changes.map((one: Body) => [one.name, one.change]),
    wanted.map((name) => [name, 'created']),
  );
  assert.deepEqual((await stand.call('GET', '/pipelines')).items, []);
  assert.deepEqual(await stand.call('POST', '/apply', { project }), told);
  const again = await stand.call('POST', '/apply', { project });
  assert.deepEqual(
    again.changes.map((one: Body) => one.change),
    ['unchanged', 'unchanged', 'unchanged'],
  );
  const message = await stand.refuse(400, 'invalid_input', 'POST', '/apply', {
    project: { ...project, parts: { monitors: [{ name: 'watch', endpoint: 'spam', window: '7x' }] } },
  });
  assert.match(message, /project\.parts\.monitors\[0\]\.window/);
});

test('a pipeline is shown as it was declared', async () => {
  const pipeline = await stand.call('GET', '/pipelines/train');
  assert.deepEqual(pipeline.params, { rate: '0.1' });
  assert.deepEqual(
    pipeline.steps.map((one: Body) => [one.name, one.timeout_ms]),
    [
      ['extract', 3_600_000],
      ['fit', 300_000],
    ],
  );
  assert.deepEqual(pipeline.steps[1].inputs, { train: { from: 'step', step: 'extract', output: 'train' } });
  assert.deepEqual((await stand.call('GET', '/pipelines')).items, [pipeline]);
});

test('a run starts once a key, is canceled, retried, explained', async () => {
  const { created, run } = await stand.call('POST', '/pipelines/train/runs', { key: 'one', params: { rate: '0.5' }, note: 'by hand' });
  assert.equal(created, true);
  assert.deepEqual([run.state, run.params.rate, run.datasets.mail, run.cause.note], ['running', '0.5', 1, 'by hand']);
  const again = await stand.call('POST', '/pipelines/train/runs', { key: 'one' });
  assert.deepEqual(again, { created: false, run });
  const { tasks } = await stand.call('GET', `/pipeline-runs/${run.id}`);
  assert.deepEqual(
    tasks.map((one: Body) => [one.step, one.state]),
    [
      ['extract', 'ready'],
      ['fit', 'waiting'],
    ],
  );
  await stand.refuse(409, 'run_not_retryable', 'POST', `/pipeline-runs/${run.id}/retry`);
  const { steps } = await stand.call('GET', `/pipeline-runs/${run.id}/explanation`);
  assert.match(steps[1].reason, /waits for extract/);
  assert.equal((await stand.call('POST', `/pipeline-runs/${run.id}/cancel`)).state, 'canceled');
  assert.equal((await stand.call('POST', `/pipeline-runs/${run.id}/retry`)).state, 'running');
  assert.deepEqual(
    (await stand.call('GET', '/pipeline-runs?pipeline=train&state=running')).items.map((one: Body) => one.id),
    [run.id],
  );
  assert.deepEqual((await stand.call('GET', '/pipeline-runs?state=failed')).items, []);
  await stand.refuse(400, 'parameter_unknown', 'POST', '/pipelines/train/runs', { params: { speed: '1' } });
  await stand.refuse(400, 'pin_unknown', 'POST', '/pipelines/train/runs', { datasets: { other: 1 } });
  await stand.refuse(404, 'dataset_version_not_found', 'POST', '/pipelines/train/runs', { datasets: { mail: 9 } });
});

test('what a step wrote is paged', async () => {
  const { run } = await stand.call('POST', '/pipelines/train/runs', {});
  const { tasks } = await stand.call('GET', `/pipeline-runs/${run.id}`);
  const lines = ['one', 'two', 'three'].map((text, index) => ({
    task: tasks[0].id,
    attempt: 1,
    seq: index + 1,
    time: START,
    stream: 'stdout' as const,
    text,
  }));
  await stand.database.transaction((tx) => tx.tasks.appendLogs(lines));
  const path = `/pipeline-runs/${run.id}/tasks/extract/logs`;
  const page = await stand.call('GET', `${path}?limit=2`);
  assert.deepEqual(
    page.items.map((one: Body) => one.text),
    ['one', 'two'],
  );
  const rest = await stand.call('GET', `${path}?limit=2&after=${page.next}`);
  assert.deepEqual([rest.items[0].text, rest.next], ['three', undefined]);
  await stand.refuse(400, 'invalid_cursor', 'GET', `${path}?after=x`);
  await stand.refuse(404, 'task_not_found', 'GET', `/pipeline-runs/${run.id}/tasks/nothing/logs`);
});

test('triggers and their decisions are listed', async () => {
  const [trigger] = (await stand.call('GET', '/triggers')).items;
  assert.deepEqual(trigger, {
    name: 'on-drift',
    pipeline: 'train',
    on: { kind: 'alert', monitor: 'watch', kinds: ['drift'] },
    filter: {},
    dedupe: { key: null, window_ms: DAY },
    group: null,
    merge: true,
    debounce: { quiet_ms: 0, max_wait_ms: 0 },
    cooldown_ms: DAY,
    concurrency: { max_active: 1, policy: 'queue' },
    budget: null,
    params: {},
    next_fire: null,
  });
  assert.deepEqual(await stand.call('GET', '/triggers/on-drift'), trigger);
  const decision = { trigger: 'on-drift', group: '', decision: 'waiting', stage: 'cooldown', reason: 'it cools down', run: null } as const;
  await stand.database.transaction((tx) =>
    tx.triggers.insertDecisions(['1', '2', '3'].map((id) => ({ ...decision, id, event: id, at: START + Number(id) }))),
  );
  const page = await stand.call('GET', '/triggers/on-drift/decisions?limit=2');
  const rest = await stand.call('GET', `/triggers/on-drift/decisions?limit=2&after=${page.next}`);
  assert.deepEqual(
    [...page.items, ...rest.items].map((one: Body) => one.id),
    ['3', '2', '1'],
  );
  assert.equal(rest.next, undefined);
  await stand.refuse(404, 'trigger_not_found', 'GET', '/triggers/nothing/decisions');
});

test('monitors, windows and alerts are listed', async () => {
  const [monitor] = (await stand.call('GET', '/monitors')).items;
  assert.deepEqual([monitor.bucket_ms, monitor.window_buckets, monitor.webhook], [3_600_000, 6, 'https://example.org/hook']);
  assert.deepEqual(await stand.call('GET', '/monitors/watch'), monitor);
  const window = {
    monitor: 'watch',
    version: 1,
    rows: 100,
    status: 'drift' as const,
    drift: [{ feature: 'x', effect: 0.3, low: 0.1, high: 0.5, p: 0.001, adjusted: 0.002, flagged: true }],
    quality: { truePositive: 1, falsePositive: 2, trueNegative: 3, falseNegative: 4 },
    revised: false,
  };
  await stand.database.transaction(async (tx) => {
    for (const [version, start] of [
      [1, START],
      [1, START + DAY],
      [2, START + DAY],
    ] as const)
      await tx.monitors.putWindow({ ...window, version, start, end: start + DAY });
    await tx.alerts.insert({
      id: 'a'.repeat(32),
      monitor: 'watch',
      kind: 'drift',
      version: 1,
      state: 'firing',
      pendingAt: START,
      firedAt: START,
      resolvedAt: null,
      summary: 'x has moved',
      evidence: { feature: 'x', windows: [1, 2] },
      revision: 1,
    });
  });
  const seen: Body[] = [];
  for (let next: string | undefined = ''; next !== undefined;) {
    const page: Body = await stand.call('GET', `/monitors/watch/windows?limit=1${next === '' ? '' : `&after=${next}`}`);
    seen.push(...page.items);
    next = page.next;
  }
  assert.equal(seen.length, 3);
  assert.deepEqual(seen[0].quality, { true_positive: 1, false_positive: 2, true_negative: 3, false_negative: 4 });
  assert.equal((await stand.call('GET', '/monitors/watch/windows?version=2')).items.length, 1);
  const [alert] = (await stand.call('GET', '/alerts?monitor=watch&state=firing')).items;
  assert.deepEqual(alert.evidence, { feature: 'x', windows: [1, 2] });
  assert.deepEqual(await stand.call('GET', `/alerts/${alert.id}`), alert);
  assert.deepEqual((await stand.call('GET', '/alerts?state=resolved')).items, []);
});
