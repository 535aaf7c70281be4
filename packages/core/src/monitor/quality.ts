import { wilsonInterval } from '../statistics/proportion.ts';
import type { MonitorSpec, QualityCounts } from './types.ts';

export const noQuality: QualityCounts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };

/** Counts of one labelled prediction; with `sign` −1 it takes back what a corrected label had counted. */
export function toQualityCounts(predicted: boolean, truth: boolean, sign: 1 | -1 = 1): QualityCounts {
  const name = predicted ? (truth ? 'truePositive' : 'falsePositive') : truth ? 'falseNegative' : 'trueNegative';
  return { ...noQuality, [name]: sign };
}

export function addQuality(a: QualityCounts, b: QualityCounts): QualityCounts {
  return {
    truePositive: a.truePositive + b.truePositive,
    falsePositive: a.falsePositive + b.falsePositive,
    trueNegative: a.trueNegative + b.trueNegative,
    falseNegative: a.falseNegative + b.falseNegative,
  };
}

export function labelledRows(counts: QualityCounts): number {
  return counts.truePositive + counts.falsePositive + counts.trueNegative + counts.falseNegative;
}

export function errorRate(counts: QualityCounts): number | null {
  const rows = labelledRows(counts);
  return rows === 0 ? null : (counts.falsePositive + counts.falseNegative) / rows;
}

/** One-sided error of a window's limits: looked at once a window, so a year of weekly windows stays quiet. */
const ALPHA = 0.01;

/** Limits that a window proves broken, one line each: the lower Wilson bound of the rate is above the limit. */
export function brokenLimits(spec: MonitorSpec['quality'], counts: QualityCounts): readonly string[] {
  const limits = [
    ['error rate', counts.falsePositive + counts.falseNegative, labelledRows(counts), spec.maxErrorRate],
    ['false-positive rate', counts.falsePositive, counts.falsePositive + counts.trueNegative, spec.maxFalsePositiveRate],
  ] as const;
  return limits.flatMap(([name, events, rows, limit]) => {
    if (limit === null || rows === 0) return [];
    const { low } = wilsonInterval(events, rows, 2 * ALPHA);
    return low > limit
      ? [`${name} ${percent(events / rows)} (${events} of ${rows}; 99 % lower bound ${percent(low)}) is over ${percent(limit)}`]
      : [];
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
