import assert from 'node:assert/strict';
import test from 'node:test';
import { localBackoff, toBackoffMs } from './backoff.ts';

test('the wait doubles from the base, with jitter between half and all of it, up to the maximum', () => {
  const backoff = { baseMs: 10_000, maxMs: 3_600_000 };
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => toBackoffMs(failures, 0, backoff)),
    [5_000, 10_000, 20_000, 40_000],
  );
  assert.equal(toBackoffMs(1, 0.5, backoff), 7_500);
  assert.equal(toBackoffMs(1, 0.999_999, backoff), 10_000);
  assert.equal(toBackoffMs(60, 0, backoff), 3_600_000);
  assert.equal(toBackoffMs(1, 0, localBackoff), 500);
});
