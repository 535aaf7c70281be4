import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { isFault } from '@pawl/core';
import { evaluateModel, readModelPackage } from '@pawl/serving';
import { FLOAT, INT64, STRING, toLogisticOnnx, toOnnxFile } from './onnx-file.ts';
import { arm, routeTo, silent, startStand, writePackage } from './stand.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pawl-onnx-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
function packageOf(onnx: Uint8Array): Promise<Awaited<ReturnType<typeof readModelPackage>>> {
  const folder = join(scratch, String(folders++));
  writePackage(folder, { onnx });
  return readModelPackage(folder);
}

test('a package is evaluated over a table in row order, in chunks, null as NaN', async () => {
  const model = await packageOf(toLogisticOnnx({ a: 2, b: -1 }, 0.5));
  const rows = 2500;
  const a = Array.from({ length: rows }, (_, row) => (row % 7) - 3);
  const b = Array.from({ length: rows }, (_, row) => (row === 2400 ? null : row % 2 === 0));
  const { label, score } = await evaluateModel(model, { a, b, other: [] }, rows, { logger: silent }).catch((error: unknown) => {
    // A missing number is a missing score, which is said and not guessed.
    assert.ok(isFault(error, 'model_package_invalid'));
    return evaluateModel(model, { a, b: b.map((value) => value ?? false), other: [] }, rows, { logger: silent });
  });
  assert.deepEqual([label.length, score.length], [rows, rows]);
  a.forEach((value, row) => {
    const expected = 1 / (1 + Math.exp(-(2 * value - (b[row] === true ? 1 : 0) + 0.5)));
    assert.ok(Math.abs((score[row] ?? NaN) - expected) < 1e-6, `row ${row}`);
    assert.equal(label[row], expected > 0.5, `row ${row}`);
  });
});

test('a table without an input of the model is refused by the name of the column', async () => {
  const model = await packageOf(toLogisticOnnx({ a: 2, b: -1 }, 0.5));
  await assert.rejects(
    evaluateModel(model, { a: [1] }, 1, { logger: silent }),
    (error) => isFault(error, 'column_missing') && error.message.includes('"b"'),
  );
  await assert.rejects(
    evaluateModel(model, { a: [1], b: ['x'] }, 1, { logger: silent }),
    (error) => isFault(error, 'tensor_invalid') && error.message.includes('row 0'),
  );
});

const whole = toLogisticOnnx({ a: 1 }, 0);
const value = (name: string, shape: readonly (number | string)[] = ['N', 1]) => ({ name, type: FLOAT, shape });
const unknownOperator = toOnnxFile({
  inputs: [value('a')],
  outputs: [value('probability')],
  tensors: [],
  nodes: [{ op: 'NoSuchOperator', inputs: ['a'], outputs: ['probability'] }],
});

for (const [name, bytes] of [
  ['an empty file', Buffer.alloc(0)],
  ['text', Buffer.from('{"this": "is no model"}')],
  ['half a model', whole.subarray(0, Math.floor(whole.length / 2))],
  ['noise', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 2654435761) & 255))],
  ['an unknown operator', unknownOperator],
] as const) {
  test(`${name} is refused in one line that names the file, and the process lives`, async () => {
    const model = await packageOf(bytes);
    await assert.rejects(
      evaluateModel(model, { a: [1] }, 1, { logger: silent }),
      (error) =>
        (isFault(error, 'model_file_invalid') || isFault(error, 'model_package_invalid')) &&
        !error.message.includes('\n') &&
        !error.message.includes(scratch) &&
        (error.code === 'model_package_invalid' || error.message.startsWith('model.onnx ')),
    );
  });
}

test('a model that fails on a row of zeros, or answers other than row by row, is refused', async () => {
  const output = [{ name: 'label', type: INT64, shape: ['M', 1] }, value('probability')];
  const table = { name: '#table', shape: [2], data: Float32Array.of(0, 1) };
  const five = { name: '#five', shape: [1], data: Float32Array.of(5) };
  const inputs = [value('a')];
  const unfit = toOnnxFile({
    inputs,
    outputs: output,
    tensors: [table, five],
    nodes: [
      { op: 'Add', inputs: ['a', '#five'], outputs: ['#place'] },
      { op: 'Cast', inputs: ['#place'], outputs: ['#index'], ints: { to: INT64 } },
      { op: 'Gather', inputs: ['#table', '#index'], outputs: ['probability'] },
      { op: 'Cast', inputs: ['probability'], outputs: ['label'], ints: { to: INT64 } },
    ],
  });
  await assert.rejects(
    evaluateModel(await packageOf(unfit), {}, 0, { logger: silent }),
    (error) => isFault(error, 'model_file_invalid') && error.message.includes('row of zeros') && !error.message.includes('\n'),
  );
  const one = { name: '#one', shape: [1, 1], data: BigInt64Array.of(1n) };
  const constant = toOnnxFile({
    inputs,
    outputs: output,
    tensors: [one],
    nodes: [
      { op: 'Identity', inputs: ['a'], outputs: ['probability'] },
      { op: 'Identity', inputs: ['#one'], outputs: ['label'] },
    ],
  });
  await assert.rejects(
    evaluateModel(await packageOf(constant), { a: [1, 2, 3] }, 3, { logger: silent }),
    (error) => isFault(error, 'model_package_invalid') && error.message.includes('1 rows of "label" for 3 rows'),
  );
});

