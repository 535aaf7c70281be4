import type { MetricSteps } from './store.ts';

/**
 * Steps to show of a series when there are more than `most`: evenly spread over those there are, the last, and the first and last of each run, so that
 * no line is cut short. MLflow's rule for metrics/get-history-bulk-interval.
 */
export function sampleSteps({ all, ends }: MetricSteps, most: number): readonly number[] {
  if (all.length <= most) return all;
  const chosen = new Set(ends);
  for (let at = 0; at < most; at++) chosen.add(all[Math.floor((at * all.length) / most)] as number);
  chosen.add(all.at(-1) as number);
  return [...chosen].toSorted((a, b) => a - b);
}
