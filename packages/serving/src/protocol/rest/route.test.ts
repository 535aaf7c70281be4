import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRest, toRestCall } from './route.ts';

test('paths name their calls', () => {
  assert.deepEqual(toRestCall('/v2'), { call: 'server' });
  assert.deepEqual(toRestCall('/v2/'), { call: 'server' });
  assert.deepEqual(toRestCall('/v2/health/live?x=1'), { call: 'live' });
  assert.deepEqual(toRestCall('/v2/models'), { call: 'models' });
  assert.deepEqual(toRestCall('/v2/models/a%20b%2Fc'), { call: 'model', model: 'a b/c', version: undefined });
  assert.deepEqual(toRestCall('/v2/models/m/versions/3/infer'), { call: 'infer', model: 'm', version: '3' });
  assert.deepEqual(toRestCall('/v2/models/m/ready'), { call: 'model-ready', model: 'm', version: undefined });
});

test('other paths name none', () => {
  for (const path of ['/v2/x', '/v2/models/', '/v2/models//infer', '/v2/models/m/versions', '/v2/models/m/infer/x', '/v2/toString']) {
    const call = toRestCall(path);
    assert.ok(call === undefined || call.call === 'models', path);
  }
  assert.throws(() => toRestCall('/v2/models/%zz'), URIError);
});

test('only /v2 and what is under it belongs to the protocol', () => {
  assert.ok(isRest('/v2') && isRest('/v2?a') && isRest('/v2/models'));
  assert.ok(!isRest('/v22') && !isRest('/') && !isRest('/api/v2'));
});
