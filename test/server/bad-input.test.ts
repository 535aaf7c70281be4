/** What users and clients get wrong, from the outside: each is one line that says what and where, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pawl, startServer } from '../cli/pawl.ts';
import type { Ended, Server } from '../cli/pawl.ts';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { writePackage } from '../serving/stand.ts';
import { until } from './process.ts';

const PROJECT = join(import.meta.dirname, '../../examples/spam/pawl.yaml');

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

function write(path: string, content: string): string {
  const full = join(server.folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  return full;
}

/** Runs a command that may end as it likes. */
const attempt = (...args: readonly string[]): Promise<Ended> => pawl(args, { env: { PAWL_SERVER: server.url }, cwd: server.folder });

const eventCount = async (): Promise<number> => (await server.json('events', '--limit', '1000')).items.length;

/** Refused with one line, and nothing has happened. */
async function refuse(code: number, ...args: readonly string[]): Promise<string> {
  const before = await eventCount();
  const line = await server.refuse(code, ...args);
  assert.equal(await eventCount(), before, 'something was written');
  return line;
}

test('files that cannot be read, or are not what their name says, make no version', async () => {
  assert.match(await refuse(1, 'data', 'add', 'd', 'nowhere'), /nowhere: there is no such file or folder/);
  mkdirSync(join(server.folder, 'dangling'), { recursive: true });
  symlinkSync('/nowhere/at/all', join(server.folder, 'dangling/rows.csv'));
  assert.match(await refuse(1, 'data', 'add', 'd', 'dangling'), /dangling\/rows\.csv/);
  write('empty-folder/.keep/x', '');
  write('parquet/rows.parquet', 'this is no Parquet');
  assert.match(await refuse(1, 'data', 'add', 'd', 'parquet'), /rows\.parquet/);
  write('json/rows.jsonl', '{"a": 1}\n{"a": \n');
  assert.match(await refuse(1, 'data', 'add', 'd', 'json'), /rows\.jsonl/);
  // Root may read everything, so this one is for everybody else.
  if (process.getuid?.() !== 0) {
    chmodSync(write('locked/rows.csv', 'a\n1\n'), 0);
    assert.match(await refuse(1, 'data', 'add', 'd', 'locked'), /locked\/rows\.csv: permission denied/);
  }
  assert.match(await refuse(1, 'data', 'show', 'd'), /There is no dataset "d"/);
  assert.deepEqual(readdirSync(join(server.home, 'blobs/incoming')), []);
});

test('a corpus with a missing column fails in the step that reads it, with file and line, and trains nothing', async () => {
  const mail = (id: number, more: object): string =>
    `${JSON.stringify({ id: `m${id}`, received_at: 1000 + id, subject: 's', body: 'b', ...more })}\n`;
  write('inbox/mails/2002-01-01.jsonl', `${mail(1, { sender_domain: 'x.org' })}${mail(2, {})}`);
  write('inbox/labels/2002-01-02.jsonl', '{"id": "m1", "spam": true, "confirmed_at": 2000}\n');
  await server.run('apply', '-f', PROJECT);
  await server.run('data', 'add', 'mail', 'inbox');
  const { code, stdout } = await attempt('pipeline', 'run', 'train-spam-filter', '--wait');
  assert.equal(code, 1, stdout);
  const { items } = await server.json('pipeline', 'runs');
  const { tasks } = await server.json('pipeline', 'show', items[0].id);
  const extract = tasks.find((task: { step: string }) => task.step === 'extract');
  assert.equal(extract.state, 'failed');
  assert.match(extract.error, /^[^\n]*2002-01-01\.jsonl:2: [^\n]*sender_domain[^\n]*$/);
  for (const dataset of ['spam-train', 'spam-eval', 'spam-history'])
    assert.match(await refuse(1, 'data', 'show', dataset), /There is no dataset/);
  assert.deepEqual((await server.json('model', 'list')).items, []);

  write('columns/rows.csv', 'id,subject\na,b\n');
  await server.run('data', 'add', 'spam-train', 'columns');
  const check = await server.json('check', 'list');
  assert.equal(check.items[0].name, 'mails');
  const failed = await attempt('check', 'run', 'mails', 'spam-train');
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /sender_domain/);
});

test('an ONNX file that is none is not registered, and says which file', async () => {
  const folder = join(server.folder, 'not-onnx');
  writePackage(folder, { onnx: Buffer.from('this is no ONNX') });
  assert.match(await refuse(1, 'model', 'register', 'filter', folder), /model\.onnx/);
  writePackage(folder, { onnx: toLogisticOnnx({ x: 1 }, 0).subarray(0, 100) });
  assert.match(await refuse(1, 'model', 'register', 'filter', folder), /model\.onnx/);
  assert.match(await refuse(1, 'model', 'show', 'filter'), /There is no model "filter"/);
});

test('an unknown endpoint and a wrong tensor get their status, one line, and no prediction', async () => {
  write('project/pawl.yaml', 'name: small');
  write(
    'project/rollouts/tiny.yaml',
    JSON.stringify({
      name: 'tiny',
      endpoint: 'tiny',
      model: 'tiny',
      automatic: false,
      steps: [{ weight: 0.5, min_requests: 10 }],
      guards: [{ metric: 'failures' }],
    }),
  );
  writePackage(join(server.folder, 'tiny'), { onnx: toLogisticOnnx({ x: 2, y: 1 }, 0) });
  await server.run('apply', '-f', join(server.folder, 'project/pawl.yaml'));
  await server.run('model', 'register', 'tiny', join(server.folder, 'tiny'));
  await server.run('rollout', 'start', 'tiny', '1');
  await until(async () => ((await fetch(`${server.url}/v2/models/tiny/ready`)).ok ? true : undefined));

  const ask = async (endpoint: string, body: unknown): Promise<readonly [number, string]> => {
    const answer = await fetch(`${server.url}/v2/models/${endpoint}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { error } = (await answer.json()) as { error: string };
    assert.match(error, /^[^\n]+$/);
    return [answer.status, error];
  };
  const tensor = (name: string, shape: readonly number[], data: readonly unknown[], datatype = 'FP32'): object => ({
    name,
    shape,
    datatype,
    data,
  });
  const y = tensor('y', [1, 1], [1]);
  const cases: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['nowhere', { inputs: [y] }, 404, /"nowhere"/],
    ['tiny', { inputs: [tensor('x', [1, 3], [1, 2, 3]), y] }, 400, /"x".*\[-1, 1\].*\[1, 3\]/],
    ['tiny', { inputs: [tensor('x', [2, 1], [1]), y] }, 400, /"x".*2 elements.*1/],
    ['tiny', { inputs: [tensor('x', [2, 1], [1, 2]), y] }, 400, /rows/],
    ['tiny', { inputs: [tensor('x', [1, 1], ['a'], 'BYTES'), y] }, 400, /"x".*FP32.*BYTES/],
    ['tiny', { inputs: [y] }, 400, /"x"/],
    ['tiny', { inputs: [] }, 400, /"x" is missing/],
    ['tiny', {}, 400, /inputs/],
    ['tiny', '{"inputs": [', 400, /JSON/],
  ];
  for (const [endpoint, body, status, line] of cases) {
    const [found, error] = await ask(endpoint, body);
    assert.equal(found, status, error);
    assert.match(error, line);
  }
  assert.match(await refuse(1, 'label', 'nowhere', '0'.repeat(32), 'true'), /no endpoint "nowhere"/);
  assert.match(await refuse(1, 'rollout', 'start', 'nowhere', '1'), /nowhere/);
  assert.match(await refuse(1, 'rollout', 'start', 'tiny', '7'), /7/);
});
