/** What a run's record says of its pipeline's steps: use, cost, surroundings, logs. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createEnvironmentInspector } from '@pawl/drivers';
import { createRecordingService, createWorker } from '@pawl/engine';
import { fromDataset, manual, pipeline, step, withRig } from './rig.ts';

const busy = `node -e "const b = Buffer.alloc(50e6, 1); const t = process.cpuUsage; while (t().user < 600000); console.log('used', b.length)"`;

test('a step’s attempts are measured, priced and logged with the run of the pipeline', () =>
  withRig(async (rig) => {
    const prices = { currency: 'EUR', standard: null, machines: { lab: { cpuHour: 3600, gbHour: 0, gpuHour: 0, hour: 0 } } };
    const ports = { ...rig.ports, prices, machine: 'lab', environments: createEnvironmentInspector() };
    const recordings = createRecordingService({
      ...ports,
      random: { next: Math.random, bytes: (n) => randomBytes(n) },
      artifactRoot: 'mlflow-artifacts:/',
    });
    await rig.add('mail', { 'a.csv': 'id\n1\n' });
    rig.write('requirements.txt', 'numpy==2.0\n');
    const inputs = { mail: fromDataset('mail') };
    await rig.define(
      pipeline([
        step('prepare', `echo preparing && ${busy}`, { inputs }),
        step('flaky', `test -e second || { touch second; echo first try; sleep 0.2; exit 1; }; echo second try; sleep 0.2`, {
          after: ['prepare'],
          retries: 1,
        }),
      ]),
    );
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('k') });
    const worker = createWorker(ports, { worker: 'w1' });
    const ended = await rig.drive(run.id, worker, { name: 'time', tick: async () => (rig.clock.advance(1000), false) });
    assert.equal(ended.state, 'succeeded');
    // What steps ran in is written beside them.
    await worker.idle();

    const view = await recordings.view(run.id);
    assert.deepEqual(
      view.usage.map(({ source, attempt, machine }) => [source, attempt, machine]),
      [
        ['flaky', 1, 'lab'],
        ['flaky', 2, 'lab'],
        ['prepare', 1, 'lab'],
      ],
    );
    const prepare = view.usage[2];
    assert.equal(prepare?.task, (await rig.task(run.id, 'prepare')).id);
    assert.ok((prepare.cpuMs ?? 0) >= 300 && (prepare.peakMemoryBytes ?? 0) > 50e6, JSON.stringify(prepare));
    assert.ok(Math.abs((prepare.cost ?? 0) - (prepare.cpuMs ?? 0) / 1000) < 1e-9);
    const sum = view.usage.reduce((total, { cost }) => total + (cost ?? 0), 0);
    assert.deepEqual(view.cost, { amount: sum, currency: 'EUR' });
    assert.deepEqual(
      view.data.map(({ role, version }) => [role, version.dataset, version.version]),
      [['mail', 'mail', 1]],
    );
    assert.deepEqual(view.pipeline?.tasks.map(({ step: name, state }) => [name, state]).toSorted(), [
      ['flaky', 'succeeded'],
      ['prepare', 'succeeded'],
    ]);

    const metrics = new Map((await rig.runs.latestMetrics(run.id)).map(({ key, value }) => [key, value]));
    assert.equal(metrics.get('system/prepare/process_cpu_seconds'), (prepare.cpuMs ?? 0) / 1000);
    assert.ok(Math.abs((metrics.get('system/cost') ?? 0) - sum) < 1e-9);
    const { environment } = await rig.runs.get(run.id);
    assert.match(environment['prepare.lock'] ?? '', /^sha256:/);
    assert.equal(environment['prepare.lock'] === environment['flaky.lock'], false, 'one runs on Node, the other on the shell alone');
    const files = (await rig.runs.artifacts(run.id)).map(({ path }) => path);
    assert.ok(files.includes('environment/prepare/lock.json') && files.includes('environment/prepare/requirements.txt'));

    const texts = async (request: { readonly source?: string; readonly limit: number }) =>
      (await recordings.logs(run.id, request)).lines.map(({ source, text }) => `${source}: ${text}`);
    const all = ['prepare: preparing', 'prepare: used 50000000', 'flaky: first try', 'flaky: second try'];
    assert.deepEqual(await texts({ limit: 100 }), all);
    assert.deepEqual(await texts({ limit: 100, source: 'flaky' }), all.slice(2));
    const first = await recordings.logs(run.id, { limit: 3 });
    assert.equal(first.more, true);
    assert.deepEqual(
      (await recordings.logs(run.id, { limit: 3, after: first.position })).lines.map(({ text }) => text),
      ['second try'],
    );
    assert.deepEqual(
      (await recordings.tail(run.id, { limit: 2 })).lines.map(({ text }) => text),
      ['first try', 'second try'],
    );
  }));

test('what MLflow’s clients read of a pipeline’s run is what its steps read', () =>
  withRig(async (rig) => {
    const version = await rig.add('mail', { 'a.csv': 'id,word\n1,x\n2,y\n' });
    await rig.define(pipeline([step('read', 'cat "$PAWL_INPUT_MAIL"', { inputs: { mail: fromDataset('mail') } })]));
    const { run } = await rig.pipelines.start({ pipeline: 'p', cause: manual('k') });
    await rig.drive(run.id, rig.worker());
    const detail = await rig.database.read.runs.detail(run.id);
    assert.equal(detail?.datasets.length, 1);
    const [dataset] = detail.datasets;
    assert.deepEqual([dataset?.name, dataset?.digest, dataset?.sourceType], ['mail', version.manifest.slice(7, 39), 'pawl']);
    assert.deepEqual(JSON.parse(dataset?.profile ?? ''), { num_rows: 2, num_elements: 4, num_files: 1, num_bytes: version.bytes });
    assert.deepEqual(await rig.runs.inputs(run.id), [{ dataset: 'mail', version: 1, role: 'mail' }]);
  }));
