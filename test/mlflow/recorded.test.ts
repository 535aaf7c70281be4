/** A script that logs with MLflow's client, recorded by `pawl run exec`: one run, two tellers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensurePython } from '../../scripts/python.ts';
import { pawl, startServer } from '../cli/pawl.ts';

test('what MLflow’s client logs and reads is the run that is recorded', async () => {
  const python = await ensurePython('mlflow');
  const server = await startServer();
  try {
    writeFileSync(join(server.folder, 'mail.csv'), 'id,label\n1,a\n2,b\n');
    const mail = await server.json('data', 'add', 'mail', join(server.folder, 'mail.csv'));
    await server.run('data', 'add', 'held', join(server.folder, 'mail.csv'));
    const script = join(import.meta.dirname, 'recorded.py');
    const ended = await pawl(['run', 'exec', '--experiment', 'both', '--dataset', 'training=mail', '--', python, script], {
      cwd: server.folder,
      env: { PAWL_SERVER: server.url, HOME: server.folder, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1', MLFLOW_DISABLE_TELEMETRY: 'true' },
    });
    assert.equal(ended.code, 5, ended.stderr);
    const read = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '');
    assert.equal(read.status, 'FINISHED', 'as the script left it');
    assert.deepEqual(read.found, [read.run]);
    const manifest: string = mail.version.manifest;
    assert.deepEqual(
      read.inputs.find(({ context }: { context: string }) => context === 'training'),
      {
        name: 'mail',
        digest: manifest.slice(7, 39),
        source_type: 'pawl',
        source: { uri: 'pawl:mail:1', manifest },
        schema: {
          mlflow_colspec: [
            { type: 'long', name: 'id', required: false },
            { type: 'string', name: 'label', required: false },
          ],
        },
        profile: { num_rows: 2, num_elements: 4, num_files: 1, num_bytes: 17 },
        context: 'training',
      },
    );
    assert.deepEqual(
      read.inputs.map(({ name }: { name: string }) => name),
      ['held out', 'mail'],
    );

    const { run, record, inputs, metrics } = await server.json('run', 'show', read.run);
    assert.deepEqual([run.status, run.params], ['failed', { depth: '3' }]);
    assert.deepEqual(inputs, [
      { ref: 'held:1', role: 'testing' },
      { ref: 'mail:1', role: 'training' },
    ]);
    assert.equal(record.recording.exit_code, 5);
    const lock = (await (await fetch(`${server.url}/api/v1/blobs/${run.environment.lock}`)).json()) as {
      python: { packages: Record<string, string> };
    };
    assert.match(lock.python.packages['mlflow-skinny'] ?? lock.python.packages['mlflow'] ?? '', /^\d+\.\d+/);
    const names = new Set(metrics.map(({ key }: { key: string }) => key));
    for (const name of ['loss', 'system/cpu_utilization_percentage', 'system/process_peak_memory_megabytes', 'system/process_cpu_seconds'])
      assert.ok(names.has(name), `${name} of ${[...names].join(', ')}`);
  } finally {
    await server.stop();
  }
});
