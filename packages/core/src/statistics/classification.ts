import { requireCount } from './argument.ts';

/** How often a yes-or-no model was right and wrong. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** Null where the denominator is 0: a precision without one positive prediction is unknown, not 0. */
export interface ClassificationMetrics {
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly falsePositiveRate: number | null;
  readonly specificity: number | null;
}

/** Counts pairs of (predicted, true) classes; `positive` tells which is the positive one. Both lists have the same length. */
export function confusionOf<T>(predicted: readonly T[], actual: readonly T[], positive: T): Confusion {
  if (predicted.length !== actual.length) {
    throw new RangeError(`There are ${predicted.length} predictions for ${actual.length} true values.`);
  }
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  for (const [index, guess] of predicted.entries()) {
    const truth = actual[index] === positive;
    if (guess === positive) counts[truth ? 'truePositives' : 'falsePositives'] += 1;
    else counts[truth ? 'falseNegatives' : 'trueNegatives'] += 1;
  }
  return counts;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

export function classificationMetrics(confusion: Confusion): ClassificationMetrics {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion;
  for (const [name, count] of Object.entries(confusion)) requireCount(count as number, name);
  return {
    accuracy: ratio(tp + tn, tp + fp + fn + tn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    falsePositiveRate: ratio(fp, fp + tn),
    specificity: ratio(tn, fp + tn),
  };
}
