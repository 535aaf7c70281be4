import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { hashSha256 } from '@pawl/drivers';
import { start } from '../cli/pawl.ts';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { writePackage } from '../serving/stand.ts';
import { folderOf, serve, until } from './process.ts';
import type { Running } from './process.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A request whose body waits for its second half. */
function begin(
  method: 'POST' | 'PUT',
  url: string,
  body: Buffer,
  type: string,
): { readonly call: ClientRequest; readonly answer: Promise<Reply>; finish(): void } {
  const call = request(url, { method, headers: { 'content-type': type, 'content-length': body.length } });
  const half = Math.floor(body.length / 2);
  const answer = new Promise<Reply>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
  });
  // Heard by whoever awaits the answer.
  answer.catch(() => undefined);
  call.write(body.subarray(0, half));
  return { call, answer, finish: () => call.end(body.subarray(half)) };
}

/** An endpoint `spam` that answers. */
async function servingModel(server: Running, folder: string): Promise<void> {
  mkdirSync(join(folder, 'project/rollouts'), { recursive: true });
  writeFileSync(join(folder, 'project/pawl.yaml'), 'name: stop');
  writeFileSync(
    join(folder, 'project/rollouts/spam.yaml'),
    JSON.stringify({
      name: 'spam',
      endpoint: 'spam',
      model: 'filter',
      automatic: false,
      steps: [{ weight: 0.5, min_requests: 10 }],
      guards: [{ metric: 'failures' }],
    }),
  );
  writePackage(join(folder, 'model'), { onnx: toLogisticOnnx({ x: 2 }, 0) });
  await server.json('apply', '-f', join(folder, 'project/pawl.yaml'));
  await server.json('model', 'register', 'filter', join(folder, 'model'));
  await server.json('rollout', 'start', 'spam', '1');
  await until(async () => ((await fetch(`${server.url}/v2/models/spam/ready`)).ok ? true : undefined));
}

const ASK = Buffer.from(JSON.stringify({ id: 'late', inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] }));

test('requests under way at SIGTERM are answered, kept, and the server then ends', async (context) => {
  const folder = folderOf(context);
  const server = await serve(context, join(folder, 'home'));
  await servingModel(server, folder);
  const ask = begin('POST', `${server.url}/v2/models/spam/infer`, ASK, 'application/json');
  const content = Buffer.from('a,b\n1,2\n');
  const upload = begin('PUT', `${server.url}/api/v1/blobs/${hashSha256(content)}`, content, 'application/octet-stream');
  await sleep(200);
  const stopped = server.stop();
  await sleep(300);
  ask.finish();
  upload.finish();
  const answered = await ask.answer;
  assert.equal(answered.status, 200, answered.body);
  const prediction = (JSON.parse(answered.body) as { parameters: { prediction_id: string } }).parameters.prediction_id;
  const stored = await upload.answer;
  assert.equal(stored.status, 200, stored.body);
  const { code, ms, stderr } = await stopped;
  assert.deepEqual([code, stderr], [0, '']);
  // No sooner done than gone: connections that their clients keep alive are not waited for.
  assert.ok(ms < 3000, `${ms} ms`);

  const again = await serve(context, join(folder, 'home'));
  const { model } = await again.json('lineage', prediction);
  assert.equal(model.version.version, 1);
  assert.equal((await again.stop()).code, 0);
});

test('clients that hold on do not keep the server: streams end, idle and stuck connections are cut', async (context) => {
  const folder = folderOf(context);
  const server = await serve(context, join(folder, 'home'));
  const stream = await fetch(`${server.url}/api/v1/events/stream`);
  assert.equal(stream.status, 200);
  // Idle, kept alive by undici.
  await (await fetch(`${server.url}/health`)).text();
  const large = Buffer.alloc(100_000);
  const stuck = begin('PUT', `${server.url}/api/v1/blobs/${hashSha256(large)}`, large, 'application/octet-stream');
  await sleep(200);
  const { code, ms, stderr } = await server.stop();
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(ms < 10_000, `${ms} ms`);
  await assert.rejects(stuck.answer);
  await stream.text().catch(() => undefined);
  // What came of the stuck upload is gone again.
  assert.deepEqual(readdirSync(join(folder, 'home/blobs/incoming')), []);
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

for (const [what, ignore] of [
  ['', ''],
  [' that ignores SIGTERM', "trap '' TERM; "],
] as const) {
  test(`a step${what} under way at SIGTERM is given back, ends nowhere, and is done after a restart`, async (context) => {
    const folder = folderOf(context);
    const home = join(folder, 'home');
    const [begun, go] = [join(folder, 'begun'), join(folder, 'go')];
    mkdirSync(join(folder, 'project/pipelines'), { recursive: true });
    writeFileSync(join(folder, 'project/pawl.yaml'), 'name: stop');
    writeFileSync(
      join(folder, 'project/pipelines/wait.yaml'),
      JSON.stringify({
        name: 'wait',
        params: { begun, go },
        steps: {
          first: { run: 'echo 1 > "$PAWL_OUTPUT_NOTE"', outputs: { note: { file: 'note.txt' } } },
          second: {
            run: `${ignore}echo $$ >> "$PAWL_PARAM_BEGUN"; while [ ! -e "$PAWL_PARAM_GO" ]; do sleep 0.05; done; cat "$PAWL_INPUT_NOTE" > "$PAWL_OUTPUT_COPY"`,
            params: ['begun', 'go'],
            inputs: { note: 'first.note' },
            outputs: { copy: { file: 'copy.txt', dataset: 'copies' } },
          },
        },
      }),
    );
    const pids = (): readonly number[] => (existsSync(begun) ? readFileSync(begun, 'utf8').trim().split('\n').map(Number) : []);
    const server = await serve(context, home);
    await server.json('apply', '-f', join(folder, 'project/pawl.yaml'));
    const { run } = await server.json('pipeline', 'run', 'wait');
    await until(() => (pids().length === 1 ? true : undefined));
    const { code, ms, stderr } = await server.stop();
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.equal(isAlive(pids()[0] ?? 0), false);

    const again = await serve(context, home);
    await until(() => (pids().length === 2 ? true : undefined));
    writeFileSync(go, '');
    const { state, tasks } = await until(async () => {
      const { run: now, tasks: all } = await again.json('pipeline', 'show', run.id);
      return now.state === 'running' ? undefined : { state: now.state, tasks: all };
    });
    assert.equal(state, 'succeeded');
    assert.deepEqual(
      tasks.map((task: { step: string; state: string; attempt: number }) => [task.step, task.state]),
      [
        ['first', 'succeeded'],
        ['second', 'succeeded'],
      ],
    );
    assert.equal((await again.json('data', 'log', 'copies')).items.length, 1);
    assert.equal((await again.stop()).code, 0);
  });
}

test('a signal in the middle of the start stops it as cleanly as any', async (context) => {
  const folder = folderOf(context);
  for (const [wait, round] of [0, 60, 120, 180, 240].map((ms, index) => [ms, index] as const)) {
    const home = join(folder, `home${round}`);
    const { child, ended } = start(['server', '--home', home, '--port', '0', '--log-level', 'error']);
    context.after(() => child.kill('SIGKILL'));
    // Its home is the first thing that it makes.
    await until(() => (existsSync(join(home, 'lock')) ? true : undefined));
    await sleep(wait);
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, ''], `${wait} ms after the home`);
  }
});
