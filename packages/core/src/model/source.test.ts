import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { checkModelSource, checkPromptSource } from './source.ts';

const invalid = (error: unknown): boolean => isFault(error, 'model_source_invalid');

test('sources that say where they lead are taken', () => {
  for (const source of [
    'runs:/0123/model',
    'models:/m-0123',
    'models:/spam/3',
    'mlflow-artifacts:/0/run/artifacts/model',
    'mlflow-artifacts://host:5000/0/run/artifacts/model/',
    's3://bucket/a b/model',
    's3://bucket/a%20b',
    'dbfs:/databricks/mlflow',
    'https://host/a..b/model?x=../y',
  ]) {
    checkModelSource(source, []);
  }
});

test('no source may climb, in whatever encoding, nor be without an absolute path', () => {
  for (const source of [
    'mlflow-artifacts:/0/../../etc/passwd',
    'mlflow-artifacts:/0/..%2f..%2fetc',
    's3://bucket/a/%252e%252e/b',
    'https://host/api/artifacts%00',
    's3:/bucket/a/./b',
    's3://bucket',
    'mlflow-artifacts:relative/path',
    'http://host/..\\..\\windows',
    'models:/%2e%2e/x',
  ]) {
    assert.throws(() => checkModelSource(source, []), invalid, source);
  }
});

test("a path of this machine is taken only inside the run's own artifacts", () => {
  const roots = ['file:///srv/runs/1/artifacts', 's3://bucket/1'];
  checkModelSource('/srv/runs/1/artifacts', roots);
  checkModelSource('file:///srv/runs/1/artifacts/model', roots);
  for (const source of ['/etc/passwd', '/srv/runs/1/artifacts2', '/srv/runs/1/artifacts/../../2', 'relative', 'C:\\x', 'file:///etc', '']) {
    assert.throws(() => checkModelSource(source, roots), invalid, source);
  }
  assert.throws(() => checkModelSource('/srv/runs/1/artifacts', []), invalid);
});

test('a prompt has no files', () => {
  checkPromptSource('prompt-template');
  assert.throws(() => checkPromptSource('s3://bucket/a'), invalid);
});
