import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toGpu } from './gpu.ts';

test('a line of nvidia-smi is a GPU, without what it does not have', () => {
  assert.deepEqual(toGpu('1, NVIDIA L4, 50, 1000, 4000, 36.5, 73.0'), [
    {
      index: 1,
      name: 'NVIDIA L4',
      values: {
        utilization_percentage: 50,
        memory_usage_megabytes: 1048.576,
        memory_usage_percentage: 25,
        power_usage_watts: 36.5,
        power_usage_percentage: 50,
      },
    },
  ]);
  assert.deepEqual(Object.keys(toGpu('0, Tesla, [N/A], 10, 20, [N/A], [N/A]')[0]?.values ?? {}), [
    'memory_usage_megabytes',
    'memory_usage_percentage',
  ]);
  assert.deepEqual(toGpu(''), []);
  assert.deepEqual(toGpu('NVIDIA-SMI has failed because it could not communicate'), []);
});
