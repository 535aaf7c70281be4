import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleInterval, toSystemMetrics } from './system-metrics.ts';
import type { UsageSample } from './types.ts';

const sample: UsageSample = {
  time: 5,
  usage: { wallMs: 1000, cpuMs: 1500, peakMemoryBytes: 4e6, memoryByteSeconds: 2e6, readBytes: 1e6, writeBytes: 3e6, gpuMs: 0 },
  residentBytes: 2e6,
  cpuPercent: 150,
  machine: { cpu_utilization_percentage: 40 },
};

test('a sample has MLflow’s names, under the node where there are several', () => {
  assert.deepEqual(toSystemMetrics(sample, ''), {
    'system/cpu_utilization_percentage': 40,
    'system/process_cpu_utilization_percentage': 150,
    'system/process_cpu_seconds': 1.5,
    'system/process_peak_memory_megabytes': 4,
    'system/process_memory_usage_megabytes': 2,
    'system/process_disk_read_megabytes': 1,
    'system/process_disk_write_megabytes': 3,
  });
  assert.equal(toSystemMetrics(sample, 'train')['system/train/process_cpu_seconds'], 1.5);
});

test('what the system does not tell is no metric', () => {
  const usage = { wallMs: 1, cpuMs: null, peakMemoryBytes: null, memoryByteSeconds: null, readBytes: null, writeBytes: null, gpuMs: 0 };
  assert.deepEqual(toSystemMetrics({ ...sample, usage, machine: {} }, ''), {});
});

test('samples of a long run lie further apart', () => {
  assert.deepEqual([0, 200_000, 600_000, 86_400_000].map(sampleInterval), [2000, 2000, 6000, 30_000]);
});
