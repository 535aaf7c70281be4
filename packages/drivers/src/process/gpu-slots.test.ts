import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@pawl/core';
import { createGpuSlots } from './gpu-slots.ts';

test('a GPU is lent to one command at a time', async () => {
  const slots = createGpuSlots(() => Promise.resolve([0, 1, 3]));
  const first = await slots.take(2, 'a');
  assert.deepEqual([first, await slots.take(0, 'b'), await slots.take(1, 'c')], [[0, 1], [], [3]]);
  await assert.rejects(
    slots.take(1, 'd'),
    (error) => isFault(error, 'command_not_started') && /of the 3 of this machine 0 are free/.test(error.message),
  );
  slots.giveBack(first);
  assert.deepEqual(await slots.take(1, 'e'), [0]);
});
