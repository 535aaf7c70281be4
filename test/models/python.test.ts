/** Models that only Python opens, behind endpoints: their answers, and what becomes of a process that dies, hangs, eats memory. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ensurePython } from '../../scripts/python.ts';
import type { Stand } from '../serving/stand.ts';
import { arm, routeTo, startStand } from '../serving/stand.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-python-'));
let stand: Stand;

before(async () => {
  const python = await ensurePython('models');
  await promisify(execFile)(python, [join(import.meta.dirname, 'python_models.py'), folder], { maxBuffer: 1 << 24 });
  const names = ['buyers', 'plain', 'odd'];
  stand = await startStand({
    folders: Object.fromEntries(names.map((name, at) => [at + 1, join(folder, name)])),
    routes: names.map((name, at) => ({ ...routeTo(arm('stable', at + 1)), endpoint: name })),
    pythons: { find: async () => ({ command: python, env: { PATH: process.env['PATH'] ?? '' } }) },
  });
  await stand.ready();
});
after(async () => {
  await stand.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(
  name: string,
  body: unknown,
): Promise<readonly [number, { readonly predictions: readonly unknown[]; readonly message: string }]> {
  const response = await stand.infer(body, {}, `/endpoints/${name}/invocations`);
  return [response.status, (await response.json()) as { predictions: readonly unknown[]; message: string }];
}

interface Golden {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly labels: readonly string[];
  readonly probabilities: readonly (readonly number[])[];
}

test('a pipeline of scikit-learn answers as itself, with texts and numbers missing, by both protocols, and on record with what it decided', async () => {
  const { columns, rows, labels, probabilities } = JSON.parse(readFileSync(join(folder, 'buyers.json'), 'utf8')) as Golden;
  const [status, { predictions }] = await ask('buyers', { dataframe_split: { columns, data: rows } });
  assert.equal(status, 200);
  assert.deepEqual(predictions, labels);
  const described = stand.plane.describe('buyers');
  assert.match(described.engine, /^python 3/);
  assert.deepEqual(
    [described.inputs, described.outputs, described.classes],
    [
      [
        { name: 'age', datatype: 'FP64', shape: [-1] },
        { name: 'city', datatype: 'BYTES', shape: [-1] },
        { name: 'visits', datatype: 'INT64', shape: [-1] },
      ],
      [
        { name: 'predict', datatype: 'BYTES', shape: [-1] },
        { name: 'predict_proba', datatype: 'FP64', shape: [-1, 2] },
      ],
      ['buys', 'leaves'],
    ],
  );
  const inputs = [
    { name: 'age', datatype: 'FP64', shape: [2], data: [rows[0]?.[0] ?? null, rows[1]?.[0] ?? null] },
    { name: 'city', datatype: 'BYTES', shape: [2], data: [rows[0]?.[1], rows[1]?.[1]] },
    { name: 'visits', datatype: 'INT64', shape: [2], data: [rows[0]?.[2], rows[1]?.[2]] },
  ];
  const response = await stand.infer({ inputs, id: 'both' }, {}, '/v2/models/buyers/infer');
  const { outputs } = (await response.json()) as { outputs: readonly { data: readonly unknown[] }[] };
  assert.deepEqual([outputs[0]?.data, outputs[1]?.data], [labels.slice(0, 2), probabilities.slice(0, 2).flat()]);
  const records = stand.records.filter(({ requestId }) => requestId === 'both');
  assert.deepEqual(
    records.map(({ decided }) => decided),
    labels.slice(0, 2).map((label) => label === 'leaves'),
  );
});

test('requests that wait are answered together, each with its own rows', async () => {
  const { columns, rows, labels } = JSON.parse(readFileSync(join(folder, 'buyers.json'), 'utf8')) as Golden;
  const answers = await Promise.all(rows.slice(0, 60).map((row) => ask('buyers', { dataframe_split: { columns, data: [row] } })));
  assert.deepEqual(
    answers.map(([, { predictions }]) => predictions[0]),
    labels.slice(0, 60),
  );
});

test('without a signature an array goes in as the model knows its width', async () => {
  const [status, { predictions }] = await ask('plain', {
    inputs: [
      [50, 1],
      [20, 2],
    ],
  });
  assert.equal(status, 200);
  assert.equal(predictions.length, 2);
  assert.equal((await ask('plain', { inputs: [[50, 1, 2]] }))[0], 400);
});

const odd = (what: string, params?: object) => ask('odd', { dataframe_records: [{ what }], ...(params && { params }) });

test('a table comes back as records, with parameters and their defaults; what the model prints goes to the log', async () => {
  const [, first] = await odd('nothing');
  assert.deepEqual([(first.predictions[0] as { what: string }).what, (first.predictions[0] as { times: number }).times], ['nothing', 2]);
  const [, second] = await odd('nothing', { times: 7 });
  assert.equal((second.predictions[0] as { times: number }).times, 7);
  const [status, { message }] = await odd('nothing', { times: 'x' });
  assert.deepEqual([status, /param 'times'/.test(message)], [400, true]);
});

test('a model that raises, or wants more memory than it may have, fails that request alone, and tells no place on this machine', async () => {
  for (const what of ['raise', 'eat']) {
    const [status, { message }] = await odd(what);
    assert.equal(status, 500, what);
    assert.ok(!message.includes('/') && !message.includes('Traceback'), message);
  }
  assert.equal((await odd('nothing'))[0], 200);
});

test('a process that dies fails its request, and another answers the next; other models notice nothing', async () => {
  const pid = async (): Promise<number> => ((await odd('nothing'))[1].predictions[0] as { pid: number }).pid;
  const before = await pid();
  assert.equal((await odd('die'))[0], 500);
  const next = await pid();
  assert.notEqual(next, before);
  process.kill(next, 'SIGKILL');
  const others = await Promise.all(Array.from({ length: 10 }, () => ask('plain', { inputs: [[50, 1]] })));
  assert.ok(others.every(([status]) => status === 200));
  assert.notEqual(await pid(), next);
});

test('a request that waits longer than its client does is answered 504, and one behind it too', async () => {
  const body = (what: string) => ({
    inputs: [{ name: 'what', datatype: 'BYTES', shape: [1], data: [what] }],
    parameters: { timeout: 300_000 },
  });
  const began = performance.now();
  const [first, second] = await Promise.all([
    stand.infer(body('sleep'), {}, '/v2/models/odd/infer'),
    stand.infer(body('nothing'), {}, '/v2/models/odd/infer'),
  ]);
  assert.deepEqual([first.status, second.status], [504, 504]);
  assert.ok(performance.now() - began < 5000);
});
