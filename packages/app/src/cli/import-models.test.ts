import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSource } from './import-models.ts';

const run = 'a'.repeat(32);
const model = `m-${'b'.repeat(32)}`;

test('a source is said by whose files it means, in every spelling of their root', () => {
  const roots = ['file:///work/mlruns/1', 'mlflow-artifacts:/2', 's3://bucket/3'];
  const of = (source: string, runRoot: string | null = null) => toSource({ source, run, runRoot }, roots);
  assert.deepEqual(of(`/work/mlruns/1/${run}/artifacts/model`), { kind: 'run', id: run, path: 'model' });
  assert.deepEqual(of(`file:/work/mlruns/1/${run}/artifacts`), { kind: 'run', id: run, path: '' });
  assert.deepEqual(of(`mlflow-artifacts://host:5000/2/models/${model}/artifacts/`), { kind: 'model', id: model, path: '' });
  assert.deepEqual(of(`s3://bucket/3/${run}/artifacts/a/b`), { kind: 'run', id: run, path: 'a/b' });
  // A run may have its files elsewhere than its experiment.
  assert.deepEqual(of('dbfs:/x/y/model', 'dbfs:/x/y'), { kind: 'run', id: run, path: 'model' });
});

test('what lies nowhere known stays a URI', () => {
  const of = (source: string) => toSource({ source, run: null, runRoot: null }, ['/work/mlruns/1']);
  for (const uri of [
    `models:/${model}`,
    's3://elsewhere/x',
    `/work/mlruns/12/${run}/artifacts`,
    '/work/mlruns/1/notes',
    `/work/mlruns/1/${run}/other`,
  ])
    assert.deepEqual(of(uri), { kind: 'uri', uri });
});
