import { requireCount, requireOpenUnit, requirePositive } from './argument.ts';

/** Multiples of the tolerated ratio that the harm test bets on. */
const HARM_MULTIPLES: readonly number[] = [1.1, 1.25, 1.5, 2, 3, 5, 10];

/** Ratios that the no-worse test bets on; those not below `r1` carry no bet against it and are left out. */
const FINE_RATIOS: readonly number[] = [1.25, 1, 0.8, 0.5, 0.2];

/** The sums of an event test, plain JSON. States with equal `r0` and `r1` merge exactly by addition. */
export interface EventTest {
  /** Harm is a rate of events more than `r0` times stable's. */
  readonly r0: number;
  /** Fine is a rate of events proven to be less than `r1` times stable's. */
  readonly r1: number;
  readonly candidateEvents: number;
  readonly stableEvents: number;
  /** One log likelihood ratio per ratio that is bet on. */
  readonly harm: readonly number[];
  readonly noWorse: readonly number[];
}

export interface EventBatch {
  /** Bad events that fell on each arm while the candidate was routed to with probability `weight`. */
  readonly candidate: number;
  readonly stable: number;
  readonly weight: number;
}

/** Evidence against a hypothesis: `e` ≥ 1/alpha proves it wrong at level alpha at any look; p = min(1, 1/e). */
export interface Evidence {
  readonly e: number;
  readonly logE: number;
  readonly p: number;
}

export function createEventTest(options: { readonly r0?: number; readonly r1?: number } = {}): EventTest {
  const { r0 = 1, r1 = 1.5 } = options;
  requirePositive(r0, 'r0');
  requirePositive(r1, 'r1');
  const ratios = fineRatios(r1);
  if (ratios.length === 0) throw new RangeError(`r1 must be more than 0.2, the least ratio that is bet on, got ${r1}.`);
  return { r0, r1, candidateEvents: 0, stableEvents: 0, harm: HARM_MULTIPLES.map(() => 0), noWorse: ratios.map(() => 0) };
}

function fineRatios(r1: number): readonly number[] {
  return FINE_RATIOS.filter((ratio) => ratio < r1);
}

/** ln of the likelihood ratio of `candidate` and `stable` events under the ratio `bet` against the ratio `base`. */
function logRatio(bet: number, base: number, batch: EventBatch): number {
  const odds = 1 - batch.weight;
  const spread = Math.log((batch.weight * base + odds) / (batch.weight * bet + odds));
  return batch.candidate * (Math.log(bet / base) + spread) + batch.stable * spread;
}

/**
 * Takes events that happened under one weight. Given that a bad event happened, under a rate ratio ρ it fell on the
 * candidate with probability wρ/(wρ + 1 − w), w the weight at the moment of routing: a bet against a known coin, whatever
 * the error rate is and however it moves (Lindon & Malek, NeurIPS 2022, arXiv 2011.03567). Exact, no minimum sample.
 */
export function addEvents(state: EventTest, batch: EventBatch): EventTest {
  requireCount(batch.candidate, 'candidate');
  requireCount(batch.stable, 'stable');
  requireOpenUnit(batch.weight, 'weight');
  const ratios = fineRatios(state.r1);
  return {
    ...state,
    candidateEvents: state.candidateEvents + batch.candidate,
    stableEvents: state.stableEvents + batch.stable,
    harm: state.harm.map((sum, k) => sum + logRatio((HARM_MULTIPLES[k] as number) * state.r0, state.r0, batch)),
    noWorse: state.noWorse.map((sum, k) => sum + logRatio(ratios[k] as number, state.r1, batch)),
  };
}

/** Takes one event that fell on the candidate or on stable. */
export function addEvent(state: EventTest, event: { readonly candidate: boolean; readonly weight: number }): EventTest {
  return addEvents(state, { candidate: event.candidate ? 1 : 0, stable: event.candidate ? 0 : 1, weight: event.weight });
}

export function mergeEventTests(a: EventTest, b: EventTest): EventTest {
  if (a.r0 !== b.r0 || a.r1 !== b.r1) {
    throw new RangeError(`Only tests of one hypothesis merge: r0 ${a.r0} and ${b.r0}, r1 ${a.r1} and ${b.r1}.`);
  }
  return {
    ...a,
    candidateEvents: a.candidateEvents + b.candidateEvents,
    stableEvents: a.stableEvents + b.stableEvents,
    harm: a.harm.map((sum, k) => sum + (b.harm[k] as number)),
    noWorse: a.noWorse.map((sum, k) => sum + (b.noWorse[k] as number)),
  };
}

/** The mean of the bets, in logs so that ten thousand events do not overflow. */
function evidence(sums: readonly number[]): Evidence {
  const top = Math.max(...sums);
  const logE = top + Math.log(sums.reduce((total, sum) => total + Math.exp(sum - top), 0) / sums.length);
  return { e: Math.exp(logE), logE, p: Math.min(1, Math.exp(-logE)) };
}

/** Evidence that the candidate's rate of events is more than r0 times stable's: roll back at e ≥ 1/alpha. */
export function harmEvidence(state: EventTest): Evidence {
  return evidence(state.harm);
}

/** Evidence that it is less than r1 times stable's: fine at e ≥ 1/alpha. */
export function noWorseEvidence(state: EventTest): Evidence {
  return evidence(state.noWorse);
}
