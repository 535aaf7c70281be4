import type { Usage, UsageSample } from './types.ts';

/** MLflow's clients and its browser application show what begins so apart from other metrics. */
const PREFIX = 'system/';

/** The cost so far, in the currency of the price table. */
export const COST_METRIC: string = `${PREFIX}cost`;

const MEGABYTE = 1e6;

/**
 * A sample as metrics by MLflow's names (mlflow/system_metrics), and beside those of the machine what the command itself used. `node` tells several commands of one run
 * apart, as MLflow does it with machines: `system/<node>/…`.
 */
export function toSystemMetrics(sample: UsageSample, node: string): Readonly<Record<string, number>> {
  const { usage, residentBytes, cpuPercent, machine } = sample;
  const live = {
    ...machine,
    process_cpu_utilization_percentage: usage.cpuMs === null ? null : cpuPercent,
    process_memory_usage_megabytes: usage.peakMemoryBytes === null ? null : residentBytes / MEGABYTE,
  };
  return { ...name(live, node), ...toTotalMetrics(usage, node) };
}

/** Those of them that only grow: at the end they say what was used in all. */
export function toTotalMetrics(usage: Usage, node: string): Readonly<Record<string, number>> {
  const scaled = (value: number | null, unit: number): number | null => (value === null ? null : value / unit);
  const totals = {
    process_cpu_seconds: scaled(usage.cpuMs, 1000),
    process_peak_memory_megabytes: scaled(usage.peakMemoryBytes, MEGABYTE),
    process_disk_read_megabytes: scaled(usage.readBytes, MEGABYTE),
    process_disk_write_megabytes: scaled(usage.writeBytes, MEGABYTE),
  };
  return name(totals, node);
}

function name(values: Readonly<Record<string, number | null>>, node: string): Readonly<Record<string, number>> {
  const prefix = node === '' ? PREFIX : `${PREFIX}${node}/`;
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[prefix + key, value]])));
}

const SHORTEST_MS = 2000;
const LONGEST_MS = 30_000;

/** Time until the next sample: close together at first, so that a short run has a curve, and further apart the longer it takes, so that a long one has no more than people look at. */
export function sampleInterval(elapsedMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, elapsedMs / 100));
}
