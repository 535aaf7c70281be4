import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatasetVersion } from '../dataset/types.ts';
import { toLoggedDataset, toVersionHint } from './dataset-link.ts';

const version: DatasetVersion = {
  dataset: 'mail',
  version: 3,
  manifest: `sha256:${'0123456789abcdef'.repeat(4)}`,
  files: 2,
  bytes: 100,
  tables: [
    {
      folder: '',
      format: 'csv',
      files: 2,
      rows: 10,
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'price', type: 'DECIMAL(10,2)' },
        { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
        { name: 'words', type: 'VARCHAR[]' },
        { name: 'any', type: 'STRUCT(a INTEGER)' },
      ],
    },
  ],
  message: '',
  author: 'user:ann',
  createdAt: 0,
  parent: null,
  status: 'unchecked',
  task: null,
  branch: 'main',
  mergedFrom: null,
  source: null,
  expiredAt: null,
};

test('a version has MLflow’s shape, and is found again by it', () => {
  const logged = toLoggedDataset(version, 'training');
  assert.equal(logged.digest, '0123456789abcdef'.repeat(2));
  assert.deepEqual(JSON.parse(logged.schema ?? ''), {
    mlflow_colspec: [
      { type: 'long', name: 'id', required: false },
      { type: 'double', name: 'price', required: false },
      { type: 'datetime', name: 'at', required: false },
      { type: 'array', items: { type: 'string' }, name: 'words', required: false },
      { type: 'string', name: 'any', required: false },
    ],
  });
  assert.deepEqual(JSON.parse(logged.profile ?? ''), { num_rows: 10, num_elements: 50, num_files: 2, num_bytes: 100 });
  assert.deepEqual(logged.tags, { 'mlflow.data.context': 'training' });
  assert.deepEqual(toVersionHint(logged), { ref: { dataset: 'mail', version: 3 } });
  assert.deepEqual(toVersionHint({ ...logged, source: '' }), { dataset: 'mail', hex: logged.digest });
});

test('several tables have no one schema', () => {
  const [table] = version.tables;
  assert.equal(table && toLoggedDataset({ ...version, tables: [table, table] }, 'x').schema, null);
});

test('sources name versions in several ways, and others name none', () => {
  const of = (source: string, digest = 'd41d8cd9') => toVersionHint({ name: 'n', digest, source });
  const mail = { ref: { dataset: 'mail', version: 3 } };
  for (const source of ['pawl:mail:3', '{"uri":"pawl:mail:3"}', '{"url": "http://h:5055/api/v1/datasets/mail/versions/3/manifest"}'])
    assert.deepEqual(of(source), mail, source);
  for (const source of ['', 'mail:3', '{"uri":"s3://pawl:mail:3x"}', 'pawl:mail', 'pawl:mail:0', '{"uri": "/data/mail"}'])
    assert.equal(of(source), undefined, source);
  assert.deepEqual(of('x', `sha256:${'ab'.repeat(32)}`), { dataset: 'n', hex: 'ab'.repeat(32) });
});
