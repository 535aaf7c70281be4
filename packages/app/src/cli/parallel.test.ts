import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import { forEach } from './parallel.ts';

test('all items are done, never more at once than the limit', async () => {
  let now = 0;
  let most = 0;
  const done: number[] = [];
  await forEach([5, 1, 4, 2, 3], 2, async (item) => {
    now += 1;
    most = Math.max(most, now);
    await pause(item);
    now -= 1;
    done.push(item);
  });
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5],
  );
  assert.equal(most, 2);
});

test('after a failure no new item begins, and those under way are waited for', async () => {
  const begun: number[] = [];
  let ended = false;
  const work = forEach([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('first');
    await pause(5);
    ended = true;
  });
  await assert.rejects(work, /first/);
  assert.deepEqual(begun, [1, 2]);
  assert.equal(ended, true);
});
