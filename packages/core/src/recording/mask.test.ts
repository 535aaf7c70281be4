import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMask } from './mask.ts';

test('values of variables named like secrets do not show', () => {
  const mask = createMask({
    DB_PASSWORD: 'hunter22',
    AWS_SECRET_ACCESS_KEY: 'abc/def$&hij',
    MY_TOKEN: 'hunter22-long',
    PWD: '/home/ann/project',
    SSH_AUTH_SOCK: '/tmp/agent',
    TOKENIZERS_PARALLELISM: 'false',
    USE_TOKEN: 'true',
    HOME: 'not-a-secret',
  });
  assert.equal(mask('connect with hunter22 and hunter22-long'), 'connect with *** and ***');
  assert.equal(mask('key abc/def$&hij.'), 'key ***.');
  assert.equal(mask('in /home/ann/project false true not-a-secret'), 'in /home/ann/project false true not-a-secret');
});

test('what has the form of a secret does not show', () => {
  const mask = createMask({});
  const join = (...parts: readonly string[]): string => parts.join('');
  assert.equal(mask(join('id ', 'AKIA', 'ABCDEFGHIJKLMNOP', ' ok')), 'id *** ok');
  assert.equal(mask(join('x ', 'ghp_', 'a'.repeat(36))), 'x ***');
  assert.equal(mask('postgres://ann:s3cret@db/x'), 'postgres://ann:***@db/x');
  assert.equal(mask('Authorization: Bearer abcdefghijklmnop'), 'Authorization: Bearer ***');
  assert.equal(mask('train.py --api-key=12345 --lr 0.1'), 'train.py --api-key=*** --lr 0.1');
  assert.equal(mask('epoch 3: loss 0.25, see http://host:5055/x'), 'epoch 3: loss 0.25, see http://host:5055/x');
});

test('a long line without a secret is read in no time', () => {
  const began = performance.now();
  const line = 'a:b-c_d '.repeat(8192);
  assert.equal(createMask({})(line), line);
  assert.ok(performance.now() - began < 200);
});
