import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hash } from '../ports/digest.ts';
import { hmacSha256, toBase64, toWebhookHeaders } from './sign.ts';

const hash: Hash = (data) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test('HMAC-SHA256 and base64 as node:crypto has them, keys and messages of every length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (key, message) => {
      const expected = createHmac('sha256', key).update(message).digest();
      assert.deepEqual(Buffer.from(hmacSha256(hash, key, message)), expected);
      assert.equal(toBase64(message), Buffer.from(message).toString('base64'));
    }),
    { seed: 7 },
  );
});

test('the signature covers delivery, time and body; without a secret there is none', () => {
  const message = { delivery: '0198c0de0000700080000000000000aa', body: '{"a":"é"}', secret: 'sésame', now: 1_700_000_000_999 };
  const headers = toWebhookHeaders(hash, message, encode);
  const id = '0198c0de-0000-7000-8000-0000000000aa';
  const expected = createHmac('sha256', 'sésame').update(`${id}.1700000000.{"a":"é"}`).digest('base64');
  assert.deepEqual(headers, { 'X-MLflow-Delivery-Id': id, 'X-MLflow-Timestamp': '1700000000', 'X-MLflow-Signature': `v1,${expected}` });
  assert.equal(toWebhookHeaders(hash, { ...message, secret: null }, encode)['X-MLflow-Signature'], undefined);
});
