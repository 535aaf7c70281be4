/** Model files that lie in no package. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFault } from '@pawl/core';
import { evaluateModel, readModel } from '@pawl/serving';
import { toLogisticOnnx } from './onnx-file.ts';
import { silent } from './stand.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-bare-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const { cases } = JSON.parse(readFileSync(new URL('../oracles/boosters.json', import.meta.url), 'utf8')) as {
  cases: readonly { readonly name: string; readonly model: string }[];
};
const booster = (name: string): Buffer => Buffer.from(cases.find((one) => one.name === name)?.model ?? '', 'base64');

for (const [file, bytes, format] of [
  ['any.onnx', toLogisticOnnx({ a: 1 }, 0), 'onnx'],
  ['model.txt', booster('LightGBM binary'), 'lightgbm'],
  ['trees.ubj', booster('XGBoost binary ubj'), 'xgboost'],
  ['trees.bin', booster('XGBoost binary ubj'), 'xgboost'],
] as const) {
  test(`${file} alone is a model, known as ${format}`, async () => {
    writeFileSync(join(folder, file), bytes);
    const model = await readModel(join(folder, file));
    assert.equal(model.spec.file.format, format);
    await evaluateModel(model, {}, 0, { logger: silent });
  });
}

test('a pickle, a text and nothing are refused in one line that says what to do', async () => {
  writeFileSync(join(folder, 'model.pkl'), Buffer.of(0x80, 5, 1, 2));
  writeFileSync(join(folder, 'notes.txt'), 'treehouse');
  await assert.rejects(
    readModel(join(folder, 'model.pkl')),
    (error) => isFault(error, 'model_file_invalid') && /mlflow\.sklearn/.test(error.message),
  );
  await assert.rejects(
    readModel(join(folder, 'notes.txt')),
    (error) => isFault(error, 'model_file_invalid') && /no LightGBM text/.test(error.message),
  );
  await assert.rejects(readModel(join(folder, 'gone')), (error) => isFault(error, 'file_unreadable'));
});
