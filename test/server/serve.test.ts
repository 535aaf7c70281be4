// `pawl serve`: models alone, by several processes behind one listener.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { pawl, start } from '../cli/pawl.ts';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { toRequest, writePackage } from '../serving/stand.ts';
import { folderOf, serve, until } from './process.ts';

const onnx = toLogisticOnnx({ a: 2 }, -1);
/** The probability of the positive class at a = 0: the logistic of the bias. */
const EXPECTED = 1 / (1 + Math.exp(1));

interface Answer {
  readonly model_version: string;
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

async function startServe(context: TestContext, env: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const { child, ended } = start(['serve', ...words, '--port', '0', '--json'], { env });
  context.after(() => child.kill('SIGTERM'));
  const text = await new Promise<string>((resolve, reject) => {
    let all = '';
    child.stdout?.on('data', (piece: string) => {
      all += piece;
      if (all.trimEnd().endsWith('}')) resolve(all);
    });
    void ended.then((one) => reject(new Error(`it ended before it was ready: ${JSON.stringify(one)}`)));
  });
  return { child, ended, address: (JSON.parse(text) as { readonly address: string }).address };
}

async function infer(address: string, model: string): Promise<Answer> {
  const body = JSON.stringify(toRequest({ a: [0] }));
  const response = await fetch(`${address}/v2/models/${model}/infer`, { method: 'POST', body });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Answer;
}

const scoreOf = ({ outputs }: Answer): number | undefined => outputs.find(({ name }) => name === 'probability')?.data[0];

test('files are served by several processes; one that is killed is missed by nobody for long', { timeout: 60_000 }, async (context) => {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'score.onnx'), onnx);
  const served = await startServe(context, { PAWL_CACHE: folder }, `spam=${join(folder, 'score.onnx')}`, '--workers', '2');
  const { address } = served;
  for (let index = 0; index < 20; index++) assert.ok(Math.abs((scoreOf(await infer(address, 'spam')) ?? NaN) - EXPECTED) < 1e-6);
  const count = async (): Promise<number> => {
    const metrics = await (await fetch(`${address}/metrics`)).text();
    return Number(/^pawl_inference_requests_total\{model="spam",version="1",code="ok"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
  };
  assert.equal(await count(), 20, 'the figures are those of all processes');

  const children = () =>
    readFileSync(`/proc/${served.child.pid}/task/${served.child.pid}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve/worker.ts'));
  const [victim = ''] = children();
  process.kill(Number(victim), 'SIGKILL');
  await until(() => (children().length === 2 && !children().includes(victim) ? true : undefined));
  for (let index = 0; index < 20; index++) assert.ok(Math.abs((scoreOf(await infer(address, 'spam')) ?? NaN) - EXPECTED) < 1e-6);

  const ping = await fetch(`${address}/ping`);
  assert.equal(ping.status, 200);
  const scored = await fetch(`${address}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataframe_split: { columns: ['a'], data: [[0]] } }),
  });
  assert.equal(scored.status, 200, await scored.text());
  served.child.kill('SIGTERM');
  const { code, stderr } = await served.ended;
  assert.equal(code, 0);
  assert.match(stderr, /ended with SIGKILL; another is started in/);
});

test('a model of the registry is served on when the server is gone', { timeout: 60_000 }, async (context) => {
  const home = folderOf(context);
  const cache = folderOf(context);
  const packaged = join(cache, 'package');
  writePackage(packaged, { onnx });
  const server = await serve(context, home);
  await server.json('model', 'register', 'spam', packaged);
  await server.json('model', 'alias', 'spam', 'champion', '1');
  const env = { PAWL_SERVER: server.url, PAWL_CACHE: cache };
  const first = await startServe(context, env, 'models:/spam@champion', '--workers', '1');
  assert.equal((await infer(first.address, 'spam')).model_version, '1');
  first.child.kill('SIGTERM');
  assert.equal((await first.ended).code, 0);
  await server.stop();
  const second = await startServe(context, env, 'models:/spam@champion', '--workers', '1');
  assert.ok(Math.abs((scoreOf(await infer(second.address, 'spam')) ?? NaN) - EXPECTED) < 1e-6);
  second.child.kill('SIGTERM');
  assert.match((await second.ended).stderr, /does not answer: spam is served as it was fetched last, version 1/);
});

test('what cannot be served is one line', { timeout: 60_000 }, async (context) => {
  const folder = folderOf(context);
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'a.onnx'), onnx);
  writeFileSync(join(folder, 'broken.onnx'), 'no model');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[join(folder, 'nothing')], 2, /^Error: There is nothing at ".*nothing"/],
    [[join(folder, 'broken.onnx')], 1, /^Error: .*broken/],
    [[join(folder, 'empty')], 1, /^Error: .*MLmodel/],
    [[join(folder, 'a.onnx'), `a=${join(folder, 'a.onnx')}`], 2, /^Error: Two models are called "a"/],
    [[join(folder, 'a.onnx'), '--host', '0.0.0.0'], 2, /^Error: "0.0.0.0" is not a loopback address/],
  ];
  for (const [words, code, line] of cases) {
    const ended = await pawl(['serve', ...words, '--port', '0', '--workers', '1'], { env: { PAWL_CACHE: folder } });
    assert.deepEqual([ended.code, ended.stderr.trimEnd().split('\n').length], [code, 1], ended.stderr);
    assert.match(ended.stderr, line);
  }
});
