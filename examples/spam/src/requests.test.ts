import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeFeatures, FEATURES } from './features.ts';
import { toInferRequest } from './requests.ts';

test('a mail becomes one tensor a feature and the sender, and no column of the feature view', () => {
  const mail = { id: 'm1', sender_domain: 'a.example', subject: 'FREE money!', body: 'Click http://a.example/' };
  const { id, inputs } = toInferRequest(mail);
  assert.equal(id, 'm1');
  assert.deepEqual(
    inputs.map(({ name }) => name),
    [...FEATURES, 'sender_domain'],
  );
  assert.deepEqual(
    inputs.slice(0, -1).map(({ data }) => data[0]),
    computeFeatures(mail),
  );
  assert.ok(inputs.slice(0, -1).every(({ shape, datatype }) => datatype === 'FP32' && shape.join() === '1,1'));
  assert.deepEqual(inputs.at(-1), { name: 'sender_domain', shape: [1], datatype: 'BYTES', data: ['a.example'] });
});
