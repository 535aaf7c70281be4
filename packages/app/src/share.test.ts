import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { createShare } from './share.ts';

test('who asks for the same at once gets one answer, later a new one, and no old failure', async () => {
  const share = createShare(5);
  let reads = 0;
  const read = async (): Promise<number> => ++reads;
  assert.deepEqual(await Promise.all([share('a', read), share('a', read), share('b', read)]), [1, 1, 2]);
  assert.equal(await share('a', read), 1);
  await sleep(30);
  assert.equal(await share('a', read), 3);
  await assert.rejects(share('c', () => Promise.reject(new Error('no'))));
  assert.equal(await share('c', read), 4);
});
