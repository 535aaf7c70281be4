import { addEvent, createEventTest, harmEvidence, noWorseEvidence } from '../statistics/event-test.ts';
import { addToMeanSequence, emptyMeanSequence, isMeanSequenceReady, meanSequenceBounds } from '../statistics/mean-sequence.ts';
import type { EventTest } from '../statistics/event-test.ts';
import type { MeanSequence } from '../statistics/mean-sequence.ts';
import type { GuardEvidence, GuardVerdict, Observation, RolloutGuard } from './types.ts';

interface Tests {
  readonly event: EventTest;
  readonly mean: MeanSequence;
}

/** Alternatives of the absolute test, as shares of the margin. */
const BELOW_MARGIN: readonly number[] = [0, 0.1, 0.25, 0.5];

export function emptyEvidence(guard: RolloutGuard): GuardEvidence {
  const tests: Tests = { event: createEventTest({ r0: guard.tolerance, r1: guard.noWorseThan }), mean: emptyMeanSequence() };
  return { metric: guard.metric, stable: { requests: 0, events: 0 }, candidate: { requests: 0, events: 0 }, tests: toJson(tests) };
}

/**
 * Adds one unit's outcome. Means take a unit's first outcome only; ratios its first event, whenever it comes: the weight at that moment is the chance that it fell on the
 * candidate, so users who come again are evidence too (reference sheet: rollouts §4.5). Counted as one more request, such a later event can only make the test of the
 * candidate's own rate more careful. At weight 0 or 1 nothing was drawn between the arms: it is counted and teaches the comparison nothing.
 */
export function addObservation(evidence: GuardEvidence, observation: Observation): GuardEvidence {
  const arm = observation.candidate ? 'candidate' : 'stable';
  const counts = evidence[arm];
  const counted = { ...evidence, [arm]: { requests: counts.requests + 1, events: counts.events + (observation.event ? 1 : 0) } };
  const { candidate, weight } = observation;
  if (weight <= 0 || weight >= 1) return counted;
  const tests = fromJson(evidence);
  return {
    ...counted,
    tests: toJson({
      event: observation.event ? addEvent(tests.event, { candidate, weight }) : tests.event,
      mean: observation.later === true ? tests.mean : addToMeanSequence(tests.mean, { y: observation.event ? 1 : 0, candidate, weight }),
    }),
  };
}

export interface GuardJudgement {
  readonly verdict: GuardVerdict;
  /** e-value against "no harm". */
  readonly harm: number;
  /** e-value against "worse than allowed". */
  readonly noWorse: number;
  /** e-value against "the candidate's own rate is at least the margin". */
  readonly belowMargin: number;
  /** Always-valid one-sided bounds of candidate − stable, when 500 requests an arm make them trustworthy. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** e-values at which harm, and each way of being fine, counts as proven. */
  readonly harmThreshold: number;
  readonly fineThreshold: number;
}

/**
 * What a guard's evidence says now; valid at every look (reference sheet: rollouts §4.3, §4.4). `harmAlpha` is this guard's share of the rollout's error.
 * Three ways prove "no worse", each at a third of `alpha`: the ratio of event rates, the difference of means, and, as no events at all say nothing of a ratio, the
 * candidate's own rate staying below the margin.
 */
export function judgeGuard(guard: RolloutGuard, evidence: GuardEvidence, harmAlpha: number, alpha: number): GuardJudgement {
  const tests = fromJson(evidence);
  const fineAlpha = alpha / 3;
  const harmThreshold = 2 / harmAlpha;
  const fineThreshold = 1 / fineAlpha;
  const harm = harmEvidence(tests.event).e;
  const noWorse = noWorseEvidence(tests.event).e;
  const belowMargin = belowMarginEvidence(evidence.candidate.requests, evidence.candidate.events, guard.margin);
  const ready = isMeanSequenceReady(tests.mean);
  const lower = ready ? (meanSequenceBounds(tests.mean, harmAlpha / 2, 'lower')?.lower ?? null) : null;
  const upper = ready ? (meanSequenceBounds(tests.mean, fineAlpha, 'upper')?.upper ?? null) : null;
  const worse = harm >= harmThreshold || (lower !== null && lower > 0 && guard.tolerance <= 1);
  const fine = noWorse >= fineThreshold || belowMargin >= fineThreshold || (upper !== null && upper < guard.margin);
  const verdict: GuardVerdict = worse
    ? 'worse'
    : fine
      ? 'fine'
      : evidence.candidate.requests === 0 || evidence.stable.requests === 0
        ? 'not_enough_data'
        : 'undecided';
  return { verdict, harm, noWorse, belowMargin, lower, upper, harmThreshold, fineThreshold };
}

/**
 * e-value against H0 "the rate is at least `margin`" after `events` among `requests`: mean over smaller rates of the likelihood ratio, a test martingale
 * at the margin and smaller in expectation above it (Ville's inequality makes it valid at every look). Exact, and the only test that learns from no event at all.
 */
export function belowMarginEvidence(requests: number, events: number, margin: number): number {
  // No rate lies below 0, so nothing can speak for one.
  if (margin <= 0) return 1;
  const ratios = BELOW_MARGIN.map((share) => {
    const rate = share * margin;
    const hits = events === 0 ? 0 : events * Math.log(rate / margin);
    return Math.exp(hits + (requests - events) * Math.log((1 - rate) / (1 - margin)));
  });
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}

const toJson = (tests: Tests): GuardEvidence['tests'] => ({ event: { ...tests.event }, mean: { ...tests.mean } });

const fromJson = (evidence: GuardEvidence): Tests => evidence.tests as unknown as Tests;