test('a model cut at any byte never takes the process down', async () => {
  for (let end = 1; end < whole.length; end += 23) {
    const model = await packageOf(whole.subarray(0, end));
    const outcome = await evaluateModel(model, { a: [1] }, 1, { logger: silent }).catch((error: unknown) => error);
    assert.ok(isFault(outcome), `cut at ${end}`);
  }
});

test('a folder that is no package, or reaches out of itself, is refused', async () => {
  const folder = join(scratch, 'odd');
  mkdirSync(folder);
  await assert.rejects(readModelPackage(folder), (error) => isFault(error, 'model_package_invalid') && error.message.includes('MLmodel'));
  writeFileSync(join(folder, 'MLmodel'), 'flavors: {onnx: {data: model.onnx}}');
  await assert.rejects(
    readModelPackage(folder),
    (error) => isFault(error, 'model_package_invalid') && error.message.includes('no file "model.onnx"'),
  );
  writeFileSync(join(scratch, 'outside.onnx'), whole);
  symlinkSync(join(scratch, 'outside.onnx'), join(folder, 'model.onnx'));
  await assert.rejects(
    readModelPackage(folder),
    (error) => isFault(error, 'model_package_invalid') && error.message.includes('leaves the package'),
  );
});

/** Takes a text, a 64-bit integer and a row of three; gives each back, and a number a row. */
const mixed = toOnnxFile({
  inputs: [
    { name: 'word', type: STRING, shape: ['N'] },
    { name: 'count', type: INT64, shape: ['N', 1] },
    { name: 'triple', type: FLOAT, shape: ['N', 3] },
  ],
  outputs: [
    { name: 'word_out', type: STRING, shape: ['N'] },
    { name: 'label', type: INT64, shape: ['N', 1] },
    { name: 'triple_out', type: FLOAT, shape: ['N', 3] },
    { name: 'probability', type: FLOAT, shape: ['N', 1] },
  ],
  tensors: [],
  nodes: [
    { op: 'Identity', inputs: ['word'], outputs: ['word_out'] },
    { op: 'Identity', inputs: ['count'], outputs: ['label'] },
    { op: 'Identity', inputs: ['triple'], outputs: ['triple_out'] },
    { op: 'Cast', inputs: ['count'], outputs: ['probability'], ints: { to: FLOAT } },
  ],
});

test('two hundred requests at once each get their own texts, integers and rows back', async () => {
  const stand = await startStand({ packages: { 1: { onnx: mixed } }, routes: [routeTo(arm('stable', 1))] });
  try {
    await stand.ready();
    await Promise.all(
      Array.from({ length: 200 }, async (_, request) => {
        const rows = 1 + (request % 5);
        const each = Array.from({ length: rows }, (_unused, row) => request * 10 + row);
        const big = each.map((item) => `${9007199254740993n + BigInt(item) * 2n}`);
        const body = `{"inputs":[
          {"name":"word","shape":[${rows}],"datatype":"BYTES","data":${JSON.stringify(each.map((item) => `w${item}`))}},
          {"name":"count","shape":[${rows}],"datatype":"INT64","data":[${big.join(',')}]},
          {"name":"triple","shape":[${rows},3],"datatype":"FP32","data":${JSON.stringify(each.map((item) => [item, 1, item + 1]))}}]}`;
        const response = await stand.infer(body);
        const text = await response.text();
        assert.equal(response.status, 200, text);
        assert.ok(text.includes(`"data":[${big.join(',')}]`), text);
        const { outputs } = JSON.parse(text) as { outputs: { data: unknown[] }[] };
        assert.deepEqual(
          outputs[0]?.data,
          each.map((item) => `w${item}`),
        );
        assert.deepEqual(
          outputs[2]?.data,
          each.flatMap((item) => [item, 1, item + 1]),
        );
      }),
    );
  } finally {
    await stand.close();
  }
});
