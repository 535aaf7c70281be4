import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlaces, isWithin, toPath } from './import-places.ts';
import type { PlaceOptions } from './import-places.ts';

const options: PlaceOptions = { destination: undefined, moved: {}, allowed: [], folders: ['/none/store'] };

test('files are read below the store and what is named, and nowhere else', () => {
  const { find } = createPlaces({ ...options, allowed: ['/none/more'], moved: { 'file:///old': '/none/new' }, destination: '/none/dest' });
  assert.deepEqual(find('file:///none/store/1/r/artifacts'), { kind: 'local', folder: '/none/store/1/r/artifacts' });
  assert.deepEqual(find('/none/more/x'), { kind: 'local', folder: '/none/more/x' });
  assert.deepEqual(find('file:///old/1/r'), { kind: 'local', folder: '/none/new/1/r' });
  assert.deepEqual(find('mlflow-artifacts:/1/r/artifacts'), { kind: 'local', folder: '/none/dest/1/r/artifacts' });
  for (const uri of ['file:///etc', '/none/store/../../etc', '/none/storeroom', 'mlflow-artifacts:/../../etc', 'file:///older/x'])
    assert.equal(find(uri).kind, 'refused', uri);
});

test('stores that clients reach themselves stay where they are', () => {
  const { find } = createPlaces({ ...options, destination: 's3://bucket/root/' });
  assert.deepEqual(find('s3://other/x'), { kind: 'remote', uri: 's3://other/x' });
  assert.deepEqual(find('mlflow-artifacts://host/1/r'), { kind: 'remote', uri: 's3://bucket/root/1/r' });
  assert.equal(createPlaces(options).find('mlflow-artifacts:/1').kind, 'refused');
});

test('paths are told from URIs', () => {
  assert.deepEqual(['/a b', 'file:///a%20b', 'file:/a', 's3://x', 'C:/x'].map(toPath), ['/a b', '/a b', '/a', null, 'C:/x']);
  assert.deepEqual([isWithin('/a', '/a'), isWithin('/a', '/a/..b'), isWithin('/a', '/b'), isWithin('/a', '/')], [true, true, false, false]);
});
