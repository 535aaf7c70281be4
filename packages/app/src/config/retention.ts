import type { RetentionPolicy } from '@pawl/core';
import type { Config } from './schema.ts';

const DAY = 86_400_000;

/** How long things are kept, out of settings in which 0 stands for no limit. */
export function toRetention({ keepPredictionDays, keepPredictionRows, keepEventDays, keepLogDays }: Config): RetentionPolicy {
  const limit = (count: number, unit = 1): number | null => (count === 0 ? null : count * unit);
  return {
    predictionMs: limit(keepPredictionDays, DAY),
    predictionRows: limit(keepPredictionRows),
    eventMs: limit(keepEventDays, DAY),
    logMs: limit(keepLogDays, DAY),
  };
}
