import { nonInferiorityBinary, tangoBounds } from '../statistics/non-inferiority.ts';
import { wilsonInterval } from '../statistics/proportion.ts';
import type { GateCheck, GateSpec, Verdict } from './types.ts';

export interface GateEvidence {
  /** The truth of each row of the frozen evaluation set. */
  readonly truth: readonly boolean[];
  readonly candidate: readonly boolean[];
  /** Null when nothing is in Production: then the candidate is judged against always answering the majority class. */
  readonly champion: readonly boolean[] | null;
}

export interface GateOutcome {
  readonly verdict: Verdict;
  readonly checks: readonly GateCheck[];
}

interface Confusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/**
 * Judges a candidate on paired predictions (reference sheet: statistics §5). PASS only when every check is proven, FAIL when one is disproven, else INCONCLUSIVE with
 * the rows it would need. Throws RangeError on an empty set or unequal lengths.
 */
export function decideGate(spec: GateSpec, evidence: GateEvidence): GateOutcome {
  const { truth, candidate, champion } = evidence;
  if (truth.length === 0) throw new RangeError('a gate needs at least one evaluation row');
  if (candidate.length !== truth.length || (champion !== null && champion.length !== truth.length))
    throw new RangeError('predictions and truth must be of one length');
  const confusion = toConfusion(truth, candidate);
  const checks: GateCheck[] = [
    champion === null ? againstMajority(spec, truth, candidate) : againstChampion(spec, truth, candidate, champion),
  ];
  if (spec.floors.f1 !== null) checks.push(f1Floor(spec.floors.f1, spec.alpha, confusion));
  if (spec.floors.maxFalsePositiveRate !== null) checks.push(falsePositiveFloor(spec.floors.maxFalsePositiveRate, spec.alpha, confusion));
  return { verdict: worst(checks), checks };
}

function worst(checks: readonly GateCheck[]): Verdict {
  if (checks.some((check) => check.verdict === 'FAIL')) return 'FAIL';
  return checks.every((check) => check.verdict === 'PASS') ? 'PASS' : 'INCONCLUSIVE';
}

function toConfusion(truth: readonly boolean[], predicted: readonly boolean[]): Confusion {
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  truth.forEach((real, row) => {
    if (predicted[row] === true) counts[real ? 'truePositive' : 'falsePositive']++;
    else counts[real ? 'falseNegative' : 'trueNegative']++;
  });
  return counts;
}

function toPairs(truth: readonly boolean[], candidate: readonly boolean[], champion: readonly boolean[]) {
  let championOnly = 0;
  let candidateOnly = 0;
  truth.forEach((real, row) => {
    const candidateRight = candidate[row] === real;
    const championRight = champion[row] === real;
    if (championRight && !candidateRight) championOnly++;
    if (candidateRight && !championRight) candidateOnly++;
  });
  return { n: truth.length, championOnly, candidateOnly };
}

function againstChampion(
  spec: GateSpec,
  truth: readonly boolean[],
  candidate: readonly boolean[],
  champion: readonly boolean[],
): GateCheck {
  const pairs = toPairs(truth, candidate, champion);
  const test = nonInferiorityBinary({ ...pairs, margin: spec.margin, alpha: spec.alpha });
  const more = test.verdict === 'INCONCLUSIVE' ? `; about ${test.nNeeded ?? 'no number of'} rows would decide` : '';
  return {
    name: 'no worse than the model in Production',
    verdict: test.verdict,
    summary: `accuracy difference ${points(test.difference)} (one-sided bounds ${points(test.lower)}, ${points(test.upper)}; margin −${points(spec.margin).replace('+', '')}) on ${pairs.n} rows: only candidate right ${pairs.candidateOnly}, only champion right ${pairs.championOnly}${more}`,
    numbers: {
      ...pairs,
      difference: test.difference,
      lower: test.lower,
      upper: test.upper,
      margin: spec.margin,
      p: test.p,
      alpha: spec.alpha,
      rows_needed: test.nNeeded,
      method: test.method,
    },
  };
}

/** A first model has no champion: it must remove a stated share of the error of always answering the more frequent class, proven by the same paired test. */
function againstMajority(spec: GateSpec, truth: readonly boolean[], candidate: readonly boolean[]): GateCheck {
  const positives = truth.filter(Boolean).length;
  const majority = positives * 2 > truth.length;
  const baselineError = Math.min(positives, truth.length - positives) / truth.length;
  const pairs = toPairs(
    truth,
    candidate,
    Array.from({ length: truth.length }, () => majority),
  );
  const needed = spec.baselineImprovement * baselineError;
  const { lower, upper } = tangoBounds(pairs, spec.alpha);
  const verdict: Verdict = lower > needed ? 'PASS' : upper < needed ? 'FAIL' : 'INCONCLUSIVE';
  return {
    name: 'first model: better than the majority class',
    verdict,
    summary: `accuracy ${points((pairs.candidateOnly - pairs.championOnly) / pairs.n)} over always answering ${majority} (one-sided lower bound ${points(lower)}; needed ${points(needed)}) on ${pairs.n} rows`,
    numbers: { ...pairs, baseline_error: baselineError, lower, upper, needed, alpha: spec.alpha },
  };
}

/** F1 = 2J/(1+J) grows with the share J of true positives among rows that are positive in truth or prediction, so Wilson's bounds of J give F1's. */
function f1Floor(floor: number, alpha: number, { truePositive, falsePositive, falseNegative }: Confusion): GateCheck {
  const union = truePositive + falsePositive + falseNegative;
  if (union === 0)
    return { name: 'F1 floor', verdict: 'INCONCLUSIVE', summary: 'no positive row in truth or prediction', numbers: { floor, union } };
  const share = wilsonInterval(truePositive, union, 2 * alpha);
  const toF1 = (jaccard: number) => (2 * jaccard) / (1 + jaccard);
  const value = toF1(truePositive / union);
  const [low, high] = [toF1(share.low), toF1(share.high)];
  const verdict: Verdict = low >= floor ? 'PASS' : high < floor ? 'FAIL' : 'INCONCLUSIVE';
  return {
    name: 'F1 floor',
    verdict,
    summary: `F1 ${value.toFixed(3)} (one-sided bounds ${low.toFixed(3)}, ${high.toFixed(3)}; floor ${floor})`,
    numbers: { value, low, high, floor, alpha },
  };
}

function falsePositiveFloor(limit: number, alpha: number, { falsePositive, trueNegative }: Confusion): GateCheck {
  const negatives = falsePositive + trueNegative;
  if (negatives === 0)
    return {
      name: 'false-positive limit',
      verdict: 'INCONCLUSIVE',
      summary: 'no negative row in the evaluation set',
      numbers: { limit, negatives },
    };
  const rate = falsePositive / negatives;
  const { low, high } = wilsonInterval(falsePositive, negatives, 2 * alpha);
  const verdict: Verdict = high <= limit ? 'PASS' : low > limit ? 'FAIL' : 'INCONCLUSIVE';
  return {
    name: 'false-positive limit',
    verdict,
    summary: `false-positive rate ${share(rate)} (${falsePositive} of ${negatives}; one-sided bounds ${share(low)}, ${share(high)}; limit ${share(limit)})`,
    numbers: { value: rate, low, high, limit, false_positives: falsePositive, negatives, alpha },
  };
}

const share = (value: number): string => `${(100 * value).toFixed(2)} %`;
const points = (value: number): string => `${value < 0 ? '−' : '+'}${(100 * Math.abs(value)).toFixed(2)} pt`;
