import { test } from 'node:test';
import assert from 'node:assert/strict';
import { PROXY_ROOT, checkLocation, toExperimentRoot, toLoggedModelUri, toOwnedPath, toProxyPath, toRunUri } from './uri.ts';

const RUN = '0123456789abcdef0123456789abcdef';

test('an experiment without a location, or with one on a client’s disk, keeps its artifacts here', () => {
  for (const location of [null, '.', './mlruns', '/tmp/x', 'file:///tmp/x', 'C:\\x'])
    assert.equal(toExperimentRoot(PROXY_ROOT, 7, location), 'mlflow-artifacts:/7');
  assert.equal(toExperimentRoot('s3://bucket/ml/', 7, null), 's3://bucket/ml/7');
  assert.equal(toExperimentRoot(PROXY_ROOT, 7, 's3://bucket/x/'), 's3://bucket/x');
  assert.equal(toExperimentRoot(PROXY_ROOT, 7, 'mlflow-artifacts:/mine'), 'mlflow-artifacts:/mine');
  assert.equal(toRunUri('mlflow-artifacts:/7', RUN), `mlflow-artifacts:/7/${RUN}/artifacts`);
  assert.equal(toLoggedModelUri('s3://b/7', `m-${RUN}`), `s3://b/7/models/m-${RUN}/artifacts`);
});

test('locations that lead elsewhere are refused', () => {
  for (const location of ['runs:/x', 'models:/x', 's3://b/x?y=1', 's3://b/x#y', 's3://b/../x', 's3://b/%252e%252E/x', '../x', 'a\0b'])
    assert.throws(() => checkLocation(location), { code: 'artifact_location_invalid' }, location);
  for (const location of ['', '.', 's3://b/x', '/tmp/a#1', 'mlflow-artifacts:/x', 'gs://b/100%', 'a/..b']) checkLocation(location);
});

test('a URI of the proxy gives its path, whatever host it names', () => {
  for (const uri of ['mlflow-artifacts:/7/a%20b', 'mlflow-artifacts://host:5000/7/a%20b', 'mlflow-artifacts:///7/a%20b'])
    assert.equal(toProxyPath(uri), '7/a%20b');
  assert.equal(toProxyPath('mlflow-artifacts:/'), '');
  assert.equal(toProxyPath('s3://b/7'), null);
});

test('paths tell whose files they are', () => {
  assert.deepEqual(toOwnedPath(`7/${RUN}/artifacts`), { root: '7', owner: 'run', id: RUN, path: '' });
  assert.deepEqual(toOwnedPath(`my/root/${RUN}/artifacts/a/${RUN}/artifacts/b`), {
    root: 'my/root',
    owner: 'run',
    id: RUN,
    path: `a/${RUN}/artifacts/b`,
  });
  assert.deepEqual(toOwnedPath(`7/models/m-${RUN}/artifacts/MLmodel`), { root: '7', owner: 'model', id: `m-${RUN}`, path: 'MLmodel' });
  for (const path of [`7/${RUN}`, `7/${RUN}/artifactsx`, `${RUN}/artifacts`, `7/models/${RUN}x/artifacts`, '7/x/artifacts'])
    assert.equal(toOwnedPath(path), null, path);
});
